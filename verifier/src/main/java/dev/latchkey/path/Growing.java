package dev.latchkey.path;

import dev.latchkey.path.PathTemplate.Segment;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A place in a trie that is still being built. */
final class Growing<T> {
    private final Map<String, Growing<T>> literals = new LinkedHashMap<>();
    private final Map<List<String>, Growing<T>> mixed = new HashMap<>();
    private final Map<String, Leaf<T>> plain = new LinkedHashMap<>();
    private final Map<String, Leaf<T>> slashed = new LinkedHashMap<>();
    private @Nullable Growing<T> parameter;
    private @Nullable Growing<T> rest;

    void add(String method, PathTemplate template, Leaf<T> leaf) {
        Growing<T> node = this;
        boolean slash = false;
        for (Segment segment : template.segments()) {
            if (segment instanceof Segment.Literal literal && literal.text().isEmpty()) {
                slash = true;
            } else {
                node = node.child(segment);
            }
        }
        if ((slash ? node.slashed : node.plain).putIfAbsent(method, leaf) != null) {
            throw new IllegalArgumentException(
                    "Two endpoints match the same requests: " + method + " " + template + ".");
        }
    }

    private Growing<T> child(Segment segment) {
        if (segment instanceof Segment.Literal literal) {
            return literals.computeIfAbsent(literal.text(), unused -> new Growing<>());
        }
        if (segment instanceof Segment.Mixed texts) {
            return mixed.computeIfAbsent(texts.texts(), unused -> new Growing<>());
        }
        if (segment instanceof Segment.Parameter) {
            parameter = parameter == null ? new Growing<>() : parameter;
            return parameter;
        }
        rest = rest == null ? new Growing<>() : rest;
        return rest;
    }

    Node<T> freeze() {
        return freeze("");
    }

    private Node<T> freeze(String text) {
        return new Node<>(
                text,
                leaves(plain),
                leaves(slashed),
                new Node.Literals<>(literals.entrySet().stream()
                        .map(entry -> entry.getValue().freeze(entry.getKey()))
                        .toList()),
                frozenMixed(),
                parameter == null ? null : parameter.freeze(""),
                rest == null ? null : rest.freeze(""));
    }

    /** A program that answers GET answers HEAD with the same code (RFC 9110 section 9.3.2). */
    private static <T> Leaves<T> leaves(Map<String, Leaf<T>> byMethod) {
        Map<String, Leaf<T>> all = new LinkedHashMap<>(byMethod);
        Leaf<T> get = byMethod.get("GET");
        if (get != null) {
            all.putIfAbsent("HEAD", get);
        }
        return new Leaves<>(all);
    }

    /** The most specific first; among equals, any order that does not depend on the order in which they were added. */
    @SuppressWarnings("unchecked")
    private Node.MixedChild<T>[] frozenMixed() {
        return mixed.entrySet().stream()
                .map(entry -> new Node.MixedChild<>(
                        new MixedText(entry.getKey().toArray(new String[0])),
                        entry.getValue().freeze("")))
                .sorted(Comparator.<Node.MixedChild<T>>comparingInt(
                                child -> -child.texts().length())
                        .thenComparing(child -> String.join("{}", child.texts().texts())))
                .toArray(Node.MixedChild[]::new);
    }
}
