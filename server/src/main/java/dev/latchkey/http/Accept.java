package dev.latchkey.http;

import java.util.Locale;

/** Which media types a caller prefers (Accept, RFC 9110 section 12.5.1). */
public final class Accept {
    private Accept() {}

    /** Whether the caller would rather have the one type than the other; not for a caller that says nothing. */
    public static boolean prefers(Request request, String type, String other) {
        String field = String.join(",", request.headers().all("Accept"));
        return quality(field, type) > quality(field, other);
    }

    /** How much the type is wanted, from 0 to 1: as the most specific range says that includes it. */
    private static double quality(String field, String type) {
        double quality = 0;
        int closest = 0;
        for (String range : field.split(",", -1)) {
            String[] parts = range.split(";", -1);
            int close = closeness(parts[0].strip().toLowerCase(Locale.ROOT), type);
            if (close > closest) {
                closest = close;
                quality = weight(parts);
            }
        }
        return quality;
    }

    private static int closeness(String range, String type) {
        if (range.equals(type)) {
            return 3;
        }
        if (range.equals(type.substring(0, type.indexOf('/')) + "/*")) {
            return 2;
        }
        return range.equals("*/*") ? 1 : 0;
    }

    /** What is not a weight makes the range one that is not wanted. */
    private static double weight(String[] parts) {
        for (String parameter : parts) {
            String text = parameter.strip().toLowerCase(Locale.ROOT);
            if (text.startsWith("q=")) {
                return text.matches("q=(0(\\.[0-9]{0,3})?|1(\\.0{0,3})?)") ? Double.parseDouble(text.substring(2)) : 0;
            }
        }
        return 1;
    }
}
