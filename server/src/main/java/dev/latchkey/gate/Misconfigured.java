package dev.latchkey.gate;

import dev.latchkey.lane.Seldom;
import dev.latchkey.problem.Problem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a gateway is told, and the log, when it asks in a way that nobody can answer. */
final class Misconfigured {
    private static final Logger log = LoggerFactory.getLogger(Misconfigured.class);

    private static final Seldom WARNING = new Seldom();

    private Misconfigured() {}

    static Problem problem(String what) {
        // Anybody can cause this; once a minute suffices for whoever looks for it.
        if (WARNING.isDue()) {
            log.warn("A gateway is not configured as it should be: {}", what);
        }
        return new Problem(
                403, "gateway_misconfigured", "The gateway is not configured as it should be: " + what + ".");
    }
}
