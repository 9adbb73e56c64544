package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CsvReaderTest {
    private static List<String> read(String text) throws IOException {
        CsvReader csv = new CsvReader(new StringReader(text), "keys.csv");
        List<String> records = new ArrayList<>();
        for (List<String> record = csv.next(); record != null; record = csv.next()) {
            records.add(csv.line() + ":" + String.join("|", record));
        }
        return records;
    }

    @Test
    void recordsEndWithTheirLineAndCellsWithAComma() throws IOException {
        assertThat(read("a,b\n1,2\r\n\n,\n3, 4 ")).containsExactly("1:a|b", "2:1|2", "4:|", "5:3| 4 ");
        assertThat(read("")).isEmpty();
        assertThat(read("\r\n\n")).isEmpty();
    }

    @Test
    void quotationMarksHoldCommasLinesAndQuotationMarks() throws IOException {
        assertThat(read("\"a,b\",\"say \"\"hi\"\"\",\"\"\n\"two\nlines\",x\nlast,y"))
                .containsExactly("1:a,b|say \"hi\"|", "2:two\nlines|x", "4:last|y");
        assertThat(read("a \"quoted\" word,b")).containsExactly("1:a \"quoted\" word|b");
    }

    @Test
    void whatIsNotCsvIsRefusedWithItsLine() {
        assertThatThrownBy(() -> read("a,b\n\"open,b\nc"))
                .hasMessageContaining("the record on line 2 ends inside quotation marks");
        assertThatThrownBy(() -> read("a\n\"x\"y,b")).hasMessageContaining("has text after a closing quotation mark");
        assertThatThrownBy(() -> read("a\n\"" + "x".repeat(70_000)))
                .hasMessageContaining("line 2 is longer than 65536 characters");
    }
}
