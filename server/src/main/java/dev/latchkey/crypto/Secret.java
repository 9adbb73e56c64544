package dev.latchkey.crypto;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * The secret half of an API token: {@code lks_}, 43 base62 characters that carry 256 random bits, and 6 base62
 * characters of CRC-32 over everything before, so that a scanner can recognise one offline. Shown once; only its keyed
 * hash is stored.
 */
public final class Secret {
    public static final String PREFIX = "lks_";

    private static final String BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final int RANDOM_LENGTH = 43;
    private static final int CHECKSUM_LENGTH = 6;
    private static final int LENGTH = PREFIX.length() + RANDOM_LENGTH + CHECKSUM_LENGTH;

    /** Matches part of a secret, too, since even that would help a guesser. */
    private static final Pattern IN_TEXT = Pattern.compile(PREFIX + "[0-9A-Za-z]+");

    private final String value;

    private Secret(String value) {
        this.value = value;
    }

    public static Secret generate(SecureRandom random) {
        String body = PREFIX + base62(new BigInteger(256, random), RANDOM_LENGTH);
        return new Secret(body + checksum(body));
    }

    /**
     * The text as a secret, if it has the form of one and its checksum is correct; whether it is known is another
     * question.
     */
    public static Optional<Secret> parse(String text) {
        if (text.length() != LENGTH || !text.startsWith(PREFIX)) {
            return Optional.empty();
        }
        CRC32 crc = new CRC32();
        for (int i = 0; i < LENGTH - CHECKSUM_LENGTH; i++) {
            char c = text.charAt(i);
            if (i >= PREFIX.length() && digit(c) < 0) {
                return Optional.empty();
            }
            crc.update(c);
        }
        long given = 0;
        for (int i = LENGTH - CHECKSUM_LENGTH; i < LENGTH; i++) {
            int digit = digit(text.charAt(i));
            if (digit < 0) {
                return Optional.empty();
            }
            given = given * BASE62.length() + digit;
        }
        return given == crc.getValue() ? Optional.of(new Secret(text)) : Optional.empty();
    }

    /**
     * Foreign text with the secrets in it masked: for anything of a request that is logged or stored, wherever a secret
     * was pasted.
     */
    public static String masked(String text) {
        return text.contains(PREFIX) ? IN_TEXT.matcher(text).replaceAll(PREFIX + "...") : text;
    }

    /** Whether the text contains a Latchkey secret, by form and checksum, valid or not. */
    public static boolean isIn(String text) {
        for (int at = text.indexOf(PREFIX); at >= 0; at = text.indexOf(PREFIX, at + 1)) {
            if (at + LENGTH <= text.length()
                    && parse(text.substring(at, at + LENGTH)).isPresent()) {
                return true;
            }
        }
        return false;
    }

    /** The secret itself. Only for the one reply that shows it, and for the hash. */
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
        return PREFIX + "...";
    }
}
