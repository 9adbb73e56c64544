package dev.latchkey.access;

import java.util.regex.Pattern;

/**
 * A named permission on one API.
 *
 * @param api the API's name, such as {@code latchkey}
 * @param name such as {@code tokens:read}
 */
public record Privilege(String api, String name) implements Comparable<Privilege> {

    /** The characters of a scope, since the name of a privilege is one (RFC 6749 section 3.3). */
    private static final Pattern NAME = Pattern.compile("[!#-\\[\\]-~]{1,128}");

    /** Whether the text can be the name of a privilege. */
    public static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    @Override
    public int compareTo(Privilege other) {
        int byApi = api.compareTo(other.api);
        return byApi != 0 ? byApi : name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return api + "/" + name;
    }
}
