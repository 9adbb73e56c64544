package dev.latchkey.bench.chaos;

import java.util.List;

/**
 * A program's or a person's attempt to get in.
 *
 * @param node who was asked
 * @param door how: token endpoint, gate, introspection, management API
 * @param restsOn all that must count for it to be right
 * @param said the beginning of a refusal
 */
record Use(Span time, String node, String door, List<Thing> restsOn, boolean accepted, String said) {
    Use {
        restsOn = List.copyOf(restsOn);
    }

    @Override
    public String toString() {
        return time + ": " + door + " at " + node + ", resting on " + restsOn + ": "
                + (accepted ? "accepted" : "refused, " + said);
    }
}
