package dev.latchkey.bench.chaos;

/**
 * A time during which a node could not learn of changes.
 *
 * @param node its name; {@link #ALL} if there was no database for any node
 * @param ordered from here on it may have been in effect
 * @param inForce from here on it certainly was
 * @param lifted until here it certainly was
 * @param over from here on it certainly no longer was
 */
record Break(String node, Cause cause, long ordered, long inForce, long lifted, long over) {
    static final String ALL = "*";

    enum Cause {
        /** The process is frozen, and decides nothing. */
        FROZEN,
        /** Nothing passes between the node and its database. */
        CUT_OFF,
        /** There is no process. */
        DOWN,
        /** There is no database. */
        NO_DATABASE
    }

    boolean concerns(String other) {
        return node.equals(ALL) || node.equals(other);
    }

    @Override
    public String toString() {
        return Span.seconds(ordered) + " to " + Span.seconds(over) + ": " + (node.equals(ALL) ? "all nodes" : node)
                + " " + cause;
    }
}
