package dev.latchkey.oauth;

import dev.latchkey.crypto.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** 128 bits of a SHA-256: short enough to keep many of them, however long the text is. */
record Digest(long high, long low) {
    /** @param parts texts that stay apart: moving characters from one to the next gives another digest */
    static Digest of(String... parts) {
        MessageDigest sha256 = Sha256.begin();
        for (String part : parts) {
            sha256.update(part.getBytes(StandardCharsets.UTF_8));
            sha256.update((byte) 0);
        }
        ByteBuffer digest = ByteBuffer.wrap(sha256.digest());
        return new Digest(digest.getLong(), digest.getLong());
    }
}
