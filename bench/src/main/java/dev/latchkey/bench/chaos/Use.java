package dev.latchkey.bench.chaos;

import java.util.List;

/**
 * A program's or a person's attempt to get in.
 *
 * @param node the node that was asked
 * @param door how: token endpoint, gate, introspection, management API
 * @param restsOn everything that must be valid for it to be accepted
 * @param said the beginning of a response that was not a yes
 */
record Use(Span time, String node, String door, List<Thing> restsOn, Verdict verdict, String said) {
    enum Verdict {
        ACCEPTED,
        REFUSED,
        /** Neither yes nor no: "not now", or nothing at all. */
        UNANSWERED
    }

    Use {
        restsOn = List.copyOf(restsOn);
    }

    boolean accepted() {
        return verdict == Verdict.ACCEPTED;
    }

    @Override
    public String toString() {
        return time + ": " + door + " at " + node + ", resting on " + restsOn + ": " + verdict
                + (said.isEmpty() ? "" : ", " + said);
    }
}
