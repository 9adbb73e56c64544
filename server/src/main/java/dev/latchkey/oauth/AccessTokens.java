package dev.latchkey.oauth;

import com.nimbusds.jose.JOSEObjectType;
import dev.latchkey.access.EffectivePrivileges;
import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.Barred;
import dev.latchkey.crypto.RandomKey;
import dev.latchkey.crypto.SigningProvider;
import dev.latchkey.event.Origin;
import dev.latchkey.figure.CacheFigures;
import dev.latchkey.problem.Text;
import dev.latchkey.registry.CurrentPolicy;
import dev.latchkey.signing.CurrentKeys;
import dev.latchkey.signing.SigningKey;
import java.security.SecureRandom;
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
 * Issues and verifies access tokens: JWTs of RFC 9068. They are not stored; whether one is still valid depends on its API
 * token and on the key that signed it.
 */
public final class AccessTokens {
    /** How long an access token is valid. */
    public static final Duration LIFETIME = SigningKey.SIGNED_FOR;

    private static final JOSEObjectType INTROSPECTION = new JOSEObjectType("token-introspection+jwt");
    private static final int MAX_LENGTH = 8 * 1024;

    /** A requested scope must be in the access token; a longer one would make it too long for header fields. */
    private static final int MAX_REQUESTED_SCOPE = 3_000;

    private static final int ID_LENGTH = 26;

    private final CurrentKeys keys;
    private final CurrentPolicy policy;
    private final String issuer;
    private final Clock clock;
    private final SecureRandom random = SigningProvider.random();
    private final GenuineAccessTokens genuine;

    /** @param issuer Latchkey's own public base URL */
    public AccessTokens(CurrentKeys keys, CurrentPolicy policy, String issuer, Clock clock) {
        this.keys = keys;
        this.policy = policy;
        this.issuer = issuer;
        this.clock = clock;
        this.genuine = new GenuineAccessTokens(keys, issuer);
    }

    /** The access tokens that were verified, for monitoring. */
    public CacheFigures cache() {
        return genuine.figures();
    }

    /** An access token as it is issued. */
    record Minted(String compact, AccessToken accessToken, String scope) {
        @Override
        public String toString() {
            return "Minted[" + accessToken.clientId() + "]";
        }
    }

    /**
     * Signs an access token for the API token.
     *
     * @param audience the API for which it is valid
     * @param requested the scope to which to limit it; empty for everything that the role allows
     * @param confirmation what to bind it to; null for a bearer token
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
     * Signs one in place of another, with the same id and without a later expiry, so that a revocation ends both.
     *
     * @param original the other one; null for a token of its own
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
                            + " characters, which is too long for an access token. Request less, or leave the scope out"
                            + " for all.");
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
        // Written here and not by Nimbus, which would take a third of a request's time (docs/performance.md).
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
            claims.put(GenuineAccessTokens.LIMITED, true);
        }
        if (apiToken.inAccessTokens().name() instanceof String name) {
            claims.put("name", name);
        }
        // RFC 6749 section 3.3: a scope has at least one name.
        if (!scope.isEmpty() && (requested.isPresent() || held.isShort())) {
            claims.put("scope", scope);
        }
        return new Minted(keys.sign(GenuineAccessTokens.TYPE, claims), accessToken, scope);
    }

    /**
     * Signs the answer of an introspection (RFC 9701 section 5). Its type keeps it from being taken for an access token.
     *
     * @param askedBy the client id of the caller, for whom alone the answer is meant
     */
    String signIntrospection(Map<String, Object> answer, String askedBy) {
        long now = clock.instant().getEpochSecond();
        return keys.sign(
                INTROSPECTION, Map.of("iss", issuer, "aud", askedBy, "iat", now, "token_introspection", answer));
    }

    /** Whether a string is an access token of ours. */
    public sealed interface Verification {
        record Verified(AccessToken accessToken) implements Verification {}

        /**
         * @param reason may be shown to the sender
         * @param why why one that we signed is not valid nevertheless; null for any other
         * @param clientId the API token that it was issued for; empty when we did not sign it
         */
        record Invalid(String reason, Barred.@Nullable Why why, String clientId) implements Verification {
            Invalid(String reason) {
                this(reason, null, "");
            }

            /** The program that presents it, if that proves an API token; null otherwise. */
            @Nullable Barred barred(Origin from) {
                return why == null ? null : new Barred(clientId, why, from);
            }
        }
    }

    /** Verifies an access token (RFC 9068 section 4): its form, type, signature, issuer, audience and lifetime. */
    public Verification verify(String compact, String audience) {
        return switch (verify(compact)) {
            case Verification.Invalid invalid -> invalid;
            case Verification.Verified verified ->
                verified.accessToken().audience().equals(audience)
                        ? verified
                        : new Verification.Invalid(
                                "The access token is for another API. Get one for this API with resource=" + audience
                                        + ".",
                                Barred.Why.OTHER_API,
                                verified.accessToken().clientId());
        };
    }

    /** Verifies an access token for any API. */
    Verification verify(String compact) {
        return verify(compact, clock.instant());
    }

    /** Verifies an access token that may have expired. */
    Verification verifyAnyAge(String compact) {
        return verify(compact, Instant.EPOCH);
    }

    /** Verifies an access token to be revoked, which may still be valid on a node whose clock is behind this one. */
    Verification verifyToEnd(String compact) {
        return verify(compact, clock.instant().minus(SigningKey.CLOCKS_DIFFER));
    }

    private Verification verify(String compact, Instant earliest) {
        if (compact.length() > MAX_LENGTH) {
            return new Verification.Invalid("The access token is too long.");
        }
        GenuineAccessTokens.Genuine found = genuine.find(compact);
        Instant now = clock.instant();
        if (found == null || !keys.isTrusted(now, found.keyId())) {
            return new Verification.Invalid("The access token is not from this issuer, or was altered.");
        }
        AccessToken known = found.accessToken();
        if (!earliest.isBefore(known.expiresAt())) {
            return new Verification.Invalid(
                    "The access token has expired.", Barred.Why.ACCESS_TOKEN_ENDED, known.clientId());
        }
        // Another node's clock may be ahead.
        if (now.plus(SigningKey.CLOCKS_DIFFER).isBefore(known.issuedAt())) {
            return new Verification.Invalid("The access token is not valid yet.");
        }
        return new Verification.Verified(known);
    }

    /** How many access tokens are remembered. */
    long remembered() {
        return genuine.remembered();
    }
}
