package dev.latchkey.oauth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.latchkey.access.EffectivePrivileges;
import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.crypto.RandomKey;
import dev.latchkey.crypto.SigningProvider;
import dev.latchkey.jwt.CompactJwt;
import dev.latchkey.problem.Text;
import dev.latchkey.registry.CurrentPolicy;
import dev.latchkey.signing.SigningKey;
import dev.latchkey.signing.SigningKeys;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Mints and verifies access tokens: JWTs of RFC 9068. None is stored; whether one still counts is decided by its
 * API token and the key that signed it, whoever asks.
 */
public final class AccessTokens {
    /** How long an access token lasts. */
    public static final Duration LIFETIME = SigningKey.SIGNED_FOR;

    private static final JOSEObjectType TYPE = new JOSEObjectType("at+jwt");
    private static final JOSEObjectType INTROSPECTION = new JOSEObjectType("token-introspection+jwt");
    private static final int MAX_LENGTH = 8 * 1024;

    /** A role may hold thousands of privileges; what nobody asked for is left out before headers become too long. */
    private static final int MAX_SCOPE = 1_000;

    /** A scope that was asked for must be in the access token; a longer one would make it too long for header fields. */
    private static final int MAX_REQUESTED_SCOPE = 3_000;

    /** How much memory the verified ones may take, in bytes, roughly. */
    private static final long MEMORY = 64L * 1024 * 1024;

    private static final int ID_LENGTH = 26;
    private static final String LIMITED = "scope_limited";

    private final SigningKeys keys;
    private final CurrentPolicy policy;
    private final String issuer;
    private final Clock clock;
    private final SecureRandom random = SigningProvider.random();

    /**
     * What was verified once, with which signature and by which key; whether it still counts is looked at each time. It is
     * found by all of the JWT but its signature: whoever has one of ECDSA's (r, s) can make the other, (r, n-s), which is
     * right, too, and must not take a second place.
     *
     * <p>The text itself is what is compared, not a digest of it: that costs a tenth, at each call, for half a kilobyte more.
     */
    private record Remembered(AccessToken accessToken, byte[] signature, String keyId) {
        boolean isSignedBy(byte[] other) {
            return MessageDigest.isEqual(signature, other);
        }

        /** Its bytes, roughly: objects, and what is of any length in it. */
        int weight(String signed) {
            int weight = 500
                    + signed.length()
                    + signature.length
                    + accessToken.audience().length();
            for (String one : accessToken.scope().orElse(Set.of())) {
                weight += 80 + one.length();
            }
            return weight;
        }
    }

    private final Cache<String, Remembered> verified = Caffeine.newBuilder()
            .maximumWeight(MEMORY)
            .weigher((String signed, Remembered remembered) -> remembered.weight(signed))
            .build();

    /** @param issuer Latchkey's own public base URL */
    public AccessTokens(SigningKeys keys, CurrentPolicy policy, String issuer, Clock clock) {
        this.keys = keys;
        this.policy = policy;
        this.issuer = issuer;
        this.clock = clock;
    }

    /** An access token as it is handed out. */
    record Minted(String compact, AccessToken accessToken, String scope) {
        @Override
        public String toString() {
            return "Minted[" + accessToken.clientId() + "]";
        }
    }

    /**
     * Signs an access token for the API token.
     *
     * @param audience the API that it is for
     * @param requested the scope to narrow it to; empty for all that the role allows
     * @param confirmation what to bind it to; null for nothing
     */
    Minted mint(
            ApiToken apiToken,
            String audience,
            String api,
            Optional<Set<String>> requested,
            @Nullable Confirmation confirmation) {
        return mint(apiToken, audience, api, requested, confirmation, null);
    }

    /**
     * The same in place of another one, whose id and end it has, so that a revocation ends both.
     *
     * @param original null for none
     */
    Minted mint(
            ApiToken apiToken,
            String audience,
            String api,
            Optional<Set<String>> requested,
            @Nullable Confirmation confirmation,
            @Nullable AccessToken original) {
        EffectivePrivileges.Scope held = policy.get().effective(apiToken.role()).scope(api);
        requested.ifPresent(scope -> {
            Set<String> beyond = new TreeSet<>(scope);
            beyond.removeAll(held.names());
            if (!beyond.isEmpty()) {
                throw OAuthError.of(
                        OAuthError.Code.INVALID_SCOPE,
                        "The role of this API token does not allow: " + Text.shortened(String.join(" ", beyond), 200));
            }
        });
        String scope =
                requested.map(names -> String.join(" ", new TreeSet<>(names))).orElse(held.text());
        if (requested.isPresent() && scope.length() > MAX_REQUESTED_SCOPE) {
            throw OAuthError.of(
                    OAuthError.Code.INVALID_SCOPE,
                    "The scope is longer than " + MAX_REQUESTED_SCOPE
                            + " characters, too long for an access token. Ask for less, or leave it out for all.");
        }
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        Instant usual = now.plus(LIFETIME);
        AccessToken accessToken = new AccessToken(
                original == null ? RandomKey.generate(random, ID_LENGTH) : original.id(),
                apiToken.clientId(),
                audience,
                now,
                original == null || usual.isBefore(original.expiresAt()) ? usual : original.expiresAt(),
                requested,
                confirmation);
        // Written here and not by Nimbus: a third of what a request costs would go into that (docs/performance.md).
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("iss", issuer);
        claims.put("sub", apiToken.clientId());
        claims.put("client_id", apiToken.clientId());
        claims.put("aud", audience);
        claims.put("iat", now.getEpochSecond());
        claims.put("exp", accessToken.expiresAt().getEpochSecond());
        claims.put("jti", accessToken.id());
        claims.put("roles", List.of(apiToken.role()));
        claims.put("account", apiToken.account());
        if (confirmation != null) {
            claims.put("cnf", confirmation.claim());
        }
        if (requested.isPresent()) {
            claims.put(LIMITED, true);
        }
        if (apiToken.inAccessTokens().name() instanceof String name) {
            claims.put("name", name);
        }
        // RFC 6749 section 3.3: a scope has at least one name.
        if (!scope.isEmpty() && (requested.isPresent() || scope.length() <= MAX_SCOPE)) {
            claims.put("scope", scope);
        }
        return new Minted(keys.sign(TYPE, claims), accessToken, scope);
    }

