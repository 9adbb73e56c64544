package dev.latchkey.apitoken;

import dev.latchkey.apitoken.ApiTokenTerms.InAccessTokens;
import dev.latchkey.apitoken.ApiTokenTerms.Limits;
import dev.latchkey.event.Actor;
import dev.latchkey.event.Origin;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A credential for a program: a client id, a way to prove it (usually a secret, which only its hash knows), and one role.
 *
 * @param clientId {@code <account key>.<token key>}
 * @param terms what people have chosen for it
 * @param ownerName how the person who answers for it was known when they took it over; null when nobody does
 * @param lastAccess when it was last used successfully, right within a second
 * @param version counts the changes, from 1
 */
public record ApiToken(
        String clientId,
        String role,
        ApiTokenTerms terms,
        @Nullable String ownerName,
        Instant createdAt,
        Who createdBy,
        Life life,
        @Nullable Access lastAccess,
        long version) {

    /** Where it is on its way from being made to its end. It only moves forward. */
    public sealed interface Life permits Draft, Active, Revocation {
        /** As the log and the rows spell it. */
        String text();
    }

    /** It was shown with its secret to whoever made it, who has not saved it yet: it works for nothing and is listed nowhere. */
    public record Draft() implements Life {
        @Override
        public String text() {
            return "draft";
        }
    }

    /** It works, as far as its {@linkplain ApiTokenTerms#limits limits} allow. */
    public record Active() implements Life {
        @Override
        public String text() {
            return "active";
        }
    }

    /** It was ended, for good. */
    public record Revocation(Instant at, Who by, @Nullable String reason) implements Life {
        @Override
        public String text() {
            return "revoked";
        }
    }

    /** As people see it. A draft is not a token yet, and is shown nowhere. */
    public enum Status {
        ACTIVE,
        REVOKED;

        /** As it is written in addresses, JSON and rows. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
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

    /** One use, and from where. */
    public record Access(Instant at, Origin from) {}

    /** The key of the account that it belongs to. */
    public String account() {
        return clientId.substring(0, clientId.indexOf('.'));
    }

    public String description() {
        return terms.description();
    }

    /** Who answers for it today; null when nobody does. */
    public @Nullable Owner owner() {
        String id = terms.ownerId();
        return id == null || ownerName == null ? null : new Owner(id, ownerName);
    }

    public ClientAuthentication authentication() {
        return terms.authentication();
    }

    public SenderConstraint senderConstraint() {
        return terms.senderConstraint();
    }

    /** The registered API whose access tokens it may introspect; null for none. */
    public @Nullable String actsFor() {
        return terms.actsFor();
    }

    public InAccessTokens inAccessTokens() {
        return terms.inAccessTokens();
    }

    public Limits limits() {
        return terms.limits();
    }

    public @Nullable Instant expiresAt() {
        return limits().expiresAt();
    }

    public Status status() {
        return isRevoked() ? Status.REVOKED : Status.ACTIVE;
    }

    public boolean isRevoked() {
        return life instanceof Revocation;
    }

    /** How it was ended; null while it was not. */
    public @Nullable Revocation revocation() {
        return life instanceof Revocation revocation ? revocation : null;
    }

    public boolean isExpired(Instant now) {
        Instant expiresAt = limits().expiresAt();
        return expiresAt != null && !now.isBefore(expiresAt);
    }

    public boolean isEarly(Instant now) {
        Instant notBefore = limits().notBefore();
        return notBefore != null && now.isBefore(notBefore);
    }

    public State state(Instant now) {
        if (isRevoked()) {
            return State.REVOKED;
        }
        if (isExpired(now)) {
            return State.EXPIRED;
        }
        if (isEarly(now)) {
            return State.NOT_YET_VALID;
        }
        return limits().expiresAt() != null && isExpired(now.plus(SOON)) ? State.EXPIRING : State.ACTIVE;
    }

    /** Why it does not work, at this moment and from wherever; null when it does. */
    @Nullable String whyNot(Instant now) {
        return switch (life) {
            case Draft() -> "not saved";
            case Revocation revocation -> "revoked";
            case Active() -> isExpired(now) ? "expired" : isEarly(now) ? "not valid yet" : null;
        };
    }

    /** Whether it may be used from the address, which is written as numbers. */
    public boolean allows(String address) {
        return limits().addresses().isEmpty()
                || limits().addresses().stream().anyMatch(range -> range.contains(address));
    }

    /** The same on these terms. Whoever answers for it stays, or is nobody any more. */
    ApiToken on(ApiTokenTerms others) {
        return with(others, others.ownerId() == null ? null : ownerName, life, lastAccess);
    }

    /** The same on these terms, for which this person answers. */
    ApiToken on(ApiTokenTerms others, @Nullable Owner owner) {
        return owner == null
                ? with(others.ownedBy(null), null, life, lastAccess)
                : with(others.ownedBy(owner.id()), owner.name(), life, lastAccess);
    }

    ApiToken in(Life another) {
        return with(terms, ownerName, another, lastAccess);
    }

    ApiToken withLastAccess(Access access) {
        return with(terms, ownerName, life, access);
    }

    private ApiToken with(ApiTokenTerms others, @Nullable String owner, Life another, @Nullable Access access) {
        return new ApiToken(clientId, role, others, owner, createdAt, createdBy, another, access, version);
    }
}
