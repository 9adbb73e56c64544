package dev.latchkey.apitoken;

import dev.latchkey.crypto.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * How another system hashed the API keys that it issued: the SHA-256 of each key with a fixed text before and after it, which are
 * usually empty.
 */
public record HashRecipe(String prefix, String suffix) {
    /** The SHA-256 of the key as that system computed it, in 64 lower-case hexadecimal digits. */
    public String sha256(String key) {
        return HexFormat.of().formatHex(Sha256.of((prefix + key + suffix).getBytes(StandardCharsets.UTF_8)));
    }

    /** Masked: the two texts can be a secret of the other system. */
    @Override
    public String toString() {
        return "HashRecipe";
    }
}
