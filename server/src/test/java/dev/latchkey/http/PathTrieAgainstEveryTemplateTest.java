package dev.latchkey.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.http.PathTemplate.Segment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The trie against the plainest matcher there is: look at every template and take the best. */
class PathTrieAgainstEveryTemplateTest {
    record Endpoint(String method, PathTemplate template) {}

    @Property(tries = 3_000)
    void theTrieFindsWhatALookAtEveryTemplateFinds(
            @ForAll("endpoints") List<Endpoint> endpoints,
            @ForAll("methods") String method,
            @ForAll("paths") String path) {
        PathTrie<Endpoint> trie = trie(endpoints);
        PathTrie.Match<Endpoint> found = trie.match(method, path);

        Optional<Endpoint> best = endpoints.stream()
                .filter(endpoint -> endpoint.method().equals(method))
                .filter(endpoint -> parameters(endpoint.template(), path).isPresent())
                .min(PRECEDENCE);
        assertThat(found == null ? null : found.value()).isEqualTo(best.orElse(null));
        if (found != null) {
            assertThat(Optional.of(found.parameters()))
                    .isEqualTo(parameters(found.value().template(), path));
        }
    }

    @Property(tries = 1_000)
    void theMethodsAreThoseOfAllTemplatesThatMatch(
            @ForAll("endpoints") List<Endpoint> endpoints, @ForAll("paths") String path) {
        SortedSet<String> methods = new TreeSet<>();
        for (Endpoint endpoint : endpoints) {
            if (parameters(endpoint.template(), path).isPresent()) {
                methods.add(endpoint.method());
            }
        }
        assertThat(trie(endpoints).methods(path)).isEqualTo(methods);
    }

    @Property(tries = 1_000)
    void theOrderInWhichTemplatesAreAddedDoesNotMatter(
            @ForAll("endpoints") List<Endpoint> endpoints,
            @ForAll("methods") String method,
            @ForAll("paths") String path) {
        assertThat(trie(endpoints).match(method, path))
                .isEqualTo(trie(endpoints.reversed()).match(method, path));
    }

    private static PathTrie<Endpoint> trie(List<Endpoint> endpoints) {
        PathTrie.Builder<Endpoint> builder = PathTrie.builder();
        endpoints.forEach(endpoint -> builder.add(endpoint.method(), endpoint.template(), endpoint));
        return builder.build();
    }

    /** Segment by segment from the left: literal before parameter before rest. */
    private static final Comparator<Endpoint> PRECEDENCE = (a, b) -> Arrays.compare(ranks(a), ranks(b));

    private static int[] ranks(Endpoint endpoint) {
        return endpoint.template().segments().stream()
                .mapToInt(segment -> switch (segment) {
                    case Segment.Literal literal -> 0;
                    case Segment.Parameter parameter -> 1;
                    case Segment.Rest rest -> 2;
                })
                .toArray();
    }

    private static Optional<Map<String, String>> parameters(PathTemplate template, String path) {
        String[] parts = path.equals("/") ? new String[0] : path.substring(1).split("/", -1);
        Map<String, String> parameters = new HashMap<>();
        List<Segment> segments = template.segments();
        for (int i = 0; i < segments.size(); i++) {
            if (i >= parts.length) {
                return Optional.empty();
            }
            switch (segments.get(i)) {
                case Segment.Literal(String text) -> {
                    if (!text.equals(parts[i])) {
                        return Optional.empty();
                    }
                }
                case Segment.Parameter(String name) -> {
                    if (parts[i].isEmpty()) {
                        return Optional.empty();
                    }
                    parameters.put(name, parts[i]);
                }
                case Segment.Rest(String name) -> {
                    if (parts[i].isEmpty()) {
                        return Optional.empty();
                    }
                    parameters.put(name, String.join("/", List.of(parts).subList(i, parts.length)));
                    return Optional.of(parameters);
                }
            }
        }
        return parts.length == segments.size() ? Optional.of(parameters) : Optional.empty();
    }

    // Few words, so that templates overlap and paths often match several.

    @Provide
    Arbitrary<List<Endpoint>> endpoints() {
        Arbitrary<String> part = Arbitraries.of("a", "b", "c", "{}", "{}");
        Arbitrary<PathTemplate> template = part.list()
                .ofMaxSize(4)
                .flatMap(parts -> Arbitraries.of("", "", "/", "{rest...}").map(end -> template(parts, end)));
        return methods()
                .flatMap(method -> template.map(known -> new Endpoint(method, known)))
                .list()
                .ofMaxSize(25)
                .uniqueElements(endpoint ->
                        endpoint.method() + " " + endpoint.template().toString().replaceAll("\\{p\\d\\}", "{}"));
    }

    private static PathTemplate template(List<String> parts, String end) {
        List<String> named = new ArrayList<>();
        for (String part : parts) {
            named.add(part.equals("{}") ? "{p" + named.size() + "}" : part);
        }
        if (end.equals("{rest...}")) {
            named.add(end);
        } else if (end.equals("/") && !named.isEmpty()) {
            named.add("");
        }
        return PathTemplate.parse("/" + String.join("/", named));
    }

    @Provide
    Arbitrary<String> methods() {
        return Arbitraries.of("GET", "POST");
    }

    @Provide
    Arbitrary<String> paths() {
        return Arbitraries.of("a", "b", "c", "d")
                .list()
                .ofMaxSize(5)
                .flatMap(parts -> Arbitraries.of("", "", "", "/")
                        .map(end -> "/" + String.join("/", parts) + (parts.isEmpty() ? "" : end)));
    }
}
