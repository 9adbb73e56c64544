package dev.latchkey.openapi;

import dev.latchkey.path.PathTemplate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A path of a document in our own spelling. Platforms write "the rest of the path" in many ways, none of which OpenAPI
 * defines: {@code {proxy+}}, {@code {path*}}, {@code {+path}}, {@code {*path}}, {@code {path:path}}, a last {@code *}.
 *
 * @param template what {@link PathTemplate} reads
 * @param note what was changed that people should know about; empty when nothing was
 */
record ForeignPath(String template, String note) {
    private static final Pattern PARAMETER = Pattern.compile("\\{([^{}]*)}");

    /** The ways to write a parameter that takes the rest; the name is the group that matched. */
    private static final Pattern REST = Pattern.compile(
            "\\+(\\w[\\w.-]*)|(\\w[\\w.-]*)[+*]|\\*{1,2}(\\w[\\w.-]*)|(\\w[\\w.-]*):(?:path|\\.[*+]|\\*)|(\\w[\\w.-]*)=\\*\\*");

    /** A parameter with a condition, such as {@code id:[0-9]+}. */
    private static final Pattern CONDITION = Pattern.compile("(\\w[\\w.-]*):.+");

    /** How a parameter begins or ends when it means something that is not supported here. */
    private static final Pattern SIGNS = Pattern.compile("[?*+;.:=#&/,!|@].*|.*[?*+=:]", Pattern.DOTALL);

    /** @throws UnusableDocumentException that says why no endpoint can have it */
    static ForeignPath read(String path, Tree.Place place) {
        if (path.indexOf('?') >= 0 || path.indexOf('#') >= 0) {
            throw new UnusableDocumentException(place.toString(), "the path has a query or a fragment");
        }
        List<String> segments = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        Set<String> names = new TreeSet<>();
        String[] parts = path.split("/", -1);
        for (int i = 0; i < parts.length; i++) {
            boolean last = i == parts.length - 1;
            segments.add(
                    last && parts[i].matches("\\*{1,2}")
                            ? "{" + unique("path", names) + "...}"
                            : segment(parts[i], names, notes, place));
        }
        String template = String.join("/", segments);
        try {
            PathTemplate.parse(template);
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            throw new UnusableDocumentException(
                    place.toString(), "no endpoint can have the path: " + message.substring(0, message.length() - 1));
        }
        return new ForeignPath(template, String.join(" ", notes));
    }

    private static String segment(String part, Set<String> names, List<String> notes, Tree.Place place) {
        Matcher parameters = PARAMETER.matcher(part);
        StringBuilder segment = new StringBuilder();
        int at = 0;
        while (parameters.find()) {
            segment.append(literal(part.substring(at, parameters.start()), place));
            segment.append('{')
                    .append(parameter(parameters.group(1), names, notes, place))
                    .append('}');
            at = parameters.end();
        }
        return segment.append(literal(part.substring(at), place)).toString();
    }

    private static String literal(String text, Tree.Place place) {
        if (text.indexOf('*') >= 0) {
            throw new UnusableDocumentException(
                    place.toString(), "a * in a path can only be its last segment, where it takes the rest");
        }
        return text;
    }

    private static String parameter(String inside, Set<String> names, List<String> notes, Tree.Place place) {
        if (inside.endsWith("...")) {
            return named(inside.substring(0, inside.length() - 3), names, notes) + "...";
        }
        Matcher rest = REST.matcher(inside);
        if (rest.matches()) {
            for (int group = 1; group <= rest.groupCount(); group++) {
                if (rest.group(group) != null) {
                    return named(rest.group(group), names, notes) + "...";
                }
            }
        }
        Matcher condition = CONDITION.matcher(inside);
        if (condition.matches()) {
            notes.add("The condition of {" + Words.line(inside, 60) + "} is ignored: the parameter takes any segment.");
            return named(condition.group(1), names, notes);
        }
        if (SIGNS.matcher(inside).matches()) {
            throw new UnusableDocumentException(
                    place.toString(),
                    "the parameter {" + Words.line(inside, 60) + "} has a form that is not supported");
        }
        return named(inside, names, notes);
    }

    /** Names only tell people what is meant, so another one does as well. */
    private static String named(String name, Set<String> names, List<String> notes) {
        String unique = unique(name, names);
        if (!unique.equals(name)) {
            notes.add("The document has the parameter {" + Words.line(name, 60)
                    + "} twice in this path; the second is {" + Words.line(unique, 60) + "} here.");
        }
        return unique;
    }

    private static String unique(String name, Set<String> names) {
        String unique = name;
        for (int i = 2; !names.add(unique); i++) {
            unique = name + i;
        }
        return unique;
    }
}
