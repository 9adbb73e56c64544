package dev.latchkey.oauth;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.latchkey.jwt.CompactJwt;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A JWT by which somebody vouches for themselves or for somebody else (RFC 7523 section 3), read but not yet believed.
 *
 * @param compact as sent
 */
record Assertion(String compact, SignedJWT jwt, JWTClaimsSet claims) {
    /** Longer than any that is meant well, and short enough to be refused cheaply. */
    private static final int MAX_LENGTH = 16 * 1024;

    private static final int MAX_ID_LENGTH = 256;

    /** How far clocks may differ. */
    static final Duration LEEWAY = Duration.ofSeconds(30);

    /** Of JWTs that say that they are something else none is taken for an assertion (RFC 8725 section 3.11). */
    private static final Set<String> TYPES = Set.of("jwt", "client-authentication+jwt", "application/jwt");

    /** The assertion; empty when it is too long or no signed JWT of this kind. */
    static Optional<Assertion> parse(String compact) {
        if (compact.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        try {
            SignedJWT jwt = CompactJwt.parse(compact);
            JOSEObjectType type = jwt.getHeader().getType();
            boolean known = type == null || TYPES.contains(type.getType().toLowerCase(Locale.ROOT));
            JWTClaimsSet claims = jwt.getJWTClaimsSet();
            return known && claims != null ? Optional.of(new Assertion(compact, jwt, claims)) : Optional.empty();
        } catch (ParseException e) {
            return Optional.empty();
        }
    }

    /** Why it does not count now (RFC 7523 section 3, numbers 4 to 6); null when it does. */
    @Nullable String whyNotNow(Instant now) {
        Instant expiry = expiry();
        if (expiry == null) {
            return "it has no exp";
        }
        if (!now.isBefore(expiry.plus(LEEWAY))) {
            return "it has expired";
        }
        Instant notBefore = time(claims.getNotBeforeTime());
        if (notBefore != null && notBefore.isAfter(now.plus(LEEWAY))) {
            return "it is not valid yet (nbf)";
        }
        Instant issued = issued();
        return issued != null && issued.isAfter(now.plus(LEEWAY)) ? "it was issued in the future (iat)" : null;
    }

    @Nullable Instant expiry() {
        return time(claims.getExpirationTime());
    }

    @Nullable Instant issued() {
        return time(claims.getIssueTime());
    }

    /** The earliest time at which it can have been used, when it says so: that of its issue, or that from which it counts. */
    @Nullable Instant notUsedBefore() {
        Instant issued = issued();
        return issued == null ? time(claims.getNotBeforeTime()) : issued;
    }

    /** Whether it is for these and for nobody else: one that is for others too could be replayed by them. */
    boolean isOnlyFor(Set<String> audiences) {
        List<String> named = claims.getAudience();
        // A null may stand among them; it is nobody's address.
        return !named.isEmpty() && named.stream().allMatch(each -> each != null && audiences.contains(each));
    }

    /** Its {@code jti}, when it has one that can be remembered. */
    Optional<String> id() {
        return Optional.ofNullable(claims.getJWTID()).filter(id -> !id.isEmpty() && id.length() <= MAX_ID_LENGTH);
    }

    private static @Nullable Instant time(@Nullable Date date) {
        return date == null ? null : date.toInstant();
    }

    @Override
    public String toString() {
        return "Assertion";
    }
}
