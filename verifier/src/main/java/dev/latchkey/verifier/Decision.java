package dev.latchkey.verifier;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether a call may be made, with its reason. */
public sealed interface Decision {

    /**
     * The call may be made.
     *
     * @param client null when nobody said who they are, which only a public endpoint accepts
     */
    record Allowed(Endpoint endpoint, @Nullable Client client) implements Decision {}

    /** The call must not be made. */
    sealed interface Refused extends Decision {
        /** A sentence that whoever called may read. */
        String reason();
    }

    /**
     * Nobody, or an access token that does not count: 401.
     *
     * @param credentialSent whether there was something to refuse
     */
    record Unauthenticated(boolean credentialSent, String reason) implements Refused {}

    /**
     * Known, but not allowed: 403.
     *
     * @param code for programs: {@code missing_privilege}; {@code no_endpoint}; {@code doubtful_request}, of which nobody can
     *     say which endpoint takes it
     * @param endpoint null when there is none
     * @param missing the privileges that would help, all of them; empty when none would
     */
    record Forbidden(String code, @Nullable Endpoint endpoint, List<String> missing, String reason) implements Refused {
        public Forbidden {
            missing = List.copyOf(missing);
        }
    }

    /** Nothing is known that is fresh enough to decide with: 503. */
    record Unavailable(String reason) implements Refused {}
}
