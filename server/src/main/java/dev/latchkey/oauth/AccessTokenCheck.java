package dev.latchkey.oauth;

import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.Barred;
import dev.latchkey.apitoken.Credentials;
import dev.latchkey.apitoken.SenderConstraint;
import dev.latchkey.crypto.KeyedHash;
import dev.latchkey.event.Origin;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checks a presented access token: that it is ours, for this API, in its lifetime and not revoked, that its API token is
 * valid, and that it is presented by the holder of what it is bound to. The management API, the gate and introspection all
 * use this.
 */
public final class AccessTokenCheck {
    private static final String BEARER = "Bearer ";
    private static final String DPOP = "DPoP ";
    private static final String API_TOKEN_ENDED = "The API token was revoked or has expired.";

    private final AccessTokens accessTokens;
    private final Credentials credentials;
    private final RevokedAccessTokens revoked;
    private final DpopProofs proofs;

    public AccessTokenCheck(
            AccessTokens accessTokens, Credentials credentials, RevokedAccessTokens revoked, DpopProofs proofs) {
        this.accessTokens = accessTokens;
        this.credentials = credentials;
        this.revoked = revoked;
        this.proofs = proofs;
    }

    /** The result of a check. */
    public sealed interface Result {
        record Accepted(AccessToken accessToken, ApiToken apiToken) implements Result {}

        /**
         * @param reason may be shown to the sender
         * @param barred the program that proved its API token nevertheless; null when the access token proves nothing
         */
        record Refused(
                Challenge challenge,
                String reason,
                @Nullable Barred barred) implements Result {}
    }

    /** How to try again (RFC 6750 section 3, RFC 9449 section 7.1). */
    public enum Challenge {
        BEARER("Bearer", "invalid_token"),
        DPOP("DPoP", "invalid_token"),
        DPOP_PROOF("DPoP", "invalid_dpop_proof");

        private final String scheme;
        private final String error;

        Challenge(String scheme, String error) {
            this.scheme = scheme;
            this.error = error;
        }

        public String error() {
            return error;
        }

        /** The challenge of the introspection endpoint, which is not an API of its own. */
        String atIntrospection() {
            return scheme + " realm=\"latchkey\", error=\"" + error + "\"" + parameters();
        }

        /** The parameters that only this scheme has (RFC 9449 section 7.1). */
        private String parameters() {
            return this == BEARER ? "" : ", algs=\"" + String.join(" ", AsymmetricSignature.NAMES) + "\"";
        }

        /**
         * The challenge to a caller without a credential, which names no error (RFC 6750 section 3.1).
         *
         * @param api the API's name
         * @param issuer Latchkey's own base URL
         */
        public static String invitation(String api, String issuer) {
            return realm(BEARER.scheme, api, issuer);
        }

        /** The challenge to a caller with an invalid credential. */
        public String refusal(String api, String issuer, String reason) {
            return realm(scheme, api, issuer) + ", error=\"" + error + "\", error_description=\""
                    + reason.replace('"', '\'').replace('\\', '/') + "\"" + parameters();
        }

        /** RFC 9728 section 5.1: with the address that says how to get an access token. */
        private static String realm(String scheme, String api, String issuer) {
            return scheme + " realm=\"" + api + "\", resource_metadata=\"" + ProtectedResourceMetadata.url(issuer, api)
                    + "\"";
        }
    }

    /**
     * The access token and its API token, if both are valid. What it is bound to is not checked, nor the address: only the API
     * that asks sees its caller.
     *
     * @param presented where it was presented, as far as it is known
     */
    Result active(String compact, Origin presented) {
        return switch (accessTokens.verify(compact)) {
            case AccessTokens.Verification.Invalid invalid ->
                new Result.Refused(Challenge.BEARER, invalid.reason(), invalid.barred(presented));
            case AccessTokens.Verification.Verified(AccessToken accessToken) -> {
                ApiToken apiToken = credentials.find(accessToken.clientId()).orElse(null);
                if (apiToken == null) {
                    yield refused(Challenge.BEARER, API_TOKEN_ENDED);
                }
                Barred barred = revoked.contains(accessToken)
                        ? new Barred(apiToken.clientId(), Barred.Why.ACCESS_TOKEN_ENDED, presented)
                        : credentials.barredAnywhere(apiToken, presented);
                yield barred == null
                        ? new Result.Accepted(accessToken, apiToken)
                        : new Result.Refused(Challenge.BEARER, API_TOKEN_ENDED, barred);
            }
        };
    }

    /** @param audience the API that it must be for */
    public Result check(PresentedAccessToken presented, String audience) {
        return check(presented, audience, true);
    }

    /**
     * Checks everything but a DPoP proof, before the body of a request is read. A proof is valid once (RFC 9449 section 11.1), and is checked
     * with the whole request.
     */
    public Result checkBeforeBody(PresentedAccessToken presented, String audience) {
        return check(presented, audience, false);
    }

