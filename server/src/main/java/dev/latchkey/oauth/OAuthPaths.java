package dev.latchkey.oauth;

/** The paths of the OAuth endpoints below Latchkey's base URL. */
public final class OAuthPaths {
    public static final String TOKEN = "/oauth/v2/token";
    public static final String INTROSPECTION = "/oauth/v2/introspect";
    public static final String REVOCATION = "/oauth/v2/revoke";
    public static final String AUTHORIZATION = "/oauth/v2/authorize";

    /** The public keys that verify access tokens. */
    public static final String KEYS = "/oauth/v2/jwks";

    private OAuthPaths() {}
}
