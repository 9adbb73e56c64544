package dev.latchkey.verifier;

import java.util.Locale;
import java.util.regex.Pattern;

/** The query parameter {@code _method}, by which some frameworks let a caller name another method than the request's. */
final class MethodParameter {
    private static final Pattern SEPARATOR = Pattern.compile("[&;]");

    private MethodParameter() {}

    /** Whether the target's query names another method; read as leniently as any framework might. */
    static boolean contradicts(String method, String target) {
        int question = target.indexOf('?');
        if (question < 0) {
            return false;
        }
        for (String parameter : SEPARATOR.split(target.substring(question + 1), -1)) {
            int equals = parameter.indexOf('=');
            String name = decoded(equals < 0 ? parameter : parameter.substring(0, equals));
            String value = equals < 0 ? "" : decoded(parameter.substring(equals + 1));
            if (isMethod(name) && !value.strip().equalsIgnoreCase(method)) {
                return true;
            }
        }
        return false;
    }

    /** Some languages read a dot in a name as an underscore, and what stands in brackets as an index. */
    private static boolean isMethod(String name) {
        String plain = name.strip().toLowerCase(Locale.ROOT);
        return plain.equals("_method") || plain.equals(".method") || plain.startsWith("_method[");
    }

    /** A broken percent sequence stays as it is; bytes are taken for characters, which makes no difference to names. */
    private static String decoded(String text) {
        if (text.indexOf('%') < 0 && text.indexOf('+') < 0) {
            return text;
        }
        StringBuilder decoded = new StringBuilder(text.length());
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
