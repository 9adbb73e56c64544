package dev.latchkey.bench.chaos;

/**
 * One thing that is broken.
 *
 * @param at when, in milliseconds from the beginning; later when the one before it takes longer
 * @param millis how long, or how much of it, depending on the kind
 * @param thorough one of two ways to do it
 */
record Step(long at, Kind kind, long millis, boolean thorough) {
    /** What can be broken, and how long or how much of it. */
    enum Kind {
        /** A node ends by {@code kill -9} and is started again. */
        KILL(1, 1),
        /** A node is frozen ({@code SIGSTOP}) for this long. */
        FREEZE(1_000, 12_000),
        /** Nothing passes between a node and its databases for this long, or their connections are reset. */
        CUT_OFF(1_000, 12_000),
        /** A node is restarted with a clock that is slow or fast by this much. */
        SKEW(5_000, 25_000),
        /** The standby receives nothing for this long, the primary dies, and the standby is promoted. */
        FAILOVER(500, 3_000),
        /** The database server is stopped and started again. */
        RESTART(1, 1),
        /** A copy of this age is restored, under running nodes or while they are stopped. */
        RESTORE(500, 5_000),
        /** The disk of the data folder is full for this long. */
        FULL_DISK(1_000, 6_000);

        private final long least;
        private final long most;

        Kind(long least, long most) {
            this.least = least;
            this.most = most;
        }

        long least() {
            return least;
        }

        long most() {
            return most;
        }
    }
}
