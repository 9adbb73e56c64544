package dev.latchkey.path;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A place in the finished trie.
 *
 * @param text the literal that leads here; empty when another kind of segment does
 * @param plain the templates that end here
 * @param slashed the templates that end here with a slash
 * @param rest where {@code {path...}} leads
 */
record Node<T>(
        String text,
        Leaves<T> plain,
        Leaves<T> slashed,
        Literals<T> literals,
        MixedChild<T>[] mixed,
        @Nullable Node<T> parameter,
        @Nullable Node<T> rest) {

    boolean spells(String path, int start, int end) {
        return end - start == text.length() && path.startsWith(text, start);
    }

    @Nullable Leaf<T> leaf(String method, boolean slash, boolean exact, boolean strict) {
        Leaf<T> asItStands = (slash ? slashed : plain).of(method);
        if (asItStands != null && exact) {
            return asItStands;
        }
        Leaf<T> near = asItStands != null ? asItStands : (slash ? plain : slashed).of(method);
        return near == null || !strict ? near : new Leaf<>(near.template(), null);
    }

    /** A child for a mixed segment. */
    record MixedChild<T>(MixedText texts, Node<T> node) {}

    /**
     * The children for literal segments, grouped when they differ only in letter case: a hash table whose key is part of a
     * path, so that no substring is needed.
     */
    static final class Literals<T> {
        private final @Nullable Node<T>[][] table;
        private final Node<T>[] none;

        @SuppressWarnings("unchecked")
        Literals(Collection<Node<T>> nodes) {
            Map<String, List<Node<T>>> alike = new LinkedHashMap<>();
            for (Node<T> node : nodes) {
                alike.computeIfAbsent(Letters.folded(node.text()), unused -> new ArrayList<>(1))
                        .add(node);
            }
            none = new Node[0];
            table = new Node[alike.isEmpty() ? 1 : Integer.highestOneBit(alike.size()) * 4][];
            for (List<Node<T>> group : alike.values()) {
                String text = group.get(0).text();
                int slot = Letters.hash(text, 0, text.length()) & (table.length - 1);
                while (table[slot] != null) {
                    slot = (slot + 1) & (table.length - 1);
                }
                table[slot] = group.toArray(none);
            }
        }

        /** The children with this spelling in any letter case; empty when there are none. */
        Node<T>[] alike(String path, int start, int end) {
            int length = end - start;
            int slot = Letters.hash(path, start, end) & (table.length - 1);
            for (Node<T>[] group = table[slot]; group != null; group = table[slot]) {
                String text = group[0].text();
                if (text.length() == length && path.regionMatches(true, start, text, 0, length)) {
                    return group;
                }
                slot = (slot + 1) & (table.length - 1);
            }
            return none;
        }
    }
}
