package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** All commands that the documents and the demo show work in every shell. */
class PastedTextTest {
    private static final Path PROJECT = Path.of("..");
    private static final Pattern BLOCK = Pattern.compile("```(?:sh|bash|zsh|shell)\\n(.*?)```", Pattern.DOTALL);

    @Test
    void theRulesFindWhatAShellWouldTripOver() {
        assertThat(PastedText.faults("./latchkey   # builds on first use")).hasSize(1);
        assertThat(PastedText.faults("# the report's token\ncurl http://localhost/"))
                .hasSize(2);
        assertThat(PastedText.faults("curl http://localhost/events?operation=x"))
                .hasSize(1);
        assertThat(PastedText.faults("echo \"done!\"")).hasSize(1);
        assertThat(PastedText.faults("curl -d resource=<its audience>")).hasSize(1);
        assertThat(PastedText.faults(
                        "curl -u \"$ID:$SECRET\" 'http://x/?a=1#b' -d '{\"a\": [1]}' \\\n  | sed \"s/#/$?/\""))
                .isEmpty();
    }

    @Test
    void everyCommandInTheDocumentsAndInTheDemoObeysThem() throws Exception {
        List<String> texts = texts();
        assertThat(texts).hasSizeGreaterThan(20);
        for (String text : texts) {
            assertThat(PastedText.faults(text)).isEmpty();
        }
        String all = String.join("\n", texts);
        for (String shell : PastedText.shells()) {
            assertThat(PastedText.canRead(shell, all)).as(shell).isTrue();
        }
    }

    private static List<String> texts() throws IOException {
        try (Stream<Path> files = Stream.of("", "docs", "deploy", "verifier", "bench")
                .map(PROJECT::resolve)
                .flatMap(PastedTextTest::documents)) {
            return Stream.concat(
                            files.flatMap(PastedTextTest::blocks),
                            Stream.of(Demo.TEXT.substring(Demo.TEXT.indexOf("echo '1."))))
                    .toList();
        }
    }

    private static Stream<Path> documents(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".md")).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<String> blocks(Path document) {
        try {
            return BLOCK.matcher(Files.readString(document)).results().map(block -> block.group(1)).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