    /**
     * Signs what introspection says (RFC 9701 section 5). The type keeps it from being taken for an access token.
     *
     * @param askedBy the client id of whoever asked, whom alone it is for
     */
    String signIntrospection(Map<String, Object> answer, String askedBy, Instant now) {
        return keys.sign(
                INTROSPECTION,
                Map.of("iss", issuer, "aud", askedBy, "iat", now.getEpochSecond(), "token_introspection", answer));
    }

    /** Whether a string is an access token of ours. */
    public sealed interface Verification {
        record Verified(AccessToken accessToken) implements Verification {}

        /** @param reason may be shown to whoever sent it */
        record Invalid(String reason) implements Verification {}
    }

    /**
     * Verifies an access token (RFC 9068 section 4): its form, type, signature, issuer, audience and time.
     */
    public Verification verify(String compact, String audience) {
        return switch (verify(compact)) {
            case Verification.Invalid invalid -> invalid;
            case Verification.Verified verified ->
                verified.accessToken().audience().equals(audience)
                        ? verified
                        : new Verification.Invalid("The access token is for another API. Get one for this one with"
                                + " resource=" + audience + ".");
        };
    }

    /** Verifies an access token for whichever API it is. */
    Verification verify(String compact) {
        return verify(compact, clock.instant());
    }

    /** The same whether or not it has expired. */
    Verification verifyAnyAge(String compact) {
        return verify(compact, Instant.EPOCH);
    }

    /** The same for whoever wants to end it: it may still count on a node whose clock is behind this one. */
    Verification verifyToEnd(String compact) {
        return verify(compact, clock.instant().minus(SigningKey.CLOCKS_DIFFER));
    }

    private Verification verify(String compact, Instant earliest) {
        if (compact.length() > MAX_LENGTH) {
            return new Verification.Invalid("The access token is too long.");
        }
        Remembered remembered = remembered(compact);
        Instant now = clock.instant();
        if (remembered == null || !keys.counts(now, remembered.keyId())) {
            return new Verification.Invalid("The access token is not one of this issuer, or was altered.");
        }
        AccessToken known = remembered.accessToken();
        if (!earliest.isBefore(known.expiresAt())) {
            return new Verification.Invalid("The access token has expired.");
        }
        // Another node's clock may be ahead.
        if (now.plus(SigningKey.CLOCKS_DIFFER).isBefore(known.issuedAt())) {
            return new Verification.Invalid("The access token is not valid yet.");
        }
        return new Verification.Verified(known);
    }

    private @Nullable Remembered remembered(String compact) {
        int dot = compact.lastIndexOf('.');
        if (dot < 0) {
            return null;
        }
        String signed = compact.substring(0, dot);
        byte[] signature = compact.substring(dot + 1).getBytes(StandardCharsets.US_ASCII);
        // What is remembered was spelled exactly, and is the same only as what is spelled so, too.
        Remembered known = verified.getIfPresent(signed);
        if (known != null && known.isSignedBy(signature)) {
            return known;
        }
        try {
            Remembered checked = parsed(compact, signature);
            if (checked != null) {
                verified.put(signed, checked);
            }
            return checked;
        } catch (ParseException | RuntimeException e) {
            // A claim of another type than we write.
            return null;
        }
    }

    /** How many are remembered. */
    long remembered() {
        verified.cleanUp();
        return verified.estimatedSize();
    }

    private static @Nullable Confirmation confirmation(JWTClaimsSet claims) throws ParseException {
        Map<String, Object> confirmation = claims.getJSONObjectClaim("cnf");
        if (confirmation == null) {
            return null;
        }
        if (confirmation.get(Confirmation.ProofKey.MEMBER) instanceof String key) {
            return new Confirmation.ProofKey(key);
        }
        if (confirmation.get(Confirmation.Certificate.MEMBER) instanceof String certificate) {
            return new Confirmation.Certificate(certificate);
        }
        throw new ParseException("a confirmation that nobody here wrote", 0);
    }

    private @Nullable Remembered parsed(String compact, byte[] signature) throws ParseException {
        SignedJWT jwt = CompactJwt.parse(compact);
        if (!TYPE.equals(jwt.getHeader().getType()) || !keys.signed(jwt)) {
            return null;
        }
        JWTClaimsSet claims = jwt.getJWTClaimsSet();
        if (!issuer.equals(claims.getIssuer())
                || claims.getAudience().size() != 1
                || claims.getExpirationTime() == null
                || claims.getIssueTime() == null
                || claims.getJWTID() == null
                || claims.getStringClaim("client_id") == null) {
            return null;
        }
        boolean limited = Boolean.TRUE.equals(claims.getBooleanClaim(LIMITED));
        AccessToken accessToken = new AccessToken(
                claims.getJWTID(),
                claims.getStringClaim("client_id"),
                claims.getAudience().getFirst(),
                claims.getIssueTime().toInstant(),
                claims.getExpirationTime().toInstant(),
                limited ? Optional.of(Set.of(claims.getStringClaim("scope").split(" ", -1))) : Optional.empty(),
                confirmation(claims));
        return new Remembered(accessToken, signature, jwt.getHeader().getKeyID());
    }
}
