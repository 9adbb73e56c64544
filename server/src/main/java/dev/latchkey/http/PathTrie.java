package dev.latchkey.http;

import dev.latchkey.http.PathTemplate.Segment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds the template that a method and path match, in time that does not depend on how many there are. Segment by
 * segment, a literal goes before a parameter, and that before the rest; where one way leads to no template with the
 * method, the next is tried. The one matcher of the product: for our own routes and for protected APIs.
 */
public final class PathTrie<T> {
    private final Node<T> root;

    private PathTrie(Node<T> root) {
        this.root = root;
    }

    /** What a request matched, with the values of the template's parameters. */
    public record Match<T>(T value, Map<String, String> parameters) {}

    /** Collects templates. */
    public static final class Builder<T> {
        private final Node<T> root = new Node<>();
        private boolean built;

        /**
         * Adds a template.
         *
         * @throws IllegalArgumentException when the method has a template that matches exactly the same paths
         */
        public Builder<T> add(String method, PathTemplate template, T value) {
            if (built) {
                throw new IllegalStateException("the trie is in use and cannot change");
            }
            Node<T> node = root;
            List<String> names = new ArrayList<>();
            for (Segment segment : template.segments()) {
                switch (segment) {
                    case Segment.Literal literal ->
                        node = node.literals.computeIfAbsent(literal.text(), unused -> new Node<>());
                    case Segment.Parameter parameter -> {
                        names.add(parameter.name());
                        if (node.parameter == null) {
                            node.parameter = new Node<>();
                        }
                        node = node.parameter;
                    }
                    case Segment.Rest rest -> {
                        names.add(rest.name());
                        if (node.rest == null) {
                            node.rest = new Node<>();
                        }
                        node = node.rest;
                    }
                }
            }
            if (node.leaves.putIfAbsent(method, new Leaf<>(value, List.copyOf(names))) != null) {
                throw new IllegalArgumentException(
                        "Two endpoints match the same requests: " + method + " " + template + ".");
            }
            return this;
        }

        /** The finished trie; the builder takes no more templates. */
        public PathTrie<T> build() {
            built = true;
            return new PathTrie<>(root);
        }
    }

    public static <T> Builder<T> builder() {
        return new Builder<>();
    }

    /** The best match, or null when no template with the method matches the path. */
    public @Nullable Match<T> match(String method, String path) {
        List<String> segments = PathTemplate.split(path);
        String[] values = new String[segments.size()];
        return find(root, segments, 0, values, 0, method);
    }

    /** The methods of all templates that match the path; empty when none does. */
    public SortedSet<String> methods(String path) {
        SortedSet<String> methods = new TreeSet<>();
        collect(root, PathTemplate.split(path), 0, methods);
        return methods;
    }

    private static <T> @Nullable Match<T> find(
            Node<T> node, List<String> segments, int depth, String[] values, int valueCount, String method) {
        if (depth == segments.size()) {
            Leaf<T> leaf = node.leaves.get(method);
            return leaf == null ? null : leaf.match(values);
        }
        String segment = segments.get(depth);
        Node<T> literal = node.literals.get(segment);
        if (literal != null) {
            Match<T> match = find(literal, segments, depth + 1, values, valueCount, method);
            if (match != null) {
                return match;
            }
        }
        if (segment.isEmpty()) {
            return null;
        }
        if (node.parameter != null) {
            values[valueCount] = segment;
            Match<T> match = find(node.parameter, segments, depth + 1, values, valueCount + 1, method);
            if (match != null) {
                return match;
            }
        }
        if (node.rest != null) {
            Leaf<T> leaf = node.rest.leaves.get(method);
            if (leaf != null) {
                values[valueCount] = String.join("/", segments.subList(depth, segments.size()));
                return leaf.match(values);
            }
        }
        return null;
    }

    private static <T> void collect(Node<T> node, List<String> segments, int depth, SortedSet<String> methods) {
        if (depth == segments.size()) {
            methods.addAll(node.leaves.keySet());
            return;
        }
        String segment = segments.get(depth);
        Node<T> literal = node.literals.get(segment);
        if (literal != null) {
            collect(literal, segments, depth + 1, methods);
        }
        if (!segment.isEmpty()) {
            if (node.parameter != null) {
                collect(node.parameter, segments, depth + 1, methods);
            }
            if (node.rest != null) {
                methods.addAll(node.rest.leaves.keySet());
            }
        }
    }

    private static final class Node<T> {
        final Map<String, Node<T>> literals = new HashMap<>();
        final Map<String, Leaf<T>> leaves = new HashMap<>();

        @Nullable Node<T> parameter;

        @Nullable Node<T> rest;
    }

    private record Leaf<T>(T value, List<String> names) {
        Match<T> match(String[] values) {
            if (names.isEmpty()) {
                return new Match<>(value, Map.of());
            }
            Map<String, String> parameters = HashMap.newHashMap(names.size());
            for (int i = 0; i < names.size(); i++) {
                parameters.put(names.get(i), values[i]);
            }
            return new Match<>(value, parameters);
        }
    }
}
