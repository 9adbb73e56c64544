package dev.latchkey.path;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.path.PathTemplate.Segment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The trie against the plainest matcher there is: look at every template and take the best. */
class PathTrieAgainstEveryTemplateTest {
    record Endpoint(String method, PathTemplate template) {}

    /**
     * The rule as the trie's description states it: the best template when case and a last slash do not matter, and
     * then only if it matches as the path stands.
     */
    @Property(tries = 5_000)
    void theTrieFindsWhatALookAtEveryTemplateFinds(
            @ForAll("endpoints") List<Endpoint> endpoints,
            @ForAll("methods") String method,
            @ForAll("paths") String path) {
        PathTrie.Match<Endpoint> found = trie(endpoints).match(method, path);

        List<Endpoint> loose = endpoints.stream()
                .filter(endpoint -> endpoint.method().equals(method))
                .filter(endpoint -> pattern(endpoint.template(), Pattern.CASE_INSENSITIVE, "/?")
                        .matcher(path)
                        .matches())
                .collect(Collectors.toList());
        Optional<String> best =
                loose.stream().map(endpoint -> ranks(endpoint, path)).min(Comparator.naturalOrder());
        List<Endpoint> expected = loose.stream()
                .filter(endpoint -> ranks(endpoint, path).equals(best.orElseThrow()))
                .filter(endpoint ->
                        pattern(endpoint.template(), 0, "").matcher(path).matches())
                .collect(Collectors.toList());
        if (found == null) {
            assertThat(expected).isEmpty();
        } else {
            assertThat(expected).contains(found.value());
            assertThat(rebuilt(found.value().template(), found.parameters())).isEqualTo(path);
        }
    }

    @Property(tries = 1_000)
    void theMethodsAreThoseOfAllTemplatesThatMatch(
            @ForAll("endpoints") List<Endpoint> endpoints, @ForAll("paths") String path) {
        SortedSet<String> methods = new TreeSet<>();
        for (Endpoint endpoint : endpoints) {
            if (pattern(endpoint.template(), 0, "").matcher(path).matches()) {
                methods.add(endpoint.method());
                if (endpoint.method().equals("GET")) {
                    methods.add("HEAD");
                }
            }
        }
        assertThat(trie(endpoints).methods(path)).isEqualTo(methods);
    }

    @Property(tries = 1_000)
    void theOrderInWhichTemplatesAreAddedDoesNotMatter(
            @ForAll("endpoints") List<Endpoint> endpoints,
            @ForAll("methods") String method,
            @ForAll("paths") String path) {
        List<Endpoint> reversed = new ArrayList<>(endpoints);
        Collections.reverse(reversed);
        assertThat(trie(endpoints).match(method, path)).isEqualTo(trie(reversed).match(method, path));
    }

    private static PathTrie<Endpoint> trie(List<Endpoint> endpoints) {
        PathTrie.Builder<Endpoint> builder = PathTrie.builder();
        endpoints.forEach(endpoint -> builder.add(endpoint.method(), endpoint.template(), endpoint));
        return builder.build();
    }

    /**
     * How well an endpoint fits, as text that sorts: segment by segment from the left, a literal (one that is spelled
     * alike first) before a mixed segment (the longer text first) before a parameter before the rest.
     */
    private static String ranks(Endpoint endpoint, String path) {
        String[] parts = path.substring(1).split("/", -1);
        StringBuilder ranks = new StringBuilder();
        List<Segment> segments = endpoint.template().segments();
        for (int i = 0; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            if (segment instanceof Segment.Literal) {
                String text = ((Segment.Literal) segment).text();
                boolean last = text.isEmpty();
                ranks.append(last ? "" : text.equals(parts[i]) ? "a" : "b");
            } else if (segment instanceof Segment.Mixed) {
                List<String> texts = ((Segment.Mixed) segment).texts();
                ranks.append('c').append(100 - String.join("", texts).length()).append(String.join("{}", texts));
            } else {
                ranks.append(segment instanceof Segment.Parameter ? 'y' : 'z');
            }
            ranks.append(' ');
        }
        boolean slash = path.length() > 1 && path.endsWith("/");
        boolean templateSlash = endpoint.template().toString().length() > 1
                && endpoint.template().toString().endsWith("/");
        return ranks.toString().strip() + (slash == templateSlash ? " 1" : " 2");
    }

    /** The template as a regular expression. */
    private static Pattern pattern(PathTemplate template, int flags, String end) {
        String text = template.toString();
        boolean loose = !end.isEmpty();
        if (loose && text.length() > 1 && text.endsWith("/")) {
            text = text.substring(0, text.length() - 1);
        }
        StringBuilder regex = new StringBuilder();
        Matcher parameter = Pattern.compile("\\{([^}]*)}").matcher(text);
        int at = 0;
        while (parameter.find()) {
            regex.append(Pattern.quote(text.substring(at, parameter.start())));
            // The rest takes a last slash only loosely.
            regex.append(parameter.group(1).endsWith("...") ? "[^/]+(?:/[^/]+)*" : "[^/]+");
            at = parameter.end();
        }
        regex.append(Pattern.quote(text.substring(at))).append(text.equals("/") ? "" : end);
        return Pattern.compile(regex.toString(), flags);
    }

    private static String rebuilt(PathTemplate template, Map<String, String> values) {
        String path = template.toString();
        for (Map.Entry<String, String> value : values.entrySet()) {
            path = path.replace("{" + value.getKey() + "}", value.getValue())
                    .replace("{" + value.getKey() + "...}", value.getValue());
        }
        return path;
    }

    // Few words, so that templates overlap and paths often match several.

    @Provide
    Arbitrary<List<Endpoint>> endpoints() {
        Arbitrary<String> part = Arbitraries.of("a", "b", "A", "a.b", "{}", "{}", "{}.b", "a.{}", "{}.{}");
        Arbitrary<PathTemplate> template = part.list()
                .ofMaxSize(4)
                .flatMap(parts -> Arbitraries.of("", "", "/", "{rest...}").map(end -> template(parts, end)));
        return methods()
                .flatMap(method -> template.map(known -> new Endpoint(method, known)))
                .list()
                .ofMaxSize(25)
                .uniqueElements(endpoint ->
                        endpoint.method() + " " + endpoint.template().shape());
    }

    private static PathTemplate template(List<String> parts, String end) {
        List<String> named = new ArrayList<>();
        int count = 0;
        for (String part : parts) {
            String text = part;
            while (text.contains("{}")) {
                text = text.replaceFirst("\\{}", "{p" + count++ + "}");
            }
            named.add(text);
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
        return Arbitraries.of("a", "b", "c", "A", "a.b", "c.b", "C.B", "a.b.c")
                .list()
                .ofMaxSize(5)
                .flatMap(parts -> Arbitraries.of("", "", "", "/")
                        .map(end -> "/" + String.join("/", parts) + (parts.isEmpty() ? "" : end)));
    }
}
