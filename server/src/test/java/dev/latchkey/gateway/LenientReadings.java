package dev.latchkey.gateway;

import dev.latchkey.gateway.RawHttp.Message;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Everything that some server might take a request for: one that decodes twice, ignores case, merges slashes, resolves
 * dots, drops path parameters, or believes another method or address. It shares no code with what it tests.
 */
final class LenientReadings {
    private static final int MOST = 3_000;

    private static final List<UnaryOperator<String>> READINGS = List.of(
            LenientReadings::decoded,
            path -> path.toLowerCase(Locale.ROOT),
            path -> path.chars()
                    .mapToObj(c -> Character.toString(Character.toLowerCase(Character.toUpperCase(c))))
                    .collect(Collectors.joining()),
            path -> path.replaceAll("/{2,}", "/"),
            path -> path.replace('\\', '/'),
            path -> path.replaceAll(";[^/]*", ""),
            path -> path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path,
            path -> path.replaceAll("[. ]+(/|$)", "$1"),
            LenientReadings::resolved,
            path -> path.indexOf('\0') >= 0 ? path.substring(0, path.indexOf('\0')) : path,
            path -> path.indexOf('?') >= 0 ? path.substring(0, path.indexOf('?')) : path,
            path -> path.indexOf('#') >= 0 ? path.substring(0, path.indexOf('#')) : path,
            path -> path.replaceFirst("^(?i)[a-z][a-z0-9+.-]*://[^/]*", ""));

    private static final Pattern METHOD_PARAMETER =
            Pattern.compile("(?is)\\s*[_.]method(?:\\x00[^=]*|\\[[^=]*)?\\s*=(.*)");

    private LenientReadings() {}

    /** The endpoints, as {@code METHOD template}, that a server might run for what it received. */
    static Set<String> of(Message request, List<String> endpoints) {
        String[] parts = request.firstLine().split(" ", -1);
        String target = parts.length > 2
                ? String.join(" ", Arrays.copyOfRange(parts, 1, parts.length - 1))
                : parts.length > 1 ? parts[1] : "/";
        Set<String> methods = new LinkedHashSet<>(List.of(parts[0]));
        Set<String> targets = new LinkedHashSet<>(List.of(target));
        for (String field : request.fields()) {
            String name = name(field);
            String value = field.substring(field.indexOf(':') + 1).strip();
            if (name.matches("x-http-method-override|x-http-method|x-method-override")) {
                methods.add(value.toUpperCase(Locale.ROOT));
            } else if (name.matches("x-original-url|x-rewrite-url")) {
                targets.add(value);
            }
        }
        Set<String> paths = new LinkedHashSet<>();
        for (String one : targets) {
            int question = one.indexOf('?');
            paths.add(question < 0 ? one : one.substring(0, question));
            if (question >= 0) {
                methods.addAll(methodsOf(one.substring(question + 1).replace('+', ' ')));
            }
        }
        Set<String> meant = new LinkedHashSet<>();
        for (String path :
                paths.stream().flatMap(path -> readings(path).stream()).toList()) {
            for (String method : methods) {
                best(method.equals("HEAD") ? "GET" : method, path, endpoints).ifPresent(meant::add);
            }
        }
        return meant;
    }

    /** What {@code _method} says, decoded before or after the query is cut, once or twice; the name as PHP reads it. */
    private static Set<String> methodsOf(String query) {
        Set<String> methods = new LinkedHashSet<>();
        for (String text : List.of(query, decoded(query), decoded(decoded(query)))) {
            for (String parameter : text.split("[&;]", -1)) {
                Matcher method = METHOD_PARAMETER.matcher(decoded(decoded(parameter)));
                if (method.matches()) {
                    methods.add(method.group(1).strip().toUpperCase(Locale.ROOT));
                }
            }
        }
        return methods;
    }

    /** All fields that some program might read as one of Latchkey's. */
    static List<String> claims(List<String> fields) {
        return fields.stream()
                .filter(field -> name(field).startsWith("latchkey"))
                .map(field -> name(field) + field.substring(field.indexOf(':')))
                .toList();
    }

    /** All fields that say how long the body is. */
    static List<String> lengths(List<String> fields) {
        return fields.stream()
                .filter(field -> name(field).matches("content-length|transfer-encoding"))
                .toList();
    }

    /** A field's name as programs see it that write all its separators alike. */
    private static String name(String field) {
        String name = field.substring(0, Math.max(0, field.indexOf(':'))).strip();
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "-");
    }

    private static Set<String> readings(String path) {
        Set<String> all = new LinkedHashSet<>(List.of(path));
        Deque<String> open = new ArrayDeque<>(all);
        while (!open.isEmpty() && all.size() < MOST) {
            String one = open.remove();
            for (UnaryOperator<String> reading : READINGS) {
                String read = reading.apply(one);
                if (all.add(read)) {
                    open.add(read);
                }
            }
        }
        return all;
    }

    /** Percent sequences once; bytes that are not UTF-8 are read as an old decoder would, overlong ones included. */
    private static String decoded(String text) {
        StringBuilder bytes = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%'
                    && i + 2 < text.length()
                    && text.substring(i + 1, i + 3).matches("[0-9a-fA-F]{2}")) {
                bytes.append((char) Integer.parseInt(text.substring(i + 1, i + 3), 16));
                i += 2;
            } else {
                bytes.append(c);
            }
        }
        String raw = bytes.toString().replaceAll("\u00C0\u00AE", ".").replaceAll("\u00C0\u00AF", "/");
        return raw.chars().allMatch(c -> c < 256)
                ? new String(raw.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8)
                : raw;
    }

    private static String resolved(String path) {
        Deque<String> parts = new ArrayDeque<>();
        for (String part : path.substring(Math.min(1, path.length())).split("/", -1)) {
            if (part.equals("..")) {
                parts.pollLast();
            } else if (!part.equals(".")) {
                parts.addLast(part);
            }
        }
        return "/" + String.join("/", parts);
    }

    /** The best endpoint by the plainest rule: of all that match, the one with literals furthest to the left. */
    private static Optional<String> best(String method, String path, List<String> endpoints) {
        List<String> fitting = new ArrayList<>();
        for (String endpoint : endpoints) {
            String[] parts = endpoint.split(" ");
            if (parts[0].equals(method) && pattern(parts[1]).matcher(path).matches()) {
                fitting.add(endpoint);
            }
        }
        return fitting.stream()
                .min(Comparator.comparing(endpoint -> endpoint.split(" ")[1]
                        .replaceAll("\\{[^}]*\\.\\.\\.}", "\uFFFF")
                        .replaceAll("/\\{[^}]*}(?=/|$)", "/\uFFFE")
                        .replaceAll("\\{[^}]*}", "\uFFFD")));
    }

    private static Pattern pattern(String template) {
        StringBuilder regex = new StringBuilder();
        Matcher parameter = Pattern.compile("\\{([^}]*)}").matcher(template);
        int at = 0;
        while (parameter.find()) {
            regex.append(Pattern.quote(template.substring(at, parameter.start())));
            regex.append(parameter.group(1).endsWith("...") ? ".+" : "[^/]+");
            at = parameter.end();
        }
        return Pattern.compile(regex + Pattern.quote(template.substring(at)), Pattern.DOTALL);
    }
}
