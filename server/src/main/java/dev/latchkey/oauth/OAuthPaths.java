package dev.latchkey.oauth;

import dev.latchkey.usage.Called;

/** The paths of the OAuth endpoints below Latchkey's base URL. */
public final class OAuthPaths {
    public static final String TOKEN = Called.TOKEN_ENDPOINT;
    public static final String INTROSPECTION = "/oauth/v2/introspect";
    public static final String REVOCATION = "/oauth/v2/revoke";
    public static final String AUTHORIZATION = "/oauth/v2/authorize";

    /** The public keys that verify access tokens. */
    public static final String KEYS = "/oauth/v2/jwks";

    private OAuthPaths() {}
}
