package dev.latchkey.apitoken;

import dev.latchkey.event.Origin;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A credential for a program: a client id, a secret (which only its hash knows), and one role.
 *
 * @param clientId {@code <account key>.<token key>}
 * @param expiresAt it works for nothing from then on; null for never
 * @param lastAccess when it was last used successfully, right within a second
 * @param version counts the changes, from 1
 */
public record ApiToken(
        String clientId,
        String description,
        String role,
        Status status,
        Instant createdAt,
        Creator createdBy,
        @Nullable Instant expiresAt,
        @Nullable Revocation revocation,
        @Nullable Access lastAccess,
        long version) {

    /** As people see it. A draft is not a token yet, and is shown nowhere. */
    public enum Status {
        ACTIVE,
        REVOKED
    }

    /** Who created it; the name stays what it was then. */
    public record Creator(String kind, String id, String name) {}

    public record Revocation(
            Instant at, String by, @Nullable String reason) {}

    /** One use, and from where. */
    public record Access(Instant at, Origin from) {}

    public boolean isExpired(Instant now) {
        return expiresAt != null && !now.isBefore(expiresAt);
    }

    ApiToken withLastAccess(Access access) {
        return new ApiToken(
                clientId, description, role, status, createdAt, createdBy, expiresAt, revocation, access, version);
    }
}
