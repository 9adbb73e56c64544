package dev.latchkey.gate;

import dev.latchkey.lane.Seldom;
import dev.latchkey.problem.Problem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The answer to a gateway whose question cannot be answered, and a line in the log. */
final class Misconfigured {
    private static final Logger log = LoggerFactory.getLogger(Misconfigured.class);

    private static final Seldom WARNING = new Seldom();

    private Misconfigured() {}

    static Problem problem(String what) {
        // Anyone can cause this, and a line a minute is enough for an administrator who looks for it.
        if (WARNING.isDue()) {
            log.warn("A gateway is misconfigured: {}", what);
        }
        return new Problem(403, "gateway_misconfigured", "The gateway is misconfigured: " + what + ".");
    }
}
