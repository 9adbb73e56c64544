package dev.latchkey.oauth;

import java.util.List;

/** A program authenticates itself and gets an access token for what its API token may do (RFC 6749 section 4.4). */
public final class ClientCredentialsGrant implements Grant {
    static final String TYPE = "client_credentials";

    private final ClientAuthenticator clients;

    public ClientCredentialsGrant(ClientAuthenticator clients) {
        this.clients = clients;
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public List<String> parameters() {
        return List.of();
    }

    @Override
    public Granted granted(OAuthRequest request) {
        return Granted.anything(clients.authenticate(request));
    }
}
