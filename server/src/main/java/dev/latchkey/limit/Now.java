package dev.latchkey.limit;

/**
 * A moment, and how the nodes share limits then.
 *
 * @param nanos as {@link System#nanoTime} gives it
 * @param millis of the clock
 * @param nodes how many nodes share the limits, this one included
 * @param wake to be called when this node's part of a limit is used up before the limit is
 */
record Now(long nanos, long millis, Sharing sharing, int nodes, Runnable wake) {

    /** How the nodes share limits. */
    enum Sharing {
        /** The database has one node, ever. */
        NONE,
        /** There could be other nodes, and there is none. */
        ONE,
        /** There are other nodes: each counts with what it got of the shared count. */
        SEVERAL,
        /** The database does not answer: each node continues with its equal share. */
        CUT_OFF
    }

    /** Whether what is used must be told to the others. */
    boolean isShared() {
        return sharing != Sharing.NONE;
    }

    /** Whether a rate that is used must be told to other nodes that may come. A node that is cut off uses its own share. */
    boolean isOwed() {
        return sharing == Sharing.ONE;
    }

    /** Whether a call needs a part that this node got. */
    boolean isLeased() {
        return sharing == Sharing.SEVERAL;
    }

    /** Whether other nodes may have what this one lacks. */
    boolean isPartial() {
        return sharing == Sharing.SEVERAL || sharing == Sharing.CUT_OFF;
    }

    /** Of how many equal shares this node has one. */
    int shares() {
        return sharing == Sharing.CUT_OFF ? nodes : 1;
    }
}
