package dev.latchkey.path;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PathTrieTest {
    private static PathTrie<String> trie(String... templates) {
        PathTrie.Builder<String> builder = PathTrie.builder();
        for (String template : templates) {
            String[] parts = template.split(" ");
            builder.add(parts[0], PathTemplate.parse(parts[1]), parts[1]);
        }
        return builder.build();
    }

    private static String found(PathTrie<String> trie, String method, String path) {
        PathTrie.Match<String> match = trie.match(method, path);
        return match == null ? "nothing" : match.value() + " " + match.parameters();
    }

    @Test
    void aLiteralGoesBeforeAParameterAndThatBeforeTheRest() {
        PathTrie<String> trie = trie("GET /a/{rest...}", "GET /a/{x}", "GET /a/b");
        assertThat(found(trie, "GET", "/a/b")).isEqualTo("/a/b {}");
        assertThat(found(trie, "GET", "/a/c")).isEqualTo("/a/{x} {x=c}");
        assertThat(found(trie, "GET", "/a/b/c")).isEqualTo("/a/{rest...} {rest=b/c}");
    }

    @Test
    void aWayThatLeadsNowhereIsGoneBack() {
        PathTrie<String> trie = trie("GET /a/{x}/c", "GET /a/b/{y}", "GET /{z}/b/d/e");
        assertThat(found(trie, "GET", "/a/b/c")).isEqualTo("/a/b/{y} {y=c}");
        assertThat(found(trie, "GET", "/a/q/c")).isEqualTo("/a/{x}/c {x=q}");
        assertThat(found(trie, "GET", "/a/b/d/e")).isEqualTo("/{z}/b/d/e {z=a}");
    }

    @Test
    void aTemplateWithoutTheMethodDoesNotHideOneThatHasIt() {
        PathTrie<String> trie = trie("GET /a/b", "POST /a/{x}");
        assertThat(found(trie, "POST", "/a/b")).isEqualTo("/a/{x} {x=b}");
        assertThat(trie.methods("/a/b")).containsExactly("GET", "HEAD", "POST");
        assertThat(trie.methods("/a/c")).containsExactly("POST");
        assertThat(trie.methods("/b")).isEmpty();
    }

    @Test
    void oneTemplateCanNameItsParametersDifferentlyForEachMethod() {
        PathTrie<String> trie = trie("GET /a/{id}", "PUT /a/{name}");
        assertThat(found(trie, "GET", "/a/1")).isEqualTo("/a/{id} {id=1}");
        assertThat(found(trie, "PUT", "/a/1")).isEqualTo("/a/{name} {name=1}");
    }

    @Test
    void aParameterIsNeverEmpty() {
        PathTrie<String> trie = trie("GET /a/{x}", "GET /b/{rest...}", "GET /c/");
        assertThat(found(trie, "GET", "/a/")).isEqualTo("nothing");
        assertThat(found(trie, "GET", "/a")).isEqualTo("nothing");
        assertThat(found(trie, "GET", "/b/")).isEqualTo("nothing");
        assertThat(found(trie, "GET", "/b")).isEqualTo("nothing");
        assertThat(found(trie, "GET", "/c/")).isEqualTo("/c/ {}");
        assertThat(found(trie, "GET", "/c")).isEqualTo("nothing");
    }

    @Test
    void theRootIsAPathToo() {
        assertThat(found(trie("GET /"), "GET", "/")).isEqualTo("/ {}");
        assertThat(found(trie("GET /a"), "GET", "/")).isEqualTo("nothing");
    }

    @Test
    void twoTemplatesForTheSameRequestsAreRefused() {
        PathTrie.Builder<String> builder = PathTrie.<String>builder().add("GET", PathTemplate.parse("/a/{x}"), "first");
        assertThatThrownBy(() -> builder.add("GET", PathTemplate.parse("/a/{y}"), "second"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Two endpoints match the same requests: GET /a/{y}.");
        builder.add("PUT", PathTemplate.parse("/a/{y}"), "third");
    }

    @Test
    void parametersAreHandedOutAsTheyStandInThePath() {
        PathTrie.Match<String> match = trie("GET /{a}/x/{b}/{rest...}").match("GET", "/ä b/x/1/y/z");
        assertThat(match).isNotNull();
        assertThat(match.parameters()).isEqualTo(Map.of("a", "ä b", "b", "1", "rest", "y/z"));
    }

    @Test
    void aMixedSegmentGoesAfterALiteralAndBeforeAParameter() {
        PathTrie<String> trie =
                trie("GET /c/{x}", "GET /c/{x}.json", "GET /c/{x}.min.json", "GET /c/all.json", "GET /{a}:{b}.{c}");
        assertThat(found(trie, "GET", "/c/1")).isEqualTo("/c/{x} {x=1}");
        assertThat(found(trie, "GET", "/c/1.json")).isEqualTo("/c/{x}.json {x=1}");
        assertThat(found(trie, "GET", "/c/1.min.json")).isEqualTo("/c/{x}.min.json {x=1}");
        assertThat(found(trie, "GET", "/c/all.json")).isEqualTo("/c/all.json {}");
        assertThat(found(trie, "GET", "/c/.json")).isEqualTo("/c/{x} {x=.json}");
        assertThat(found(trie, "GET", "/1:2.3.4")).isEqualTo("/{a}:{b}.{c} {a=1, b=2, c=3.4}");
        assertThat(found(trie, "GET", "/:2.3")).isEqualTo("nothing");
        assertThat(found(trie, "GET", "/1:.3")).isEqualTo("nothing");
    }

    @Test
    void headGoesWhereGetDoesUnlessItHasATemplateOfItsOwn() {
        PathTrie<String> trie = trie("GET /a", "GET /b/{x}", "HEAD /b/{x...}", "POST /c");
        assertThat(found(trie, "HEAD", "/a")).isEqualTo("/a {}");
        assertThat(found(trie, "HEAD", "/b/1")).isEqualTo("/b/{x} {x=1}");
        assertThat(found(trie, "HEAD", "/b/1/2")).isEqualTo("/b/{x...} {x=1/2}");
        assertThat(found(trie, "HEAD", "/c")).isEqualTo("nothing");
    }

    /** A server that ignores case or a last slash would run the stricter endpoint for what looks like the weaker one. */
    @Test
    void aPathThatDiffersFromABetterTemplateInCaseOrALastSlashOnlyMatchesNothing() {
        PathTrie<String> trie =
                trie("GET /admin", "GET /slash/", "GET /a/{x}.json", "GET /{x}", "GET /a/{x}", "GET /{x...}");
        for (String path : List.of("/Admin", "/ADMIN", "/admin/", "/slash", "/Slash/", "/a/1.JSON", "/A/1", "/a/1/")) {
            assertThat(found(trie, "GET", path)).as(path).isEqualTo("nothing");
            assertThat(trie.findLoosely("GET", path)).as(path).isNotNull();
        }
        assertThat(trie.findLoosely("GET", "/Admin")).isEqualTo("/admin");
        assertThat(found(trie, "GET", "/administrator")).isEqualTo("/{x} {x=administrator}");
        assertThat(found(trie, "GET", "/admin/x")).isEqualTo("/{x...} {x=admin/x}");
        // The Kelvin sign is a k in lower case.
        assertThat(found(trie("GET /key", "GET /{x}"), "GET", "/\u212Aey")).isEqualTo("nothing");
    }

    @Test
    void whoDeclaresTwoSpellingsGetsBoth() {
        PathTrie<String> trie = trie("GET /a", "GET /A", "GET /b", "GET /b/");
        assertThat(found(trie, "GET", "/a")).isEqualTo("/a {}");
        assertThat(found(trie, "GET", "/A")).isEqualTo("/A {}");
        assertThat(found(trie, "GET", "/b")).isEqualTo("/b {}");
        assertThat(found(trie, "GET", "/b/")).isEqualTo("/b/ {}");
    }

    @Test
    void findingAllocatesNothing() {
        PathTrie.Builder<String> builder = PathTrie.builder();
        for (int i = 0; i < 1_000; i++) {
            builder.add("GET", PathTemplate.parse("/group" + i % 50 + "/things" + i + "/{id}"), "value");
        }
        PathTrie<String> trie = builder.build();
        var threads = (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
        for (int round = 0; round < 2; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 10_000; i++) {
                assertThatFound(trie.find("GET", "/group7/things57/4711"));
            }
            if (round == 1) {
                assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(10_000);
            }
        }
    }

    private static void assertThatFound(Object value) {
        if (value == null) {
            throw new AssertionError("not found");
        }
    }
}
