package dev.latchkey.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What all templates of the console hold to. */
class TemplatesTest {
    private static final Path TEMPLATES = Path.of("src/main/jte");
    private static final int LONGEST_LINE = 160;

    private static List<Path> templates() {
        try (Stream<Path> files = Files.walk(TEMPLATES)) {
            List<Path> templates =
                    files.filter(file -> file.toString().endsWith(".jte")).toList();
            assertThat(templates).hasSizeGreaterThan(100);
            return templates;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> linesThat(Predicate<String> wanted) {
        return templates().stream().flatMap(file -> linesThat(file, wanted)).toList();
    }

    private static Stream<String> linesThat(Path file, Predicate<String> wanted) {
        List<String> lines = lines(file);
        return IntStream.range(0, lines.size())
                .filter(i -> wanted.test(lines.get(i)))
                .mapToObj(i -> TEMPLATES.relativize(file) + ":" + (i + 1) + " " + lines.get(i));
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void noLineIsTooLongToRead() {
        assertThat(linesThat(line -> line.length() > LONGEST_LINE)).isEmpty();
    }

    /** {@link Links} builds the addresses that have a query string, so that they are encoded and agree with their pages. */
    @Test
    void addressesWithAQueryComeFromTheAddressBook() {
        Pattern query = Pattern.compile("(href|action|hx-get|hx-post)=\"[^\"]*\\?[a-zA-Z]+=");
        assertThat(linesThat(query.asPredicate())).isEmpty();
    }

    @Test
    void everyTagIsUsed() {
        String all = String.join(
                "\n", templates().stream().flatMap(file -> lines(file).stream()).toList());
        assertThat(templates().stream()
                        .map(TEMPLATES::relativize)
                        .filter(file -> file.startsWith("tag"))
                        .map(file -> file.toString().replace('/', '.').replace(".jte", ""))
                        .filter(name -> !all.contains("@template." + name + "(")))
                .isEmpty();
    }
}
