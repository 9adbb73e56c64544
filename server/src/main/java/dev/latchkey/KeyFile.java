package dev.latchkey;

import dev.latchkey.client.FailedCallException;
import dev.latchkey.database.Reason;
import dev.latchkey.problem.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A file with API keys, as CSV with a heading or as JSON lines, read row by row from the beginning to the end. */
final class KeyFile implements AutoCloseable {
    /** What a row can say, by the names of columns and members. */
    static final List<String> COLUMNS = List.of(
            "key", "hash", "description", "id", "owner", "role", "created", "last_used", "expires", "addresses");

    private static final int LONGEST_LINE = 64 * 1024;
    private static final int BYTE_ORDER_MARK = 0xFEFF;

    private final Path file;
    private final BufferedReader in;
    private final CsvReader csv;

    /** The columns of a CSV file; empty for JSON lines. */
    private final List<String> heading;

    private long line;

    private KeyFile(Path file, BufferedReader in) throws IOException {
        this.file = file;
        this.in = in;
        this.csv = new CsvReader(in, file.toString());
        skipByteOrderMark();
        this.heading = isJson() ? List.of() : heading();
    }

    /**
     * One key.
     *
     * @param line where it is in the file, from 1
     * @param cells what the row says, by {@link #COLUMNS}, without empty cells
     * @param wrong why the row cannot be read; null when it can
     */
    record Row(
            long line, Map<String, String> cells, @Nullable String wrong) {
        private static Row unreadable(long line, String why) {
            return new Row(line, Map.of(), why);
        }

        /** Without the cells, one of which may be a key. */
        @Override
        public String toString() {
            return "Row[" + line + "]";
        }
    }

    /** @throws FailedCallException when the file cannot be read, or has a column that no key can have */
    static KeyFile open(Path file) {
        BufferedReader in = null;
        try {
            in = Files.newBufferedReader(file, StandardCharsets.UTF_8);
            return new KeyFile(file, in);
        } catch (IOException | FailedCallException e) {
            close(in);
            throw e instanceof FailedCallException failed ? failed : unreadable(file, (IOException) e);
        }
    }

    private static void close(@Nullable BufferedReader in) {
        if (in != null) {
            try {
                in.close();
            } catch (IOException e) {
                // It was only read.
            }
        }
    }

    private static FailedCallException unreadable(Path file, IOException e) {
        return FailedCallException.impossible("The file " + file + " cannot be read ("
                + (e instanceof CharacterCodingException ? "it is not UTF-8" : Reason.ofFile(e)) + ").");
    }

    private int peek() throws IOException {
        in.mark(1);
        int c = in.read();
        in.reset();
        return c;
    }

    private void skipByteOrderMark() throws IOException {
        if (peek() == BYTE_ORDER_MARK) {
            in.read();
        }
    }

    private boolean isJson() throws IOException {
        return peek() == '{';
    }

    private List<String> heading() throws IOException {
        List<String> names = csv.next();
        if (names == null) {
            throw FailedCallException.impossible("The file " + file + " is empty.");
        }
        List<String> stripped = names.stream().map(String::strip).toList();
        for (int i = 0; i < stripped.size(); i++) {
            if (!COLUMNS.contains(stripped.get(i))) {
                // Without its text: in a file without a heading it is a key.
                throw FailedCallException.impossible("Column " + (i + 1) + " of the file " + file
                        + " has no name that is known. Name the columns in its first line, separated by commas: "
                        + String.join(", ", COLUMNS) + ".");
            }
        }
        if (new HashSet<>(stripped).size() < stripped.size()) {
            throw FailedCallException.impossible("The file " + file + " has a column twice.");
        }
        return stripped;
    }

    /** The next row; null at the end. */
    @Nullable Row next() {
        try {
            return heading.isEmpty() ? nextLine() : nextRecord();
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private @Nullable Row nextRecord() throws IOException {
        List<String> record = csv.next();
        if (record == null) {
            return null;
        }
        if (record.size() != heading.size()) {
            return Row.unreadable(
                    csv.line(), "The row has " + record.size() + " cells, but the heading has " + heading.size() + ".");
        }
        Map<String, String> cells = new LinkedHashMap<>();
        for (int i = 0; i < record.size(); i++) {
            put(cells, heading.get(i), record.get(i));
        }
        return new Row(csv.line(), cells, null);
    }

    private static void put(Map<String, String> cells, String name, String text) {
        if (!text.isBlank()) {
            cells.put(name, text.strip());
        }
    }

    private @Nullable Row nextLine() throws IOException {
        String text = readLine();
        while (text != null && text.isBlank()) {
            text = readLine();
        }
        if (text == null) {
            return null;
        }
        Map<?, ?> members;
        try {
            members = Json.readText(text, Map.class);
        } catch (RuntimeException e) {
            // Its message quotes the line, which holds a key.
            return Row.unreadable(line, "The line is not a JSON object.");
        }
        Map<String, String> cells = new LinkedHashMap<>();
        for (Map.Entry<?, ?> member : members.entrySet()) {
            String name = String.valueOf(member.getKey());
            if (!COLUMNS.contains(name)) {
                return Row.unreadable(
                        line, "The object has an unknown member. Known are: " + String.join(", ", COLUMNS) + ".");
            }
            switch (member.getValue()) {
                case null -> {}
                case String value -> put(cells, name, value);
                case List<?> values
                when name.equals("addresses") ->
                    put(cells, name, values.stream().map(String::valueOf).collect(Collectors.joining(" ")));
                default -> {
                    return Row.unreadable(line, name + " must be a text in quotation marks.");
                }
            }
        }
        return new Row(line, cells, null);
    }

    private @Nullable String readLine() throws IOException {
        int read = in.read();
        if (read < 0) {
            return null;
        }
        line++;
        StringBuilder text = new StringBuilder();
        while (read >= 0 && read != '\n') {
            if (text.length() >= LONGEST_LINE) {
                throw FailedCallException.impossible(
                        "Line " + line + " of " + file + " is longer than " + LONGEST_LINE + " characters.");
            }
            text.append((char) read);
            read = in.read();
        }
        return text.toString();
    }

    @Override
    public void close() {
        close(in);
    }
}
