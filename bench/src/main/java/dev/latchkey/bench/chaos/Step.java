package dev.latchkey.bench.chaos;

/**
 * One thing that is broken.
 *
 * @param at when, in milliseconds from the beginning; later when the one before it takes longer
 * @param millis how long, or how much of it: each kind says
 * @param thorough one of two ways to do it
 */
record Step(long at, Kind kind, long millis, boolean thorough) {
    /** What can be broken, and how long or how much of it. */
    enum Kind {
        /** A node ends by {@code kill -9} and is started again. */
        KILL(1, 1),
        /** A node stands still ({@code SIGSTOP}) for so long. */
        FREEZE(1_000, 12_000),
        /** Nothing goes between a node and its databases for so long, or their connections are reset. */
        CUT_OFF(1_000, 12_000),
        /** A node is started again with a clock that is so much slow or fast. */
        SKEW(5_000, 25_000),
        /** The standby stops hearing for so long, the primary dies, and the standby is promoted. */
        FAILOVER(500, 3_000),
        /** The database server is stopped and started again. */
        RESTART(1, 1),
        /** A copy that is so old is put back, under running nodes or while they are stopped. */
        RESTORE(500, 5_000),
        /** The disk under the data folder is full for so long. */
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
