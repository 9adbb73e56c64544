package dev.latchkey.oauth;

import dev.latchkey.apitoken.Credentials.Authentication;
import java.util.List;

/**
 * One way in which a program proves which API token it is (RFC 6749 section 2.3). Another way is another class, and a line
 * where {@link ClientAuthenticator} is made.
 */
public interface ClientProof {
    /** How much of such a proof a request holds, from nothing to most. */
    enum Presence {
        NONE,
        /** It names the client and proves nothing. */
        CLIENT_ID_ONLY,
        /** Its connection shows it, which it may do without meaning it as proof. */
        SHOWN,
        /** The program sends it to prove who it is. */
        SENT
    }

    /**
     * What came of looking at a proof.
     *
     * @param clientId the API token that it is about
     * @param basic whether a refusal tells the scheme HTTP Basic
     */
    record Checked(String clientId, Authentication authentication, boolean basic) {}

    /** Its methods in our metadata (RFC 8414 section 2). */
    List<String> methods();

    /** What an error calls it, with its article. */
    String words();

    /** Its parameters; a request may hold one of each at most (RFC 6749 section 3.2). */
    List<String> parameters();

    Presence presence(OAuthRequest request);

    /**
     * Looks at the proof of a request that holds one.
     *
     * @throws OAuthError when the request is wrong, whoever sent it
     */
    Checked check(OAuthRequest request);
}
