package dev.latchkey.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
        assertThat(trie.methods("/a/b")).containsExactly("GET", "POST");
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
    void aTrieInUseCannotChange() {
        PathTrie.Builder<String> builder = PathTrie.builder();
        PathTrie<String> trie = builder.build();
        assertThatThrownBy(() -> builder.add("GET", PathTemplate.parse("/a"), "late"))
                .isInstanceOf(IllegalStateException.class);
        assertThat(trie.match("GET", "/a")).isNull();
    }

    @Test
    void parametersAreHandedOutAsTheyStandInThePath() {
        PathTrie.Match<String> match = trie("GET /{a}/x/{b}/{rest...}").match("GET", "/ä b/x/1/y/z");
        assertThat(match).isNotNull();
        assertThat(match.parameters()).isEqualTo(Map.of("a", "ä b", "b", "1", "rest", "y/z"));
    }
}
