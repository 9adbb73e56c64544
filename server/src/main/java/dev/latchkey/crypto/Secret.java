package dev.latchkey.crypto;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * The secret half of an API token, in one of two {@linkplain Form forms}: what it begins with, for an API key the id of its API
 * token, 43 base62 characters that carry 256 random bits, and 6 base62 characters of CRC-32 over all of these, so that a
 * scanner recognises one offline. Shown once; only its keyed hash is kept.
 */
public final class Secret {
    private static final String BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final int RANDOM_LENGTH = 43;
    private static final int CHECKSUM_LENGTH = 6;

    /** Also a part of a secret, as long as it is worth anything to a guesser. */
    private static final Pattern IN_TEXT = Pattern.compile("(lk[sk]_)[0-9A-Za-z]+");

    /** What a secret is for, which its first characters say. */
    public enum Form {
        /** A client secret, which a program exchanges for access tokens. */
        CLIENT_SECRET("lks_", 0),

        /** An API key, which a program sends as it is with each call. It names its API token, so that it can be found. */
        API_KEY("lkk_", 16);

        private final String prefix;
        private final int idLength;

        Form(String prefix, int idLength) {
            this.prefix = prefix;
            this.idLength = idLength;
        }

        /** What every secret of this form begins with. */
        public String prefix() {
            return prefix;
        }

        /** How long every secret of this form is, in characters. */
        public int length() {
            return prefix.length() + idLength + RANDOM_LENGTH + CHECKSUM_LENGTH;
        }
    }

    private final Form form;
    private final String value;

    private Secret(Form form, String value) {
        this.form = form;
        this.value = value;
    }

    public static Secret generate(SecureRandom random) {
        return generate(Form.CLIENT_SECRET, "", random);
    }

    /** @param id of the API token, 16 base62 characters */
    public static Secret generateApiKey(String id, SecureRandom random) {
        if (id.length() != Form.API_KEY.idLength) {
            throw new IllegalArgumentException("an API key names its API token by 16 characters");
        }
        return generate(Form.API_KEY, id, random);
    }

    private static Secret generate(Form form, String id, SecureRandom random) {
        String body = form.prefix + id + base62(new BigInteger(256, random), RANDOM_LENGTH);
        return new Secret(form, body + checksum(body));
    }

    /**
     * The text as a secret, if it has the form of one and its checksum is correct; whether it is known is another
     * question.
     */
    public static Optional<Secret> parse(String text) {
        for (Form form : Form.values()) {
            if (text.length() == form.length() && text.startsWith(form.prefix)) {
                return hasItsChecksum(text, form.prefix.length())
                        ? Optional.of(new Secret(form, text))
                        : Optional.empty();
            }
        }
        return Optional.empty();
    }

    /** Whether the text begins like one of our secrets, whatever follows. */
    public static boolean hasPrefix(String text) {
        for (Form form : Form.values()) {
            if (text.startsWith(form.prefix)) {
                return true;
            }
        }
        return false;
    }

    /** @param from the place of the first base62 character */
    private static boolean hasItsChecksum(String text, int from) {
        int body = text.length() - CHECKSUM_LENGTH;
        CRC32 crc = new CRC32();
        for (int i = 0; i < body; i++) {
            char c = text.charAt(i);
            if (i >= from && digit(c) < 0) {
                return false;
            }
            crc.update(c);
        }
        long given = 0;
        for (int i = body; i < text.length(); i++) {
            int digit = digit(text.charAt(i));
            if (digit < 0) {
                return false;
            }
            given = given * BASE62.length() + digit;
        }
        return given == crc.getValue();
    }

    /**
     * Foreign text with the secrets in it masked: for anything of a request that is logged or stored, wherever a secret
     * was pasted.
     */
    public static String masked(String text) {
        return isMarked(text) ? IN_TEXT.matcher(text).replaceAll("$1...") : text;
    }

    private static boolean isMarked(String text) {
        for (Form form : Form.values()) {
            if (text.contains(form.prefix)) {
                return true;
            }
        }
        return false;
    }

    /** Whether the text contains one of our secrets, by its form and checksum, live or not. */
    public static boolean isIn(String text) {
        for (Form form : Form.values()) {
            for (int at = text.indexOf(form.prefix); at >= 0; at = text.indexOf(form.prefix, at + 1)) {
                int end = at + form.length();
                if (end <= text.length() && parse(text.substring(at, end)).isPresent()) {
                    return true;
                }
            }
        }
        return false;
    }

    public Form form() {
        return form;
    }

    /** The id of the API token that an API key names; empty for a client secret. */
    public String id() {
        return value.substring(form.prefix.length(), form.prefix.length() + form.idLength);
    }

    /** The secret itself. Only the one reply that shows it, and the hash, may ask for it. */
    public String value() {
        return value;
    }

    private static int digit(char c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        if (c >= 'A' && c <= 'Z') {
            return c - 'A' + 10;
        }
        return c >= 'a' && c <= 'z' ? c - 'a' + 36 : -1;
    }

    private static String checksum(String body) {
        CRC32 crc = new CRC32();
        crc.update(body.getBytes(StandardCharsets.US_ASCII));
        return base62(BigInteger.valueOf(crc.getValue()), CHECKSUM_LENGTH);
    }

    private static String base62(BigInteger number, int length) {
        char[] digits = new char[length];
        BigInteger rest = number;
        for (int i = length - 1; i >= 0; i--) {
            BigInteger[] parts = rest.divideAndRemainder(BigInteger.valueOf(BASE62.length()));
            digits[i] = BASE62.charAt(parts[1].intValue());
            rest = parts[0];
        }
        return new String(digits);
    }

    /** Masked, so that a secret in a log line or an error stays one. */
    @Override
    public String toString() {
        return form.prefix + "...";
    }
}
