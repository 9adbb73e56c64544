package dev.latchkey.gateway;

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

/**
 * Everything that some server might take a request for: one that decodes twice, ignores case, merges slashes, resolves
 * dots, drops path parameters, or believes another method. It shares no code with what it tests.
 */
final class LenientReadings {
    private static final int MOST = 3_000;

    private static final List<UnaryOperator<String>> READINGS = List.of(
            LenientReadings::decoded,
            path -> path.toLowerCase(Locale.ROOT),
            path -> path.replaceAll("/{2,}", "/"),
            path -> path.replace('\\', '/'),
            path -> path.replaceAll(";[^/]*", ""),
            path -> path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path,
            path -> path.replaceAll("[. ]+(/|$)", "$1"),
            LenientReadings::resolved,
            path -> path.indexOf('\0') >= 0 ? path.substring(0, path.indexOf('\0')) : path,
            path -> path.indexOf('?') >= 0 ? path.substring(0, path.indexOf('?')) : path,
            path -> path.indexOf('#') >= 0 ? path.substring(0, path.indexOf('#')) : path,
            path -> path.replaceFirst("^(?i)https?://[^/]*", ""));

    private LenientReadings() {}

    /** The endpoints, as {@code METHOD template}, that a server might run for what it received. */
    static Set<String> of(String requestLine, List<String> fields, List<String> endpoints) {
        String[] parts = requestLine.split(" ", -1);
        String method = parts[0];
        String target = parts.length > 2
                ? String.join(" ", Arrays.copyOfRange(parts, 1, parts.length - 1))
                : parts.length > 1 ? parts[1] : "/";
        Set<String> methods = new LinkedHashSet<>(List.of(method));
        for (String field : fields) {
            Matcher override =
                    Pattern.compile("(?i)x-(http-)?method(-override)?:\\s*(.*)").matcher(field);
            if (override.matches()) {
                methods.add(override.group(3).strip().toUpperCase(Locale.ROOT));
            }
        }
        int question = target.indexOf('?');
        if (question >= 0) {
            for (String parameter : target.substring(question + 1).split("[&;]", -1)) {
                String plain = decoded(decoded(parameter)).replace('.', '_');
                if (plain.toLowerCase(Locale.ROOT).startsWith("_method=")) {
                    methods.add(plain.substring("_method=".length()).strip().toUpperCase(Locale.ROOT));
                }
            }
        }
        Set<String> meant = new LinkedHashSet<>();
        for (String path : readings(question < 0 ? target : target.substring(0, question))) {
            for (String one : methods) {
                best(one.equals("HEAD") ? "GET" : one, path, endpoints).ifPresent(meant::add);
            }
        }
        return meant;
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

    /** Percent sequences once; bytes that are no UTF-8 are read as an old decoder would, overlong ones included. */
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

    /** The best endpoint by the plainest rule: of all that fit, the one with literals furthest to the left. */
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
