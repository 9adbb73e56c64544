package dev.latchkey.path;

import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds the template that a method and a decoded path match, in time that does not depend on how many there are, and
 * without allocating. Segment by segment, a literal is tried before a mixed segment, that before a parameter, and that
 * before the rest; if one way leads to no template with the method, the next is tried. HEAD matches where GET does,
 * unless a template has HEAD of its own.
 *
 * <p>Some servers read {@code /Invoices} and {@code /invoices/} as {@code /invoices}. So a path that would match a
 * template best if letter case and a slash at the end did not matter, but does not match it exactly, matches nothing,
 * even where a parameter would match it: it is unclear which of the two it means.
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
        private final Growing<T> root = new Growing<>();

        /**
         * Adds a template.
         *
         * @throws IllegalArgumentException when the method has a template that matches exactly the same paths
         */
        public Builder<T> add(String method, PathTemplate template, T value) {
            root.add(method, template, new Leaf<>(template, value));
            return this;
        }

        public PathTrie<T> build() {
            return new PathTrie<>(root.freeze());
        }
    }

    public static <T> Builder<T> builder() {
        return new Builder<>();
    }

    /** The value of the template that matches best, or null when none with the method matches the path. */
    public @Nullable T find(String method, String path) {
        Leaf<T> leaf = search(root, method, path, 1, true, true);
        return leaf == null ? null : leaf.value();
    }

    /** Like {@link #find}, with the values of the parameters. */
    public @Nullable Match<T> match(String method, String path) {
        Leaf<T> leaf = search(root, method, path, 1, true, true);
        return leaf == null || leaf.value() == null
                ? null
                : new Match<>(leaf.value(), leaf.template().parameters(path));
    }

    /** What the path would match if letter case and a slash at its end did not matter; for explaining a refusal. */
    public @Nullable T findLoosely(String method, String path) {
        Leaf<T> leaf = search(root, method, path, 1, true, false);
        return leaf == null ? null : leaf.value();
    }

    /** The methods of all templates that match the path exactly; empty when none does. */
    public SortedSet<String> methods(String path) {
        SortedSet<String> methods = new TreeSet<>();
        collect(root, path, 1, methods);
        return methods;
    }

    /**
     * The leaf of the first way that matches when letter case and a last slash do not matter.
     *
     * @param start where the next segment begins; beyond the end when there is none
     * @param exact whether everything before matched exactly
     * @param strict whether a match that is not exact returns a leaf without a value
     */
    private static <T> @Nullable Leaf<T> search(
            Node<T> node, String method, String path, int start, boolean exact, boolean strict) {
        int length = path.length();
        if (start >= length) {
            // Beyond the end, or right after a slash at the end; the root's own slash is not such a slash.
            return node.leaf(method, start == length && length > 1, exact, strict);
        }
        int end = PathTemplate.endOfSegment(path, start);
        int next = end + 1;
        Node<T>[] literals = node.literals().alike(path, start, end);
        for (Node<T> literal : literals) {
            if (literal.spells(path, start, end)) {
                Leaf<T> leaf = search(literal, method, path, next, exact, strict);
                if (leaf != null) {
                    return leaf;
                }
            }
        }
        for (Node<T> literal : literals) {
            if (!literal.spells(path, start, end)) {
                Leaf<T> leaf = search(literal, method, path, next, false, strict);
                if (leaf != null) {
                    return leaf;
                }
            }
        }
        for (Node.MixedChild<T> mixed : node.mixed()) {
            if (mixed.texts().fit(path, start, end, true)) {
                boolean same = exact && mixed.texts().fit(path, start, end, false);
                Leaf<T> leaf = search(mixed.node(), method, path, next, same, strict);
                if (leaf != null) {
                    return leaf;
                }
            }
        }
        if (node.parameter() != null) {
            Leaf<T> leaf = search(node.parameter(), method, path, next, exact, strict);
            if (leaf != null) {
                return leaf;
            }
        }
        return node.rest() == null ? null : node.rest().leaf(method, path.charAt(length - 1) == '/', exact, strict);
    }

    private static <T> void collect(Node<T> node, String path, int start, SortedSet<String> methods) {
        if (start >= path.length()) {
            methods.addAll((start == path.length() && path.length() > 1 ? node.slashed() : node.plain()).methods());
            return;
        }
        int end = PathTemplate.endOfSegment(path, start);
        for (Node<T> literal : node.literals().alike(path, start, end)) {
            if (literal.spells(path, start, end)) {
                collect(literal, path, end + 1, methods);
            }
        }
        for (Node.MixedChild<T> mixed : node.mixed()) {
            if (mixed.texts().fit(path, start, end, false)) {
                collect(mixed.node(), path, end + 1, methods);
            }
        }
        if (node.parameter() != null) {
            collect(node.parameter(), path, end + 1, methods);
        }
        if (node.rest() != null && path.charAt(path.length() - 1) != '/') {
            methods.addAll(node.rest().plain().methods());
        }
    }
}
