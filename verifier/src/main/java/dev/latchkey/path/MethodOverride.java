package dev.latchkey.path;

import java.util.List;
import java.util.Locale;

/** The ways in which some frameworks let a caller override the request's method. */
public final class MethodOverride {
    /** The fields that name a method. */
    public static final List<String> FIELDS = List.of("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override");

    private MethodOverride() {}

    /** Whether one of the values of those fields names another method. */
    static boolean contradicts(String method, List<String> values) {
        for (String value : values) {
            if (!value.equalsIgnoreCase(method)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether the parameter {@code _method} of the target's query names another method, even to a program that decodes
     * it once too often or before it splits it into parameters. Other malformed queries are the API's concern.
     */
    static boolean contradicts(String method, String target) {
        int question = target.indexOf('?');
        if (question < 0) {
            return false;
        }
        if (target.indexOf('%', question) < 0 && !mentionsMethod(target, question)) {
            // Nothing to decode, and no name that could match: most queries end here.
            return false;
        }
        String query = target.substring(question + 1);
        String once = decoded(query);
        return names(query, method) || names(once, method) || names(decoded(once), method);
    }

    private static boolean mentionsMethod(String target, int from) {
        for (int i = from; i + 6 <= target.length(); i++) {
            if (target.regionMatches(true, i, "method", 0, 6)) {
                return true;
            }
        }
        return false;
    }

    private static boolean names(String query, String method) {
        for (String parameter : query.split("[&;]", -1)) {
            int equals = parameter.indexOf('=');
            if (isMethod(decoded(equals < 0 ? parameter : parameter.substring(0, equals)))) {
                String value = equals < 0 ? "" : decoded(parameter.substring(equals + 1));
                if (!value.strip().equalsIgnoreCase(method)) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * PHP reads a dot or a space in a name as an underscore, and ignores spaces before the name and everything after a
     * NUL.
     */
    private static boolean isMethod(String name) {
        int end = name.indexOf('\0');
        String plain = (end < 0 ? name : name.substring(0, end)).strip().toLowerCase(Locale.ROOT);
        return plain.equals("_method") || plain.equals(".method") || plain.startsWith("_method[");
    }

    private static String decoded(String text) {
        if (text.indexOf('%') < 0 && text.indexOf('+') < 0) {
            return text;
        }
        StringBuilder decoded = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int high = c == '%' && i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
            int low = high < 0 ? -1 : Character.digit(text.charAt(i + 2), 16);
            if (low >= 0) {
                decoded.append((char) (high * 16 + low));
                i += 2;
            } else {
                decoded.append(c == '+' ? ' ' : c);
            }
        }
        return decoded.toString();
    }
}
