package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the tests of all modules hold to, because it is easily forgotten: see CONTRIBUTING.md. */
class TestTreeTest {
    private static final List<Path> TREES = Stream.of("server", "verifier", "bench")
            .map(module -> Path.of("..", module, "src/test/java"))
            .toList();

    private static List<String> linesWith(String pattern, Set<String> exceptIn) throws IOException {
        Pattern wanted = Pattern.compile(pattern);
        List<String> found = new ArrayList<>();
        for (Path tree : TREES) {
            try (Stream<Path> files = Files.walk(tree)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    String name = file.getFileName().toString();
                    if (!exceptIn.contains(name) && !name.equals("TestTreeTest.java")) {
                        Files.readAllLines(file).stream()
                                .filter(line -> wanted.matcher(line).find())
                                .forEach(line -> found.add(name + ": " + line.strip()));
                    }
                }
            }
        }
        return found;
    }

    @Test
    void testsWaitInOnePlaceAndForSomethingThatHappens() throws IOException {
        // SteadyTest plays a server that hangs.
        assertThat(linesWith("Thread\\.sleep\\(|\\.parkNanos\\(", Set.of("Waiting.java", "SteadyTest.java")))
                .isEmpty();
    }

    @Test
    void whatTestsLeaveOnTheDiskLiesWhereItIsRemoved() throws IOException {
        assertThat(linesWith("createTemp(Directory|File)\\(\"|deleteOnExit", Set.of()))
                .isEmpty();
    }

    @Test
    void noPortIsRequestedThatAnotherConnectionMayGetFirst() throws IOException {
        assertThat(linesWith("ServerSocket\\(0\\)\\) \\{", Set.of("SteadyTest.java")))
                .isEmpty();
    }

    @Test
    void whatTheMachineMustHaveIsAskedForInOnePlace() throws IOException {
        assertThat(linesWith("getenv\\(\"LATCHKEY_TEST_BROWSER\"\\)", Set.of("Needs.java")))
                .isEmpty();
    }
}
