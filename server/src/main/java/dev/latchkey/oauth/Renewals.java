package dev.latchkey.oauth;

import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.Barred;
import dev.latchkey.apitoken.Credentials;
import dev.latchkey.apitoken.SenderConstraint;
import dev.latchkey.http.Request;
import java.util.Optional;

/**
 * Exchanges a program's own access token for a new one (RFC 8693), as Iceberg's clients do to renew it.
 *
 * <p>A program that authenticates gets what it would get anyway, but no more than the old access token allowed, which may
 * have expired. A program that has nothing but the access token gets one with the same id and without a later expiry: a
 * stolen access token must not renew itself, nor outlive its revocation.
 */
public final class Renewals {
    private static final String BEARER = "Bearer ";
    private static final String DPOP = "DPoP ";

    private final ClientAuthenticator clients;
    private final ClientRefusals refusals;
    private final Credentials credentials;
    private final AccessTokens accessTokens;
    private final RevokedAccessTokens revoked;

    public Renewals(
            ClientAuthenticator clients,
            ClientRefusals refusals,
            Credentials credentials,
            AccessTokens accessTokens,
            RevokedAccessTokens revoked) {
        this.clients = clients;
        this.refusals = refusals;
        this.credentials = credentials;
        this.accessTokens = accessTokens;
        this.revoked = revoked;
    }

    Granted exchanged(OAuthRequest request, String subject) {
        boolean itself = !clients.isAttempted(request)
                && request.namedClientId().isEmpty()
                && bearer(request.http()).filter(subject::equals).isPresent();
        if (!itself) {
            ApiToken apiToken = clients.authenticate(request);
            AccessToken old = verified(accessTokens.verifyAnyAge(subject), request);
            if (!old.clientId().equals(apiToken.clientId())) {
                throw refused("This access token was issued to another API token.");
            }
            return Granted.renewing(old, apiToken);
        }
        AccessToken old = verified(accessTokens.verify(subject), request);
        ApiToken apiToken = credentials
                .find(old.clientId())
                .orElseThrow(() -> refused("The API token was revoked or has expired."));
        Barred barred = credentials.barred(apiToken, request.origin());
        if (barred != null) {
            refusals.count(barred, request);
            throw refused(
                    barred.why() == Barred.Why.OTHER_ADDRESS
                            ? "The API token may not be used from this address."
                            : "The API token was revoked or has expired.");
        }
        if (old.confirmation() == null && apiToken.senderConstraint() != SenderConstraint.NONE) {
            // As at a resource: a stolen one must not be bound to the thief's key.
            refusals.count(new Barred(apiToken.clientId(), Barred.Why.KEY_NOT_PROVED, request.origin()), request);
            throw refused("The API token now requires access tokens that are bound. Authenticate to get one.");
        }
        return Granted.inPlaceOf(old, apiToken);
    }

    private AccessToken verified(AccessTokens.Verification verification, OAuthRequest request) {
        AccessToken old = switch (verification) {
            case AccessTokens.Verification.Verified(AccessToken accessToken) -> accessToken;
            case AccessTokens.Verification.Invalid invalid -> {
                refusals.count(invalid.barred(request.origin()), request);
                throw refused(invalid.reason());
            }
        };
        if (revoked.contains(old)) {
            refusals.count(new Barred(old.clientId(), Barred.Why.ACCESS_TOKEN_ENDED, request.origin()), request);
            throw refused("The access token was revoked.");
        }
        return old;
    }

    private static Optional<String> bearer(Request request) {
        return request.header("Authorization").flatMap(header -> {
            if (header.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
                return Optional.of(header.substring(BEARER.length()).strip());
            }
            return header.regionMatches(true, 0, DPOP, 0, DPOP.length())
                    ? Optional.of(header.substring(DPOP.length()).strip())
                    : Optional.empty();
        });
    }

    /** RFC 8693 section 2.2.2: a subject token that is not valid is an invalid request. */
    private static OAuthError refused(String reason) {
        return OAuthError.of(OAuthError.Code.INVALID_REQUEST, reason);
    }
}
