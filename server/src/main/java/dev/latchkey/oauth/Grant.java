package dev.latchkey.oauth;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A way to get an access token (RFC 6749 section 1.3). To add one, write a class and list it where {@link Grants} is made.
 */
public interface Grant {
    /** Its {@code grant_type}. */
    String type();

    /** Its own parameters, of which a request may have at most one each (RFC 6749 section 3.2). */
    List<String> parameters();

    /**
     * Authenticates a request of this type, and says within which bounds it gets an access token.
     *
     * @throws OAuthError when it gets none
     */
    Granted granted(OAuthRequest request);

    /** The {@code issued_token_type} of the answer; null when the answer has none. */
    default @Nullable String issuedTokenType() {
        return null;
    }
}
