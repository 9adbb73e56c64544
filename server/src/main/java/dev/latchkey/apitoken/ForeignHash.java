package dev.latchkey.apitoken;

import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The hash of an API key as another system stores it: which hashes a key can be found by, and why not by others. */
public final class ForeignHash {
    private static final int BYTES = 32;
    private static final Pattern HEX = Pattern.compile("[0-9a-fA-F]+");

    /** With padding or without, in either alphabet. */
    private static final Pattern BASE64 = Pattern.compile("[0-9A-Za-z+/_-]{43}=?");

    /** Hashes that are often taken for this one, by the number of their hexadecimal digits. */
    private static final Map<Integer, String> OTHERS =
            Map.of(32, "MD5", 40, "SHA-1", 56, "SHA-224", 96, "SHA-384", 128, "SHA-512");

    private ForeignHash() {}

    /**
     * The hash in 64 lower-case hexadecimal digits.
     *
     * @param text a SHA-256 in hexadecimal digits or in base64
     * @throws IllegalArgumentException when it is anything else, with a reason for people
     */
    public static String hex(String text) {
        String hash = text.strip();
        if (HEX.matcher(hash).matches() && hash.length() == 2 * BYTES) {
            return hash.toLowerCase(Locale.ROOT);
        }
        if (BASE64.matcher(hash).matches()) {
            byte[] bytes = Base64.getDecoder()
                    .decode(hash.replace('-', '+').replace('_', '/').replace("=", ""));
            return HexFormat.of().formatHex(bytes);
        }
        String salted = salted(hash);
        if (salted != null) {
            throw new IllegalArgumentException(
                    "No key can be looked up by a salted hash (" + salted + "). Issue a new key in its place.");
        }
        String other = HEX.matcher(hash).matches() ? OTHERS.get(hash.length()) : null;
        throw new IllegalArgumentException(
                other == null
                        ? "Send the SHA-256 of the key as 64 hexadecimal digits or in base64."
                        : "This has the length of " + other + ". Only SHA-256 can be imported.");
    }

    private static @Nullable String salted(String hash) {
        String lower = hash.toLowerCase(Locale.ROOT);
        if (lower.startsWith("$2")) {
            return "bcrypt";
        }
        if (lower.startsWith("$argon2")) {
            return "Argon2";
        }
        if (lower.startsWith("$pbkdf2") || lower.startsWith("pbkdf2")) {
            return "PBKDF2";
        }
        if (lower.startsWith("$scrypt") || lower.startsWith("scrypt") || lower.startsWith("$7$")) {
            return "scrypt";
        }
        return lower.startsWith("$") ? "crypt" : null;
    }
}
