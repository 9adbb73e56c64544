package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.database.TestEngine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Nothing that people read uses a turn of phrase from words-to-avoid.txt: see "Plain English" in CONTRIBUTING.md. */
class PlainEnglishTest {
    private static final Path PROJECT = Path.of("..");
    private static final Path CONSOLE = PROJECT.resolve("server/src/main/resources/dev/latchkey/console/assets");
    private static final List<Rule> RULES = rules();

    /** A turn of phrase, and what to write instead. */
    private record Rule(Pattern phrase, String instead) {}

    @Test
    void everyRuleSaysWhatToWriteInstead() {
        assertThat(RULES)
                .hasSizeGreaterThan(60)
                .allSatisfy(rule -> assertThat(rule.instead()).isNotBlank());
        assertThat(RULES).extracting(rule -> rule.phrase().pattern()).doesNotHaveDuplicates();
    }

    @Test
    void messagesAndCommentsOfTheSourcesArePlain() {
        for (String module : List.of("server", "verifier", "bench")) {
            assertPlain(PROJECT.resolve(module).resolve("src/main/java"), ".java", Prose::ofJava);
        }
    }

    @Test
    void pagesArePlain() {
        assertPlain(PROJECT.resolve("server/src/main/jte"), ".jte", Prose::ofAll);
        assertPlain(CONSOLE, ".js", Prose::ofAll);
        assertPlain(CONSOLE, ".css", Prose::ofCss);
    }

    @Test
    void documentsArePlain() {
        for (String document : List.of("README.md", "CHANGELOG.md", "SECURITY.md", "NOTICE", "verifier/README.md")) {
            assertPlain(PROJECT.resolve(document), "", Prose::ofAll);
        }
        assertPlain(PROJECT.resolve("docs"), ".md", Prose::ofAll);
        assertPlain(PROJECT.resolve("CONTRIBUTING.md"), "", PlainEnglishTest::exceptForExamples);
    }

    @Test
    void scriptsAndWhatGatewaysAreGivenArePlain() {
        assertPlain(PROJECT.resolve("deploy"), "", Prose::ofAll);
        for (String script :
                List.of("latchkey", "bench/run", "bench/load", "bench/inner", "bench/chaos", "bench/jdk")) {
            assertPlain(PROJECT.resolve(script), "", Prose::ofAll);
        }
    }

    @Test
    void theServedOpenApiDocumentIsPlain() {
        List<String> found = new ArrayList<>();
        try (RunningServer server = RunningServer.start(TestEngine.SQLITE)) {
            search("", server.get("/api/openapi.json").json(), found);
        }
        assertThat(found).isEmpty();
    }

    @Test
    void thePhraseIsFoundInEveryKindOfText() {
        assertThat(found(Prose.ofJava("/** For whoever asks. */"))).containsExactly("1: anyone who");
        assertThat(found(Prose.ofJava("int a = 1;\n// It is done once\n// more.\n")))
                .containsExactly("2: again");
        assertThat(found(Prose.ofJava("/**\n * It is done once\n * more.\n */\n")))
                .containsExactly("2: again");
        assertThat(found(Prose.ofJava("char c = '\"';\nString a = \"Nobody\";")))
                .containsExactly("2: no one");
        assertThat(found(Prose.ofJava("f(\"Ask once \"\n    + \"more.\");"))).containsExactly("1: again");
        assertThat(found(Prose.ofJava("f(\"\"\"\n    First.\\nNobody\n    asks once\n    more.\"\"\");")))
                .containsExactlyInAnyOrder("2: no one", "3: again");
        assertThat(found(Prose.ofCss("/* Once\n   more. */ .whoever {}"))).containsExactly("1: again");
        assertThat(found(Prose.ofAll("First.\n\nIt is done once\nmore by whoever\nasks.")))
                .containsExactlyInAnyOrder("3: again", "4: anyone who");
        assertThat(found(exceptForExamples("Not \"whoever\nasks\". But whoever")))
                .containsExactly("2: anyone who");
    }

    @Test
    void codeAndTwoParagraphsAreNoPhrase() {
        assertThat(found(Prose.ofJava("int nobody = whoever(\"a\", \"b\"); // as usual\nint somebody;")))
                .isEmpty();
        assertThat(found(Prose.ofAll("It is done once\n\nmore than that"))).isEmpty();
        assertThat(found(Prose.ofCss(".whoever {}"))).isEmpty();
    }

    /** The findings in the texts: line, and the first of what to write instead. */
    private static List<String> found(List<Prose> texts) {
        List<String> found = new ArrayList<>();
        for (Prose text : texts) {
            for (Rule rule : RULES) {
                String instead = rule.instead().split(";", 2)[0];
                text.find(rule.phrase(), place -> found.add(place.replaceFirst(":.*", ": ") + instead));
            }
        }
        return found;
    }

    private static void assertPlain(Path root, String ending, Function<String, List<Prose>> texts) {
        List<String> found = new ArrayList<>();
        int searched = 0;
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile)
                    .filter(file -> file.toString().endsWith(ending))
                    .toList()) {
                searched++;
                search(PROJECT.relativize(file).toString(), texts.apply(Files.readString(file)), found);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertThat(searched).as("files below %s", root).isPositive();
        assertThat(found).isEmpty();
    }

    private static void search(String name, List<Prose> texts, List<String> found) {
        for (Prose text : texts) {
            for (Rule rule : RULES) {
                text.find(rule.phrase(), place -> found.add(name + ":" + place + " -> " + rule.instead()));
            }
        }
    }

    private static void search(String pointer, JsonNode node, List<String> found) {
        if (node.isString()) {
            search(pointer, Prose.ofAll(node.asString()), found);
        }
        for (Map.Entry<String, JsonNode> member : node.properties()) {
            search(pointer + "/" + member.getKey(), member.getValue(), found);
        }
        if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                search(pointer + "/" + i, node.get(i), found);
            }
        }
    }

    /** The style guide quotes what it advises against, so text in quotation marks is exempt there. */
    private static List<Prose> exceptForExamples(String document) {
        return Prose.ofAll(Pattern.compile("\"[^\"]*\"")
                .matcher(document)
                .replaceAll(quote -> "\"" + quote.group().replaceAll("[^\n]", "") + "\""));
    }

    private static List<Rule> rules() {
        try (Stream<String> lines = Files.lines(Path.of("src/test/resources/words-to-avoid.txt"))) {
            return lines.filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(line -> line.split(" => ", 2))
                    .map(rule -> new Rule(Pattern.compile(rule[0], Pattern.CASE_INSENSITIVE), rule[1]))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
