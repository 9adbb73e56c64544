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
 * @param audience the API for which it is valid
 * @param scope the privileges to which the program limited it; empty when it requested no scope, and may do whatever its
 *     role allows at the time of the call
 * @param confirmation what it is bound to; null when its bearer may use it
 */
public record AccessToken(
        String id,
        String clientId,
        String audience,
        Instant issuedAt,
        Instant expiresAt,
        Optional<Set<String>> scope,
        @Nullable Confirmation confirmation) {
    /** How long it is valid from when it was issued. */
    Duration life() {
        return Duration.between(issuedAt, expiresAt);
    }

    /** The privileges that it may use, of those that the role has now. */
    public EffectivePrivileges limited(EffectivePrivileges held) {
        return scope.map(held::limitedTo).orElse(held);
    }
}
