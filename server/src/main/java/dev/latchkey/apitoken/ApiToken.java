package dev.latchkey.apitoken;

import dev.latchkey.event.Actor;
import dev.latchkey.event.Origin;
import dev.latchkey.http.AddressRange;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A credential for a program: a client id, a way to prove it (usually a secret, which only its hash knows), and one role.
 *
 * @param clientId {@code <account key>.<token key>}
 * @param owner who answers for it today; null when nobody does
 * @param actsFor the registered API whose own credential this is, which may introspect that API's access tokens
 * @param inAccessTokens what its access tokens say that its programs cannot
 * @param lastAccess when it was last used successfully, right within a second
 * @param version counts the changes, from 1
 */
public record ApiToken(
        String clientId,
        String description,
        String role,
        Status status,
        Instant createdAt,
        Who createdBy,
        @Nullable Owner owner,
        ClientAuthentication authentication,
        SenderConstraint senderConstraint,
        @Nullable String actsFor,
        InAccessTokens inAccessTokens,
        Limits limits,
        @Nullable Revocation revocation,
        @Nullable Access lastAccess,
        long version) {

    /** As people see it. A draft is not a token yet, and is shown nowhere. */
    public enum Status {
        ACTIVE,
        REVOKED
    }

    /** What it is good for at a moment. Only {@link Status} is kept and known to revocation; the rest follows from its times. */
    public enum State {
        /** It works, and for longer than {@link #SOON}, or for ever. */
        ACTIVE,
        /** It works, and ends {@link #SOON}: where people count what works, it is among the active ones. */
        EXPIRING,
        EXPIRED,
        NOT_YET_VALID,
        REVOKED;

        /** As it is written in addresses and JSON. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Whoever has to replace a token wants to know it so long before it ends. */
    public static final Duration SOON = Duration.ofDays(14);

    /**
     * Who created or revoked it; the name stays what it was then.
     *
     * @param kind person, program or system; {@code unknown} for a revocation from before this was kept, of which the log does
     *     not tell: then the id is the name
     */
    public record Who(String kind, String id, String name) {
        static Who of(Actor actor) {
            return new Who(actor.kind().text(), actor.id(), actor.name());
        }

        /** Whether the id is that of another token, or of this one. */
        public boolean isProgram() {
            return kind.equals("program");
        }
    }

    /** A person who answers for it; the name stays what it was when they took it over. */
    public record Owner(String id, String name) {}

    /**
     * What its access tokens say that its programs cannot.
     *
     * @param defaultResource the audience of the API that is meant when a program names none; null for Latchkey's own
     * @param name a short name for systems that show one instead of the client id; null for none. It proves nothing
     */
    public record InAccessTokens(
            @Nullable String defaultResource, @Nullable String name) {
        public static final InAccessTokens NOTHING = new InAccessTokens(null, null);
    }

    /**
     * When and from where it counts.
     *
     * @param notBefore it does not work before then; null for from the start
     * @param expiresAt it stops working then; null for never
     * @param addresses from where it may be used; empty for from anywhere
     */
    public record Limits(
            @Nullable Instant notBefore, @Nullable Instant expiresAt, List<AddressRange> addresses) {
        public static final Limits NONE = new Limits(null, null, List.of());

        public static Limits until(@Nullable Instant expiresAt) {
            return new Limits(null, expiresAt, List.of());
        }
    }

    public record Revocation(Instant at, Who by, @Nullable String reason) {}

    /** One use, and from where. */
    public record Access(Instant at, Origin from) {}

    /** The key of the account that it belongs to. */
    public String account() {
        return clientId.substring(0, clientId.indexOf('.'));
    }

    public @Nullable Instant expiresAt() {
        return limits.expiresAt();
    }

    public boolean isExpired(Instant now) {
        return limits.expiresAt() != null && !now.isBefore(limits.expiresAt());
    }

    public boolean isEarly(Instant now) {
        return limits.notBefore() != null && now.isBefore(limits.notBefore());
    }

    public State state(Instant now) {
        if (status == Status.REVOKED) {
            return State.REVOKED;
        }
        if (isExpired(now)) {
            return State.EXPIRED;
        }
        if (isEarly(now)) {
            return State.NOT_YET_VALID;
        }
        return limits.expiresAt() != null && isExpired(now.plus(SOON)) ? State.EXPIRING : State.ACTIVE;
    }

    /** Whether it may be used from the address, which is written as numbers. */
    public boolean allows(String address) {
        return limits.addresses().isEmpty() || limits.addresses().stream().anyMatch(range -> range.contains(address));
    }

    /** The same as the credential of another API, or of none. */
    ApiToken actingFor(@Nullable String api) {
        return with(owner, api, lastAccess);
    }

    /** The same with another person who answers for it. */
    ApiToken ownedBy(Owner person) {
        return with(person, actsFor, lastAccess);
    }

    ApiToken withLastAccess(Access access) {
        return with(owner, actsFor, access);
    }

    private ApiToken with(@Nullable Owner person, @Nullable String api, @Nullable Access access) {
        return new ApiToken(
                clientId,
                description,
                role,
                status,
                createdAt,
                createdBy,
                person,
                authentication,
                senderConstraint,
                api,
                inAccessTokens,
                limits,
                revocation,
                access,
                version);
    }
}
