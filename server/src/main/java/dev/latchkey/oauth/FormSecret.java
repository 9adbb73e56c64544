package dev.latchkey.oauth;

import dev.latchkey.apitoken.Credentials;
import dev.latchkey.http.Parameters;
import java.util.List;

/** Programs that send their secret in the form: {@code client_secret_post} (RFC 6749 section 2.3.1). */
public final class FormSecret implements ClientProof {
    private static final String SECRET = "client_secret";

    private final Credentials credentials;

    public FormSecret(Credentials credentials) {
        this.credentials = credentials;
    }

    @Override
    public List<String> methods() {
        return List.of("client_secret_post");
    }

    @Override
    public String noun() {
        return "a client secret in the form";
    }

    @Override
    public List<String> parameters() {
        return List.of(SECRET);
    }

    @Override
    public Presence presence(OAuthRequest request) {
        return request.form().has(SECRET) ? Presence.SENT : Presence.NONE;
    }

    @Override
    public Checked check(OAuthRequest request) {
        if (request.basic() != null) {
            // HTTP Basic has no secret here, or it would be a second proof; but it is a second place for one.
            throw OAuthError.of(
                    OAuthError.Code.INVALID_REQUEST,
                    "Send client id and secret together, either with HTTP Basic or in the form.");
        }
        Parameters form = request.form();
        if (!form.has("client_id")) {
            throw OAuthError.invalidClient(true);
        }
        String clientId = form.first("client_id").orElse("");
        return new Checked(
                clientId, credentials.authenticate(clientId, form.first(SECRET).orElse(""), request.origin()), false);
    }
}
