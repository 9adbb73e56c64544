package dev.latchkey.advice;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An API token whose calls matter.
 *
 * @param name what people call it
 * @param begins since when it could be used
 * @param ended whether it can no longer be used; what it did is then done by others
 * @param actsFor the API that it acts for; null for none
 */
public record Holder(
        String clientId,
        String name,
        String role,
        Instant begins,
        boolean ended,
        @Nullable String actsFor) {}
