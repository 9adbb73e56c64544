package dev.latchkey.account;

import java.time.Instant;

/**
 * One browser in which a person is signed in.
 *
 * @param id names the session to its owner; it is not a credential
 * @param expiresAt when it ends, however much it is used
 */
public record Session(
        String id,
        String userId,
        Instant createdAt,
        Instant lastSeenAt,
        Instant expiresAt,
        String address,
        String userAgent) {}
