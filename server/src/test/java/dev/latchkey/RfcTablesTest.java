package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The tables of docs/rfc say what is true: what they name is there, and no rule is left without an answer. */
class RfcTablesTest {
    private static final Path TABLES = Path.of("../docs/rfc");
    private static final List<String> RFCS = List.of(
            "6749", "6750", "7009", "7523", "7662", "8414", "8693", "8705", "8707", "9068", "9449", "9701", "9728");
    private static final List<String> LEVELS = List.of("MUST", "SHOULD", "MAY", "MUST, SHOULD");
    private static final Pattern TEST = Pattern.compile("`(\\w+Test)\\.(\\w+)`");
    private static final Pattern NAME = Pattern.compile("`([^`]+)`");

    private final Map<String, String> tests = sources(Path.of("src/test/java"));

    /** A line of a table. */
    private record Row(String rfc, String section, String rule, String level, String where, String shownBy) {
        static Row of(String rfc, String line) {
            String[] cells = Arrays.stream(line.substring(1).split("\\|", -1))
                    .map(String::strip)
                    .toArray(String[]::new);
            assertThat(cells).as("RFC %s: %s", rfc, line).hasSize(6);
            return new Row(rfc, cells[0], cells[1], cells[2], cells[3], cells[4]);
        }

        @Override
        public String toString() {
            return "RFC " + rfc + " section " + section + ": " + rule;
        }
    }

    @Test
    void everyRfcHasItsTableAndIsInTheIndex() {
        String index = read(TABLES.resolve("README.md"));
        for (String rfc : RFCS) {
            assertThat(rows(rfc)).as("RFC %s", rfc).hasSizeGreaterThan(5);
            assertThat(index).contains("[" + rfc + "](rfc" + rfc + ".md)");
        }
        try (Stream<Path> files = Files.list(TABLES)) {
            assertThat(files).hasSize(RFCS.size() + 1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void everyRuleHasALevelAndATestOrAReason() {
        for (Row row : rows()) {
            assertThat(row.section()).as("section of %s", row).isNotEmpty();
            assertThat(row.rule()).as("rule of %s", row).isNotEmpty();
            assertThat(LEVELS).as("level of %s", row).contains(row.level());
            boolean shown = TEST.matcher(row.shownBy()).find();
            boolean reason = row.shownBy().replaceAll("`[^`]*`", "").strip().length() > 10;
            assertThat(shown || reason).as("a test or a reason for %s", row).isTrue();
            assertThat(!row.where().isEmpty() || reason)
                    .as("a place or a reason for %s", row)
                    .isTrue();
        }
    }

    @Test
    void everyTestThatIsNamedIsThere() {
        List<String> missing = new ArrayList<>();
        int found = 0;
        for (Row row : rows()) {
            Matcher names = TEST.matcher(row.shownBy());
            while (names.find()) {
                String source = tests.getOrDefault(names.group(1), "");
                if (isTest(source, names.group(2))) {
                    found++;
                } else {
                    missing.add(names.group());
                }
            }
        }
        assertThat(missing).isEmpty();
        assertThat(found).isGreaterThan(150);
    }

    /** Whether it is a method that JUnit runs, not a word in a comment. */
    private static boolean isTest(String source, String method) {
        return Pattern.compile(
                        "@(?:Test|ParameterizedTest|Property)\\b(?:(?!\\n    }\\n).)*? void " + method + "\\(",
                        Pattern.DOTALL)
                .matcher(source)
                .find();
    }

    @Test
    void everyPlaceThatIsNamedIsThere() {
        Path sources = Path.of("src/main/java/dev/latchkey");
        List<String> missing = new ArrayList<>();
        for (Row row : rows()) {
            Matcher names = NAME.matcher(row.where());
            while (names.find()) {
                List<String> parts = List.of(names.group(1).split("\\."));
                Optional<String> method = Optional.of(parts.getLast())
                        .filter(last -> parts.size() > 1 && Character.isLowerCase(last.charAt(0)));
                List<String> type = method.isPresent() ? parts.subList(0, parts.size() - 1) : parts;
                Path file = sources.resolve(String.join("/", type) + ".java");
                if (!Files.exists(file)
                        || method.isPresent() && !read(file).contains(" " + method.orElseThrow() + "(")) {
                    missing.add(names.group(1));
                }
            }
        }
        assertThat(missing).isEmpty();
    }

    private static List<Row> rows() {
        return RFCS.stream().flatMap(rfc -> rows(rfc).stream()).toList();
    }

    private static List<Row> rows(String rfc) {
        return read(TABLES.resolve("rfc" + rfc + ".md"))
                .lines()
                .filter(line -> line.startsWith("|"))
                .filter(line -> !line.startsWith("| section ") && !line.startsWith("| --- "))
                .map(line -> Row.of(rfc, line))
                .toList();
    }

    private static Map<String, String> sources(Path root) {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.toString().endsWith("Test.java"))
                    .collect(Collectors.toMap(
                            file -> file.getFileName().toString().replace(".java", ""),
                            RfcTablesTest::read,
                            String::concat));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
