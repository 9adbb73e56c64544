package dev.latchkey.path;

import dev.latchkey.path.PathTrie.Node;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The children for literal segments, grouped when they differ only in letter case: a hash table whose key is part of a
 * path, so that no substring is needed.
 */
final class Literals<T> {
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
