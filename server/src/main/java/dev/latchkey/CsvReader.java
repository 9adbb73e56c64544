package dev.latchkey;

import dev.latchkey.client.FailedCallException;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads CSV (RFC 4180) record by record, however long the file is. A cell in quotation marks may have several lines. */
final class CsvReader {
    private static final int LONGEST_RECORD = 64 * 1024;

    private final Reader in;
    private final String name;
    private long line = 1;
    private long first = 1;

    /**
     * @param in buffered
     * @param name what it reads, for errors
     */
    CsvReader(Reader in, String name) {
        this.in = in;
        this.name = name;
    }

    /** The line on which the last record begins, from 1. */
    long line() {
        return first;
    }

    /**
     * The cells of the next record; null at the end. Empty lines are skipped.
     *
     * @throws FailedCallException when the text is not CSV
     */
    @Nullable List<String> next() throws IOException {
        int read = in.read();
        while (read == '\n' || read == '\r') {
            line += read == '\n' ? 1 : 0;
            read = in.read();
        }
        return read < 0 ? null : record(read);
    }

    private List<String> record(int begun) throws IOException {
        first = line;
        List<String> cells = new ArrayList<>();
        StringBuilder cell = new StringBuilder();
        boolean quoted = false;
        boolean closed = false;
        int length = 0;
        for (int read = begun; ; read = in.read()) {
            if (++length > LONGEST_RECORD) {
                throw malformed("is longer than " + LONGEST_RECORD + " characters. Is a quotation mark missing?");
            }
            if (quoted) {
                if (read < 0) {
                    throw malformed("ends inside quotation marks.");
                }
                if (read == '"') {
                    quoted = false;
                    closed = true;
                } else {
                    line += read == '\n' ? 1 : 0;
                    cell.append((char) read);
                }
            } else if (read == '"' && closed) {
                // Two in a row stand for one.
                cell.append('"');
                quoted = true;
                closed = false;
            } else if (read == '"' && cell.isEmpty()) {
                quoted = true;
            } else if (read == ',' || read == '\n' || read < 0) {
                cells.add(cell.toString());
                cell.setLength(0);
                closed = false;
                if (read != ',') {
                    line += read == '\n' ? 1 : 0;
                    return cells;
                }
            } else if (closed && read != '\r') {
                throw malformed("has text after a closing quotation mark.");
            } else if (read != '\r') {
                cell.append((char) read);
            }
        }
    }

    private FailedCallException malformed(String what) {
        return FailedCallException.impossible(name + " cannot be read: the record on line " + first + " " + what);
    }
}
