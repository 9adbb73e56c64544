package dev.latchkey.oauth;

import dev.latchkey.apitoken.Credentials;
import java.util.List;

/** Programs that send their secret with HTTP Basic: {@code client_secret_basic} (RFC 6749 section 2.3.1). */
public final class BasicSecret implements ClientProof {
    private final Credentials credentials;

    public BasicSecret(Credentials credentials) {
        this.credentials = credentials;
    }

    @Override
    public List<String> methods() {
        return List.of("client_secret_basic");
    }

    @Override
    public String noun() {
        return "a client secret with HTTP Basic";
    }

    @Override
    public List<String> parameters() {
        return List.of();
    }

    @Override
    public Presence presence(OAuthRequest request) {
        BasicCredentials basic = request.basic();
        if (basic == null) {
            return Presence.NONE;
        }
        return basic.isClientIdOnly() ? Presence.CLIENT_ID_ONLY : Presence.SENT;
    }

    @Override
    public Checked check(OAuthRequest request) {
        BasicCredentials basic = request.basic();
        if (basic == null) {
            throw OAuthError.invalidClient(true);
        }
        if (!request.form().first("client_id").orElse(basic.clientId()).equals(basic.clientId())) {
            throw OAuthError.of(
                    OAuthError.Code.INVALID_REQUEST, "The client_id in the form differs from the one in HTTP Basic.");
        }
        return new Checked(
                basic.clientId(),
                credentials.authenticate(basic.clientId(), basic.clientSecret(), request.origin()),
                true);
    }
}
