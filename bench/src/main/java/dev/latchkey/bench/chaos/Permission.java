package dev.latchkey.bench.chaos;

import java.util.List;

/** Until when, and when again, a node may not know of a change that ended something. */
final class Permission {
    private final Hearing hearing;
    private final Bounds bounds;
    private final List<Loss> losses;

    /** @param losses in their order */
    Permission(Hearing hearing, Bounds bounds, List<Loss> losses) {
        this.hearing = hearing;
        this.bounds = bounds;
        this.losses = losses;
    }

    /** Whether the node may have decided during this time as if the change had not been made. */
    boolean covers(String node, Change change, Span decided) {
        if (decided.begin() <= unknownUntil(node, change.node(), change.time().end())) {
            return true;
        }
        // By when the system has it in the database: first by the change itself, later made again after a loss.
        long kept = change.time().end();
        for (Loss loss : losses) {
            if (change.time().begin() >= loss.to() || kept <= loss.keeps()) {
                continue;
            }
            if (!change.thing().endsForGood()) {
                // What did not end something for good is listed, and is a person's to make again.
                if (decided.end() >= loss.from()) {
                    return true;
                }
                continue;
            }
            // Whoever answered surely knows what was lost, and makes it again when it reaches the database.
            kept = hearing.knownBy(change.node(), loss.to(), true);
            if (decided.end() >= loss.from() && decided.begin() <= unknownUntil(node, change.node(), kept)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Until when a node may be ignorant of what is known to another one since a moment. All that it hears after that moment
     * includes it; so it has heard nothing since, and its lease ends so long after the moment, or after the last time that
     * it could hear.
     */
    private long unknownUntil(String node, String knower, long since) {
        if (node.equals(knower) || since == Long.MAX_VALUE) {
            return since;
        }
        return Math.min(
                hearing.knownBy(node, since, false), Math.max(since, hearing.lastHeard(node, since) + bounds.lease()));
    }
}
