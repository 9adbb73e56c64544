package dev.latchkey.verifier;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The decision on a call: whether it is allowed, and why not. */
public sealed interface Decision {

    /**
     * The call is allowed.
     *
     * @param client null when the call has no valid credentials, which only a public endpoint accepts
     */
    record Allowed(Endpoint endpoint, @Nullable Client client) implements Decision {}

    /** The call is refused. */
    sealed interface Refused extends Decision {
        /** A sentence for the caller. */
        String reason();
    }

    /**
     * Missing or invalid credentials: 401.
     *
     * @param credentialSent whether there was something to refuse
     */
    record Unauthenticated(boolean credentialSent, String reason) implements Refused {}

    /**
     * The caller is known, but the call is not allowed: 403.
     *
     * @param code for programs: {@code missing_privilege}; {@code no_endpoint}; {@code doubtful_request} when it could
     *     mean more than one endpoint
     * @param endpoint null when there is none
     * @param missing all privileges that the caller lacks; empty when no privilege would help
     */
    record Forbidden(String code, @Nullable Endpoint endpoint, List<String> missing, String reason) implements Refused {
        public Forbidden {
            missing = List.copyOf(missing);
        }
    }

    /**
     * A limit of calls is reached: 429.
     *
     * @param retryAfter after how many seconds there is room for a call
     */
    record Limited(String reason, long retryAfter) implements Refused {}

    /** The policy is too old, or cannot be used, to decide with: 503. */
    record Unavailable(String reason) implements Refused {}
}
