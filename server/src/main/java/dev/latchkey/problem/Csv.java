package dev.latchkey.problem;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A table for spreadsheets (RFC 4180), in which no text is read as a formula. */
public final class Csv {
    /** Tells a spreadsheet that the file is UTF-8. */
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    /** What a formula can begin with; the last four are the full-width forms of the first four. */
    private static final String FORMULA = "=+-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20";

    private final StringBuilder text = new StringBuilder(BYTE_ORDER_MARK);

    /** A table without rows; the headings are words without commas. */
    public Csv(String... headings) {
        text.append(String.join(",", headings)).append("\r\n");
    }

    /** Adds a row; a cell for null is empty. */
    public void row(@Nullable Object... cells) {
        text.append(Arrays.stream(cells).map(Csv::cell).collect(Collectors.joining(",")))
                .append("\r\n");
    }

    /** The whole file. */
    public byte[] bytes() {
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String cell(@Nullable Object value) {
        String cell = value == null ? "" : value.toString();
        String stripped = cell.strip();
        boolean formula =
                !cell.isEmpty() && FORMULA.indexOf(stripped.isEmpty() ? cell.charAt(0) : stripped.charAt(0)) >= 0;
        return '"' + (formula ? "'" : "") + cell.replace("\"", "\"\"") + '"';
    }
}
