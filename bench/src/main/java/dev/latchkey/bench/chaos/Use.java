package dev.latchkey.bench.chaos;

import java.util.List;

/**
 * A program's or a person's attempt to get in.
 *
 * @param node who was asked
 * @param door how: token endpoint, gate, introspection, management API
 * @param restsOn all that must count for it to be right
 * @param said the beginning of an answer that was not a yes
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
