package dev.latchkey.oauth;

import dev.latchkey.access.EffectivePrivileges;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The short-lived signed token that a program calls an API with (RFC 9068).
 *
 * @param id {@code jti}
 * @param audience the API that it is for
 * @param scope the privileges that the program asked to be limited to; empty when it asked for none in particular, and so
 *     may do whatever its role allows at the time of the call
 * @param confirmation what it is bound to; null when whoever bears it may use it
 */
public record AccessToken(
        String id,
        String clientId,
        String audience,
        Instant issuedAt,
        Instant expiresAt,
        Optional<Set<String>> scope,
        @Nullable Confirmation confirmation) {
    /** How long it counts from its issue on. */
    Duration life() {
        return Duration.between(issuedAt, expiresAt);
    }

    /** What of the role's present privileges it may use. */
    public EffectivePrivileges limited(EffectivePrivileges now) {
        return scope.map(now::limitedTo).orElse(now);
    }
}
