package dev.latchkey.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A path with named gaps: {@code /invoices/{id}} takes one segment, {@code /files/{path...}} takes the rest, which must
 * be the last.
 */
public record PathTemplate(List<Segment> segments) {

    /** One part of a template between two slashes. */
    public sealed interface Segment {
        record Literal(String text) implements Segment {}

        record Parameter(String name) implements Segment {}

        /** One or more segments, joined by slashes. */
        record Rest(String name) implements Segment {}
    }

    /**
     * Parses a template.
     *
     * @throws IllegalArgumentException saying what is wrong with it
     */
    public static PathTemplate parse(String template) {
        if (!template.startsWith("/")) {
            throw new IllegalArgumentException("The path " + template + " must begin with a slash.");
        }
        List<Segment> segments = new ArrayList<>();
        Set<String> names = new TreeSet<>();
        List<String> parts = split(template);
        for (int i = 0; i < parts.size(); i++) {
            String part = parts.get(i);
            if (!segments.isEmpty() && segments.getLast() instanceof Segment.Rest) {
                throw new IllegalArgumentException("In " + template + " nothing can follow {...}.");
            }
            if (!part.startsWith("{") || !part.endsWith("}")) {
                if (part.indexOf('{') >= 0 || part.indexOf('}') >= 0) {
                    throw new IllegalArgumentException(
                            "In " + template + " a parameter must be a whole segment: " + part + ".");
                }
                requireReachable(template, part, i == parts.size() - 1);
                segments.add(new Segment.Literal(part));
                continue;
            }
            boolean rest = part.endsWith("...}");
            String name = part.substring(1, part.length() - (rest ? 4 : 1));
            if (name.isBlank() || name.indexOf('{') >= 0 || name.indexOf('}') >= 0) {
                throw new IllegalArgumentException(
                        "In " + template + " the parameter " + part + " has no usable name.");
            }
            if (!names.add(name)) {
                throw new IllegalArgumentException("In " + template + " the name " + name + " occurs twice.");
            }
            segments.add(rest ? new Segment.Rest(name) : new Segment.Parameter(name));
        }
        return new PathTemplate(List.copyOf(segments));
    }

    /** A literal that no decoded path can hold would be a rule that never applies. */
    private static void requireReachable(String template, String literal, boolean last) {
        if (literal.isEmpty() && !last) {
            throw new IllegalArgumentException("In " + template + " there is nothing between two slashes.");
        }
        if (literal.equals(".") || literal.equals("..")) {
            throw new IllegalArgumentException("In " + template + " the segment " + literal + " can match no request.");
        }
        for (int i = 0; i < literal.length(); i++) {
            char c = literal.charAt(i);
            if (Character.isISOControl(c) || "?#%;\\".indexOf(c) >= 0) {
                throw new IllegalArgumentException(
                        "In " + template + " the segment " + literal + " holds a character that no path can have: "
                                + (Character.isISOControl(c) ? "a control character" : c) + ".");
            }
        }
    }

    /** The template as it was written. */
    @Override
    public String toString() {
        return segments.stream()
                .map(segment -> switch (segment) {
                    case Segment.Literal literal -> literal.text();
                    case Segment.Parameter parameter -> "{" + parameter.name() + "}";
                    case Segment.Rest rest -> "{" + rest.name() + "...}";
                })
                .collect(Collectors.joining("/", "/", ""));
    }

    /** The segments of a path; none for the root, and an empty last one for a path that ends with a slash. */
    static List<String> split(String path) {
        if (path.equals("/")) {
            return List.of();
        }
        List<String> segments = new ArrayList<>();
        int start = 1;
        for (int slash = path.indexOf('/', 1); slash >= 0; slash = path.indexOf('/', start)) {
            segments.add(path.substring(start, slash));
            start = slash + 1;
        }
        segments.add(path.substring(start));
        return segments;
    }
}
