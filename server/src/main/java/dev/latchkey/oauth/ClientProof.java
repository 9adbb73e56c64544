package dev.latchkey.oauth;

import dev.latchkey.apitoken.Credentials.Authentication;
import java.util.List;

/**
 * A way in which a program authenticates as an API token (RFC 6749 section 2.3). To add one, write a class and list it where
 * {@link ClientAuthenticator} is made.
 */
public interface ClientProof {
    /** How much of such a proof a request has, in ascending order. */
    enum Presence {
        NONE,
        /** The request names the client but proves nothing. */
        CLIENT_ID_ONLY,
        /** The connection presents it, perhaps for another reason. */
        PRESENTED,
        /** The program sends it to authenticate. */
        SENT
    }

    /**
     * The result of checking a proof.
     *
     * @param clientId the API token that the proof names
     * @param basic whether a refusal challenges with HTTP Basic
     */
    record Checked(String clientId, Authentication authentication, boolean basic) {}

    /** Its methods in our metadata (RFC 8414 section 2). */
    List<String> methods();

    /** The name of this proof in errors, with its article. */
    String noun();

    /** Its parameters, of which a request may have at most one each (RFC 6749 section 3.2). */
    List<String> parameters();

    Presence presence(OAuthRequest request);

    /**
     * Checks the proof of a request that has one.
     *
     * @throws OAuthError when the request is malformed, no matter which client sent it
     */
    Checked check(OAuthRequest request);
}
