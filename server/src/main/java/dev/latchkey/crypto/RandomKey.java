package dev.latchkey.crypto;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;

/** Random names for things: lower-case Crockford base32, so that no two characters look alike; 5 bits a character. */
public final class RandomKey {
    public static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

    /** Enough bits that guessing one is hopeless: for one-time links and session ids. */
    public static final int UNGUESSABLE = 52;

    private static final boolean[] LETTERS = new boolean[128];

    static {
        for (char letter : ALPHABET.toCharArray()) {
            LETTERS[letter] = true;
        }
    }

    private RandomKey() {}

    public static String generate(SecureRandom random, int length) {
        // All bytes at once: each call to the source may wait for other callers.
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        for (int i = 0; i < length; i++) {
            // 32 letters divide 256, so each is as likely as the others.
            bytes[i] = (byte) ALPHABET.charAt(bytes[i] & 31);
        }
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** Whether a part of a text has only letters of such a name. */
    public static boolean hasOnlyLetters(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (c >= LETTERS.length || !LETTERS[c]) {
                return false;
            }
        }
        return true;
    }
}
