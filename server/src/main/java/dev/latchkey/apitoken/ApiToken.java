package dev.latchkey.apitoken;

import dev.latchkey.access.Api;
import dev.latchkey.apitoken.ApiTokenTerms.InAccessTokens;
import dev.latchkey.apitoken.ApiTokenTerms.Limits;
import dev.latchkey.crypto.Secret;
import dev.latchkey.event.Actor;
import dev.latchkey.event.Origin;
import dev.latchkey.event.Target;
import dev.latchkey.event.TargetKind;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A credential for a program: a client id, a way to prove it (usually a secret, of which only a hash is kept), and one role.
 *
 * @param clientId {@code <account key>.<token key>}
 * @param terms what people chose for it
 * @param ownerName its owner's name at the time they took it over; null when it has no owner
 * @param lastAccess when it was last used successfully, accurate to a second
 * @param lastWeek what it did in the last week, as of the last hour
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
        LastWeek lastWeek,
        long version) {
    /** The stages of its life. It only moves forward. */
    public sealed interface Life permits Draft, Active, Revocation {
        /** Its name in the log and in rows. */
        String text();
    }

    /** Its creator was shown its secret and has not saved it yet: it does not work and is not listed. */
    public record Draft() implements Life {
        @Override
        public String text() {
            return "draft";
        }
    }

    /** It works within its {@linkplain ApiTokenTerms#limits limits}. */
    public record Active() implements Life {
        @Override
        public String text() {
            return "active";
        }
    }

    /** It was revoked, for good. */
    public record Revocation(Instant at, Who by, @Nullable String reason) implements Life {
        @Override
        public String text() {
            return "revoked";
        }
    }

    /** Whether it was revoked, as people see it. A draft is not a token yet, and is never shown. */
    public enum Status {
        ACTIVE,
        REVOKED;

        /** Its name in addresses, JSON and rows. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Whether it works at a given time. Only {@link Status} is stored; the rest follows from its times. */
    public enum State {
        /** It works, and does not end within {@link #SOON}. */
        ACTIVE,
        /** It works, and ends within {@link #SOON}. Counts of active tokens include it. */
        EXPIRING,
        EXPIRED,
        NOT_YET_VALID,
        REVOKED;

        /** Its name in addresses and JSON. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** How long before its end a token is shown as expiring, so that there is time to replace it. */
    public static final Duration SOON = Duration.ofDays(14);

    /**
     * Who created or revoked it. The name stays as it was then.
     *
     * @param kind person, program or system; {@code unknown} for a revocation by an older version that the log does not
     *     mention: then the id is the name
     */
    public record Who(String kind, String id, String name) {
        static Who of(Actor actor) {
            return new Who(actor.kind().text(), actor.id(), actor.name());
        }

        /** Whether the id is a client id, of another token or of this one. */
        public boolean isProgram() {
            return kind.equals("program");
        }
    }

    /** The person responsible for it. The name stays as it was when they took it over. */
    public record Owner(String id, String name) {}

    /** One use, and where it came from; empty for a use that another system noted. */
    public record Access(Instant at, Origin from) {
        /** The address; null when it is not known. */
        public @Nullable String address() {
            return from.address().isEmpty() ? null : from.address();
        }

        /** The user agent; null when it is not known. */
        public @Nullable String userAgent() {
            return from.address().isEmpty() ? null : from.userAgent();
        }
    }

    /** The key of its account. */
    public String account() {
        return clientId.substring(0, clientId.indexOf('.'));
    }

    public String description() {
        return terms.description();
    }

    /** The person responsible for it today; null when there is none. */
    public @Nullable Owner owner() {
        String id = terms.ownerId();
        return id == null || ownerName == null ? null : new Owner(id, ownerName);
    }

    public ClientAuthentication authentication() {
        return terms.authentication();
    }

    /** Whether its first key was issued elsewhere. */
    public boolean isForeign() {
        return authentication() instanceof ClientAuthentication.ApiKey key && key.importId() != null;
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

    /** How it was revoked; null while it is not. */
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

    /** Why it does not work at this time, from any address; null when it does. */
    public Barred.@Nullable Why whyNot(Instant now) {
        return switch (life) {
            case Draft() -> Barred.Why.NOT_SAVED;
            case Revocation revocation -> Barred.Why.REVOKED;
            case Active() -> isExpired(now) ? Barred.Why.EXPIRED : isEarly(now) ? Barred.Why.NOT_YET_VALID : null;
        };
    }

    /** Whether its programs can present it to the API at all: an API key only where the API takes keys. */
    public boolean canBePresentedTo(Api api) {
        return terms.secretForm() != Secret.Form.API_KEY || !api.keyPlaces().takesNone();
    }

    /** Whether it may be used from the address (numeric). */
    public boolean allows(String address) {
        return limits().addresses().isEmpty()
                || limits().addresses().stream().anyMatch(range -> range.contains(address));
    }

    /** The target of events about it. */
    Target target() {
        return new Target(TargetKind.API_TOKEN, clientId, description());
    }

    /** A copy on these terms. The owner stays the same, or is removed. */
    ApiToken on(ApiTokenTerms others) {
        return with(others, others.ownerId() == null ? null : ownerName, life, lastAccess);
    }

    /** A copy on these terms, with this owner. */
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
        return new ApiToken(clientId, role, others, owner, createdAt, createdBy, another, access, lastWeek, version);
    }
}