    private Result check(PresentedAccessToken presented, String audience, boolean withProof) {
        String authorization = presented.authorization();
        boolean proved = startsWith(authorization, DPOP);
        if (!proved && !startsWith(authorization, BEARER)) {
            return refused(Challenge.BEARER, "Send an access token as Authorization: Bearer.");
        }
        String compact = authorization
                .substring(proved ? DPOP.length() : BEARER.length())
                .strip();
        return switch (accessTokens.verify(compact, audience)) {
            case AccessTokens.Verification.Invalid invalid ->
                new Result.Refused(
                        proved ? Challenge.DPOP : Challenge.BEARER,
                        invalid.reason(),
                        invalid.barred(presented.origin()));
            case AccessTokens.Verification.Verified(AccessToken accessToken) ->
                check(presented, accessToken, compact, proved, withProof);
        };
    }

    private Result check(
            PresentedAccessToken presented,
            AccessToken accessToken,
            String compact,
            boolean proved,
            boolean withProof) {
        Challenge scheme = proved ? Challenge.DPOP : Challenge.BEARER;
        if (revoked.contains(accessToken)) {
            return new Result.Refused(
                    scheme,
                    "The access token was revoked.",
                    new Barred(accessToken.clientId(), Barred.Why.ACCESS_TOKEN_ENDED, presented.origin()));
        }
        ApiToken apiToken = credentials.find(accessToken.clientId()).orElse(null);
        if (apiToken == null) {
            return refused(scheme, API_TOKEN_ENDED);
        }
        Barred barred = credentials.barred(apiToken, presented.origin());
        if (barred != null) {
            return new Result.Refused(
                    scheme,
                    barred.why() == Barred.Why.OTHER_ADDRESS
                            ? otherAddress("API token", presented.origin())
                            : API_TOKEN_ENDED,
                    barred);
        }
        Result bound = bound(presented, accessToken, apiToken, compact, proved, withProof);
        return bound instanceof Result.Refused why
                ? new Result.Refused(
                        why.challenge(),
                        why.reason(),
                        new Barred(apiToken.clientId(), Barred.Why.KEY_NOT_PROVED, presented.origin()))
                : bound;
    }

    /** Whether the caller proves what the access token is bound to. */
    private Result bound(
            PresentedAccessToken presented,
            AccessToken accessToken,
            ApiToken apiToken,
            String compact,
            boolean proved,
            boolean withProof) {
        return switch (accessToken.confirmation()) {
            case null -> {
                if (apiToken.senderConstraint() != SenderConstraint.NONE) {
                    yield refused(
                            proved ? Challenge.DPOP : Challenge.BEARER,
                            "The API token now requires access tokens that are bound. Get a new one.");
                }
                yield proved
                        ? refused(
                                Challenge.DPOP,
                                "The access token is not bound to a key. Send it as Authorization: Bearer.")
                        : new Result.Accepted(accessToken, apiToken);
            }
            case Confirmation.ProofKey(String thumbprint) ->
                proved
                        ? withProof
                                ? byProof(presented, accessToken, apiToken, compact, thumbprint)
                                : new Result.Accepted(accessToken, apiToken)
                        // RFC 9449 section 7.2: with the other scheme anyone could use it.
                        : refused(
                                Challenge.DPOP, "The access token is bound to a key. Send it as Authorization: DPoP.");
            case Confirmation.Certificate(String thumbprint) -> {
                List<X509Certificate> certificates = presented.certificates();
                // RFC 8705 section 3: a mismatch is an invalid token.
                yield !proved
                                && !certificates.isEmpty()
                                && KeyedHash.same(ClientCertificates.thumbprint(certificates.getFirst()), thumbprint)
                        ? new Result.Accepted(accessToken, apiToken)
                        : refused(
                                Challenge.BEARER,
                                "The access token is bound to a TLS certificate, which was not presented.");
            }
        };
    }

    private Result byProof(
            PresentedAccessToken presented,
            AccessToken accessToken,
            ApiToken apiToken,
            String compact,
            String thumbprint) {
        return switch (proofs.atResource(
                apiToken.clientId(), presented.proofs(), presented.method(), presented.urls(), compact)) {
            case DpopProofs.Outcome.Proved(String key) ->
                KeyedHash.same(key, thumbprint)
                        ? new Result.Accepted(accessToken, apiToken)
                        : refused(Challenge.DPOP, "The access token is bound to another key.");
            case DpopProofs.Outcome.Wrong(String reason) -> refused(Challenge.DPOP_PROOF, reason);
            case DpopProofs.Outcome.NonceNeeded() -> throw new IllegalStateException("resources require no nonce");
        };
    }

    /**
     * Why a caller is refused who may call from other addresses only.
     *
     * @param what may not be used from there
     */
    public static String otherAddress(String what, Origin origin) {
        return origin.hasAddress()
                ? "The " + what + " may not be used from this address."
                : "The " + what + " may be used only from some addresses. Send the caller's address.";
    }

    private static boolean startsWith(String text, String start) {
        return text.regionMatches(true, 0, start, 0, start.length());
    }

    private static Result refused(Challenge challenge, String reason) {
        return new Result.Refused(challenge, reason, null);
    }
}
