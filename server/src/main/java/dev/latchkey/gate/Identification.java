package dev.latchkey.gate;

import dev.latchkey.access.Caller;
import dev.latchkey.account.Session;
import dev.latchkey.apitoken.Barred;
import dev.latchkey.oauth.AccessTokenCheck;
import org.jspecify.annotations.Nullable;

/** Who is calling. */
public sealed interface Identification {

    /** A program with a valid access token. */
    record Program(Caller caller) implements Identification {}

    /**
     * A person with a session.
     *
     * @param secret the session's secret, from which its form value is made
     */
    record Person(Caller caller, Session session, String secret) implements Identification {
        @Override
        public String toString() {
            return "Person[" + caller.id() + "]";
        }
    }

    /** No credential at all. */
    record Anonymous() implements Identification {}

    /**
     * An invalid credential.
     *
     * @param challenge how to try again
     * @param reason may be shown to the sender
     * @param barred the program that proved its API token with it; null when the credential proves nothing
     */
    record Refused(
            AccessTokenCheck.Challenge challenge,
            String reason,
            @Nullable Barred barred) implements Identification {
        /** A credential that proves nothing. */
        Refused(AccessTokenCheck.Challenge challenge, String reason) {
            this(challenge, reason, null);
        }
    }
}
