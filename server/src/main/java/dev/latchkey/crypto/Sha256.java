package dev.latchkey.crypto;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256, for what is compared or named by its contents. What must not be guessed takes a {@link KeyedHash}. */
public final class Sha256 {
    private Sha256() {}

    /** A new computation; it belongs to one thread. */
    public static MessageDigest begin() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of every JDK", e);
        }
    }

    public static byte[] of(byte[] content) {
        return begin().digest(content);
    }
}
