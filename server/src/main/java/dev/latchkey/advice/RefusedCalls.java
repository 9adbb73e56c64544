package dev.latchkey.advice;

import java.time.Instant;

/**
 * Calls of a token to one endpoint that a tried role would have refused. They were allowed.
 *
 * @param name what people call the token
 * @param endpoint its method and path; with what follows the path of the token endpoint, the scope that was requested
 * @param calls how many, those of the first day included that were made before the trial
 */
public record RefusedCalls(String clientId, String name, String api, String endpoint, long calls, Instant lastAt) {
    /** The most calls that are kept of those that stopped a trial. The newest are kept. */
    static final int MOST_KEPT = 20;

    String sentence() {
        return api + " " + endpoint + " by " + clientId;
    }
}
