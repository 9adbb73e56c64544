package dev.latchkey.apitoken;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * How another system hashed the API keys that it issued: the SHA-256 of each key with a fixed text before and after it, which are
 * usually empty.
 */
public record HashRecipe(String prefix, String suffix) {
    /** The SHA-256 of the key as that system computed it, in 64 lower-case hexadecimal digits. */
    public String sha256(String key) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest((prefix + key + suffix).getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of every JDK", e);
        }
    }

    /** Masked: the two texts can be a secret of the other system. */
    @Override
    public String toString() {
        return "HashRecipe";
    }
}
