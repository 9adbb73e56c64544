package dev.latchkey.oauth;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One way to get an access token (RFC 6749 section 1.3). Another way is another class, and a line where {@link Grants} is made.
 */
public interface Grant {
    /** Its {@code grant_type}. */
    String type();

    /** Its own parameters; a request may hold one of each at most (RFC 6749 section 3.2). */
    List<String> parameters();

    /**
     * Who a request of this type comes from, and within which bounds it gets something.
     *
     * @throws OAuthError when it gets nothing
     */
    Granted granted(OAuthRequest request);

    /** What the answer calls the access token; null when it says nothing about that. */
    default @Nullable String issuedTokenType() {
        return null;
    }
}
