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
 * A JWT whose signer vouches for itself or for another program (RFC 7523 section 3), parsed but not verified.
 *
 * @param compact as sent
 */
record Assertion(String compact, SignedJWT jwt, JWTClaimsSet claims) {
    /** Longer than any legitimate one, and short enough to be parsed cheaply. */
    private static final int MAX_LENGTH = 16 * 1024;

    private static final int MAX_ID_LENGTH = 256;

    /** How far clocks may differ. */
    static final Duration LEEWAY = Duration.ofSeconds(30);

    /** A JWT that says that it is something else is not taken for an assertion (RFC 8725 section 3.11). */
    private static final Set<String> TYPES = Set.of("jwt", "client-authentication+jwt", "application/jwt");

    /** Empty when the text is too long or not a signed JWT of this kind. */
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

    /** Why it is not valid at this time (RFC 7523 section 3, numbers 4 to 6); null when it is. */
    @Nullable String whyUntimely(Instant now) {
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

    /**
     * The earliest time at which it can have been used: when it was issued or, if it does not say, when it becomes valid.
     */
    @Nullable Instant notUsedBefore() {
        Instant issued = issued();
        return issued == null ? time(claims.getNotBeforeTime()) : issued;
    }

    /** Whether it is for these audiences alone: any other audience could replay it here. */
    boolean isOnlyFor(Set<String> audiences) {
        List<String> named = claims.getAudience();
        // One of them may be null, which is not our address.
        return !named.isEmpty() && named.stream().allMatch(each -> each != null && audiences.contains(each));
    }

    /** Its {@code jti}, if it has one that can be remembered. */
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
