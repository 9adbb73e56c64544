package dev.latchkey.path;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A path with named parameters: {@code /invoices/{id}} matches one segment, {@code /calls/{id}.json} a part of one, and
 * {@code /files/{path...}} the rest, which must come last. A template that ends with a slash matches paths that do.
 */
public record PathTemplate(List<Segment> segments) {

    /** One part of a template between two slashes. */
    public sealed interface Segment {
        /** A literal segment; empty only as the last one, for a path that ends with a slash. */
        record Literal(String text) implements Segment {}

        record Parameter(String name) implements Segment {}

        /**
         * Text and parameters in turns, such as {@code {id}.json}.
         *
         * @param texts the texts before, between and after the parameters; one more than there are names
         */
        record Mixed(List<String> texts, List<String> names) implements Segment {}

        /** One or more segments, joined by slashes. */
        record Rest(String name) implements Segment {}
    }

    /**
     * Parses a template.
     *
     * @throws IllegalArgumentException when it is not a template; the message says what is wrong
     */
    public static PathTemplate parse(String template) {
        if (!template.startsWith("/")) {
            throw new IllegalArgumentException("The path " + template + " must begin with a slash.");
        }
        List<Segment> segments = new ArrayList<>();
        Set<String> names = new TreeSet<>();
        List<String> parts = split(template);
        for (int i = 0; i < parts.size(); i++) {
            if (!segments.isEmpty() && segments.get(segments.size() - 1) instanceof Segment.Rest) {
                throw new IllegalArgumentException("In " + template + " nothing can follow {...}.");
            }
            segments.add(segment(template, parts.get(i), i == parts.size() - 1, names));
        }
        return new PathTemplate(List.copyOf(segments));
    }

    private static Segment segment(String template, String part, boolean last, Set<String> taken) {
        List<String> texts = new ArrayList<>();
        List<String> names = new ArrayList<>();
        int at = 0;
        while (true) {
            int open = part.indexOf('{', at);
            String text = part.substring(at, open < 0 ? part.length() : open);
            if (text.indexOf('}') >= 0) {
                throw new IllegalArgumentException("In " + template + " a } has no {: " + part + ".");
            }
            requireReachable(template, text);
            texts.add(text);
            if (open < 0) {
                break;
            }
            if (!names.isEmpty() && text.isEmpty()) {
                throw new IllegalArgumentException(
                        "In " + template + " nothing separates two parameters: " + part + ".");
            }
            int close = part.indexOf('}', open);
            String name = close < 0 ? "" : part.substring(open + 1, close);
            if (name.endsWith("...")) {
                if (open > 0 || close < part.length() - 1) {
                    throw new IllegalArgumentException(
                            "In " + template + " {...} must be a whole segment: " + part + ".");
                }
                return new Segment.Rest(requireName(template, name.substring(0, name.length() - 3), part, taken));
            }
            names.add(requireName(template, name, part, taken));
            at = close + 1;
        }
        String ending = texts.get(texts.size() - 1);
        if (ending.endsWith(".") || ending.endsWith(" ")) {
            throw new IllegalArgumentException("In " + template + " the segment " + part
                    + " ends with a dot or a space and can match no request.");
        }
        if (names.isEmpty()) {
            if (part.isEmpty() && !last) {
                throw new IllegalArgumentException("In " + template + " there is nothing between two slashes.");
            }
            return new Segment.Literal(part);
        }
        return names.size() == 1 && part.length() == names.get(0).length() + 2
                ? new Segment.Parameter(names.get(0))
                : new Segment.Mixed(List.copyOf(texts), List.copyOf(names));
    }

    private static String requireName(String template, String name, String part, Set<String> taken) {
        if (name.isBlank() || name.indexOf('{') >= 0) {
            throw new IllegalArgumentException("In " + template + " the parameter " + part + " has no usable name.");
        }
        if (!taken.add(name)) {
            throw new IllegalArgumentException("In " + template + " the name " + name + " occurs twice.");
        }
        return name;
    }

    /** A template with a text that no decoded path can contain would never match. */
    private static void requireReachable(String template, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c) || "?#%;\\".indexOf(c) >= 0) {
                throw new IllegalArgumentException(
                        "In " + template + " the segment " + text + " holds a character that no path can have: "
                                + (Character.isISOControl(c) ? "a control character" : c) + ".");
            }
        }
    }

    /** The template without the names of its parameters: templates with the same shape match the same paths. */
    public String shape() {
        return segments.stream()
                .map(segment -> {
                    if (segment instanceof Segment.Literal literal) {
                        return literal.text();
                    }
                    if (segment instanceof Segment.Mixed mixed) {
                        return String.join("{}", mixed.texts());
                    }
                    return segment instanceof Segment.Rest ? "{...}" : "{}";
                })
                .collect(Collectors.joining("/", "/", ""));
    }

    /** The template as it was written. */
    @Override
    public String toString() {
        return segments.stream().map(PathTemplate::written).collect(Collectors.joining("/", "/", ""));
    }

    private static String written(Segment segment) {
        if (segment instanceof Segment.Literal literal) {
            return literal.text();
        }
        if (segment instanceof Segment.Parameter parameter) {
            return "{" + parameter.name() + "}";
        }
        if (segment instanceof Segment.Rest rest) {
            return "{" + rest.name() + "...}";
        }
        Segment.Mixed mixed = (Segment.Mixed) segment;
        StringBuilder text = new StringBuilder(mixed.texts().get(0));
        for (int i = 0; i < mixed.names().size(); i++) {
            text.append('{')
                    .append(mixed.names().get(i))
                    .append('}')
                    .append(mixed.texts().get(i + 1));
        }
        return text.toString();
    }

    /**
     * The values of the parameters in a path that the template matches. In a segment with several, each takes as little
     * as it can.
     */
    Map<String, String> parameters(String path) {
        Map<String, String> values = new HashMap<>();
        int start = 1;
        for (Segment segment : segments) {
            int end = endOfSegment(path, start);
            if (segment instanceof Segment.Parameter parameter) {
                values.put(parameter.name(), path.substring(start, end));
            } else if (segment instanceof Segment.Rest rest) {
                values.put(rest.name(), path.substring(start));
            } else if (segment instanceof Segment.Mixed mixed) {
                addParts(mixed, path.substring(start, end), values);
            }
            start = end + 1;
        }
        return values;
    }

    /** Where the segment that begins at {@code start} ends. */
    static int endOfSegment(String path, int start) {
        int slash = path.indexOf('/', start);
        return slash < 0 ? path.length() : slash;
    }

    private static void addParts(Segment.Mixed mixed, String part, Map<String, String> values) {
        int at = mixed.texts().get(0).length();
        int last = mixed.names().size() - 1;
        for (int i = 0; i <= last; i++) {
            String after = mixed.texts().get(i + 1);
            int end = i == last ? part.length() - after.length() : part.indexOf(after, at + 1);
            values.put(mixed.names().get(i), part.substring(at, end));
            at = end + after.length();
        }
    }

    /** The segments of a path; none for the root, and an empty last one for a path that ends with a slash. */
    private static List<String> split(String path) {
        return path.equals("/") ? List.of() : List.of(path.substring(1).split("/", -1));
    }
}
