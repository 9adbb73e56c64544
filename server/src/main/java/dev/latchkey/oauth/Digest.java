package dev.latchkey.oauth;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** 128 bits of a SHA-256: short enough to keep many of them, however long the text is. */
record Digest(long high, long low) {
    /** @param parts texts that stay apart: moving characters from one to the next gives another digest */
    static Digest of(String... parts) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            for (String part : parts) {
                sha256.update(part.getBytes(StandardCharsets.UTF_8));
                sha256.update((byte) 0);
            }
            ByteBuffer digest = ByteBuffer.wrap(sha256.digest());
            return new Digest(digest.getLong(), digest.getLong());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of every JDK", e);
        }
    }
}
