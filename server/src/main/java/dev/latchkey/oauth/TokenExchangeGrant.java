package dev.latchkey.oauth;

import dev.latchkey.http.Parameters;
import java.util.List;

/** Exchanges an outside token, or an access token of ours, for a new access token (RFC 8693 section 2.1). */
public final class TokenExchangeGrant implements Grant {
    private static final String TYPE = "urn:ietf:params:oauth:grant-type:token-exchange";

    private static final String SUBJECT = "subject_token";
    private static final String SUBJECT_TYPE = "subject_token_type";
    private static final String REQUESTED_TYPE = "requested_token_type";

    /** RFC 8693 section 3. */
    private static final String ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

    private static final List<String> OUTSIDE =
            List.of("urn:ietf:params:oauth:token-type:jwt", "urn:ietf:params:oauth:token-type:id_token");

    private final OutsideTokens outside;
    private final Renewals renewals;

    public TokenExchangeGrant(OutsideTokens outside, Renewals renewals) {
        this.outside = outside;
        this.renewals = renewals;
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public List<String> parameters() {
        return List.of(SUBJECT, SUBJECT_TYPE, REQUESTED_TYPE);
    }

    /** RFC 8693 section 2.2.1. */
    @Override
    public String issuedTokenType() {
        return ACCESS_TOKEN;
    }

    @Override
    public Granted granted(OAuthRequest request) {
        String type = request.required(SUBJECT_TYPE);
        if (!OUTSIDE.contains(type) && !type.equals(ACCESS_TOKEN)) {
            throw OAuthError.of(
                    OAuthError.Code.INVALID_REQUEST,
                    "The subject_token_type must be " + String.join(" or ", OUTSIDE) + ", or " + ACCESS_TOKEN
                            + " for the program's own access token.");
        }
        requireNoMore(request.form());
        return type.equals(ACCESS_TOKEN)
                ? renewals.exchanged(request, request.required(SUBJECT))
                : Granted.anything(outside.asSubject(request, SUBJECT));
    }

    private static void requireNoMore(Parameters form) {
        if (form.has("actor_token") || form.has("actor_token_type")) {
            throw OAuthError.of(
                    OAuthError.Code.INVALID_REQUEST, "Programs act for themselves here. Leave actor_token out.");
        }
        if (!form.text(REQUESTED_TYPE).orElse(ACCESS_TOKEN).equals(ACCESS_TOKEN)) {
            throw OAuthError.of(
                    OAuthError.Code.INVALID_REQUEST, "The only requested_token_type is " + ACCESS_TOKEN + ".");
        }
    }
}
