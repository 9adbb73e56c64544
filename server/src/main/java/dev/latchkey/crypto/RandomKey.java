package dev.latchkey.crypto;

import java.security.SecureRandom;

/** Random names for things: lower-case Crockford base32, so that no two characters look alike; 5 bits a character. */
public final class RandomKey {
    public static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

    /** Enough bits that guessing one is hopeless: for one-time links and session ids. */
    public static final int UNGUESSABLE = 52;

    private RandomKey() {}

    public static String generate(SecureRandom random, int length) {
        StringBuilder key = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            key.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return key.toString();
    }
}
