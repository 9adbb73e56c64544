package dev.latchkey.crypto;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.SecretKey;

/**
 * HMAC-SHA-256 under a key derived for one purpose, which outlives a rotation of the master key. The values have 256
 * random bits, so a fast hash is safe: there is nothing to guess, and without the master key not even a guess could be
 * checked.
 */
public final class KeyedHash {
    private final Mac prototype;

    /** @param purpose a name that no other use shares, such as {@code "api token secret"} */
    public KeyedHash(MasterKey masterKey, String purpose) {
        SecretKey key = masterKey.hashing(purpose);
        try {
            prototype = Mac.getInstance("HmacSHA256", "SunJCE");
            prototype.init(key);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HmacSHA256 is part of every JDK", e);
        }
    }

    /** The hash, 43 characters of base64url. */
    public String of(String value) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes(value));
    }

    /** Whether the value has this hash, in constant time. */
    public boolean matches(String value, String hash) {
        return same(of(value), hash);
    }

    /** Whether two hashes are the same, in constant time. */
    public static boolean same(String a, String b) {
        return MessageDigest.isEqual(a.getBytes(StandardCharsets.US_ASCII), b.getBytes(StandardCharsets.US_ASCII));
    }

    private byte[] bytes(String value) {
        try {
            // A copy of the keyed state: cheaper than getInstance and init, and safe among threads.
            Mac mac = (Mac) prototype.clone();
            return mac.doFinal(value.getBytes(StandardCharsets.UTF_8));
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the JDK's HmacSHA256 can be cloned", e);
        }
    }
}
