package dev.latchkey.advice;

import dev.latchkey.crypto.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A number that stands for texts in a condition, because an entity tag is a number. */
final class Tag {
    /** A tag has at most 17 digits. */
    private static final long LARGEST = (1L << 56) - 1;

    private Tag() {}

    /** From 1. */
    static long of(String... texts) {
        long number = ByteBuffer.wrap(Sha256.of(String.join("\n", texts).getBytes(StandardCharsets.UTF_8)))
                .getLong();
        return Math.max(1, number & LARGEST);
    }
}
