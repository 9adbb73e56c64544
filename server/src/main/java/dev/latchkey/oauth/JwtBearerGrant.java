package dev.latchkey.oauth;

import java.util.List;

/** A program's platform vouches for it: an outside token as an authorization grant (RFC 7523 section 2.1). */
public final class JwtBearerGrant implements Grant {
    private static final String TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    private static final String ASSERTION = "assertion";

    private final OutsideTokens outside;

    public JwtBearerGrant(OutsideTokens outside) {
        this.outside = outside;
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public List<String> parameters() {
        return List.of(ASSERTION);
    }

    @Override
    public Granted granted(OAuthRequest request) {
        return Granted.anything(outside.asGrant(request, ASSERTION));
    }
}
