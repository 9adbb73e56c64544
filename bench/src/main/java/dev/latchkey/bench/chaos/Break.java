package dev.latchkey.bench.chaos;

/**
 * Time in which a node could not hear of changes.
 *
 * @param node whose; {@link #ALL} when there was no database for anybody
 * @param ordered from here on it may have been broken
 * @param inForce from here on it surely was
 * @param lifted until here it surely was
 * @param over from here on it surely was no more
 */
record Break(String node, Cause cause, long ordered, long inForce, long lifted, long over) {
    static final String ALL = "*";

    enum Cause {
        /** The process stands still, and decides nothing. */
        FROZEN,
        /** Nothing goes from the node to its database or back. */
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
