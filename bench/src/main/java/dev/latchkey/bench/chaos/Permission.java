package dev.latchkey.bench.chaos;

import java.util.List;

/** The times during which a node may be unaware of a change that ended something. */
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

    /** Whether the node may have decided as if the change had not been made, during this time. */
    boolean covers(String node, Change change, Span decided) {
        if (decided.begin() <= unknownUntil(node, change.node(), change.time().end())) {
            return true;
        }
        // By when the change is in the database: first through itself, later made again after a loss.
        long kept = change.time().end();
        for (Loss loss : losses) {
            if (change.time().begin() >= loss.to() || kept <= loss.keeps()) {
                continue;
            }
            if (!change.thing().endsForGood()) {
                // A change that did not end something for good is listed, for a person to make again.
                if (decided.end() >= loss.from()) {
                    return true;
                }
                continue;
            }
            // The node that confirmed it certainly knows what was lost, and makes it again when it reaches the
            // database.
            kept = hearing.knownBy(change.node(), loss.to(), true);
            if (decided.end() >= loss.from() && decided.begin() <= unknownUntil(node, change.node(), kept)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Until when a node may be unaware of something that another node has known since a certain moment. Everything that it reads
     * after that moment includes it; so it has read nothing since, and its lease ends this long after the moment, or after its
     * last contact.
     */
    private long unknownUntil(String node, String knower, long since) {
        if (node.equals(knower) || since == Long.MAX_VALUE) {
            return since;
        }
        return Math.min(
                hearing.knownBy(node, since, false), Math.max(since, hearing.lastHeard(node, since) + bounds.lease()));
    }
}
