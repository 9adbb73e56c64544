package dev.latchkey.gate;

import java.util.Locale;

/**
 * The query parameter {@code _method}, by which some frameworks let a caller name another method than the request's.
 */
final class MethodParameter {
    private MethodParameter() {}

    /** Whether the target's query names another method. Queries that are broken otherwise are the API's concern. */
    static boolean contradicts(String method, String target) {
        int question = target.indexOf('?');
        if (question < 0) {
            return false;
        }
        for (String parameter : target.substring(question + 1).split("[&;]", -1)) {
            int equals = parameter.indexOf('=');
            String name = decoded(equals < 0 ? parameter : parameter.substring(0, equals));
            if (isMethod(name)) {
                String value = equals < 0 ? "" : decoded(parameter.substring(equals + 1));
                if (!value.strip().equalsIgnoreCase(method)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** PHP reads a dot or a space in a name as an underscore, and forgets spaces before it. */
    private static boolean isMethod(String name) {
        String plain = name.strip().toLowerCase(Locale.ROOT);
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
