package dev.latchkey.database;

import com.zaxxer.hikari.HikariDataSource;
import dev.latchkey.lane.Lane;
import dev.latchkey.problem.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * All pools of connections to one database, each for one kind of work, with its lane and its limit of time.
 *
 * @param lookUps for what programs wait for: a row or two by their key
 * @param follows for what the followers of the log read: a few rows, or all roles and APIs
 * @param reads for pages and management calls
 * @param searches for lists that people filter and sort
 * @param writes for changes, one at a time
 */
record Pools(Connections lookUps, Connections follows, Connections reads, Connections searches, Connections writes) {
    /** The limit for everything that a change waits for, and then for each of its statements. */
    static final Duration WRITE_LIMIT = Duration.ofMillis(3_800);

    private static final Duration LOOK_UP_LIMIT = Duration.ofSeconds(2);
    private static final int LOOK_UPS_WAITING = 2_000;

    private static final Duration FOLLOW_LIMIT = Duration.ofSeconds(10);
    private static final int FOLLOWERS_WAITING = 10;

    private static final Duration READ_LIMIT = Duration.ofSeconds(10);
    private static final Duration SEARCH_LIMIT = Duration.ofSeconds(3);
    private static final Duration READ_PATIENCE = Duration.ofSeconds(5);
    private static final int READS_WAITING = 200;
    private static final int SEARCHES_WAITING = 16;

    /** How long a change waits for the changes before it; a little longer than a hanging node can hold the lock. */
    private static final Duration WRITE_PATIENCE = Duration.ofMillis(2_500);

    private static final int WRITES_WAITING = 200;

    /**
     * Opens the pools for reading, in addition to the one for writing.
     *
     * @param writers the pool of {@link Dialect#writers}
     * @param opened receives each pool that is opened, so that all can be closed when the next one fails
     */
    static Pools open(
            Dialect dialect, DatabaseAddress address, HikariDataSource writers, List<HikariDataSource> opened) {
        Dialect.Sizes sizes = dialect.sizes();
        Lane writing = lane(
                "changes",
                new Lane.Bounds(1, WRITES_WAITING, WRITE_PATIENCE),
                "The database is busy with other changes. Try again in a moment.");
        return new Pools(
                readers(dialect, address, opened, "look-ups", sizes.lookUps(), LOOK_UPS_WAITING, LOOK_UP_LIMIT),
                readers(dialect, address, opened, "followers", 1, FOLLOWERS_WAITING, FOLLOW_LIMIT),
                readers(dialect, address, opened, "reads", sizes.reads(), READS_WAITING, READ_LIMIT),
                readers(dialect, address, opened, "searches", sizes.searches(), SEARCHES_WAITING, SEARCH_LIMIT),
                new Connections(writers, writing, WRITE_LIMIT));
    }

    /** A single connection without a time limit, which the caller closes. */
    static Connections atLength(Dialect dialect, DatabaseAddress address) {
        return readers(dialect, address, new ArrayList<>(), "at-length", 1, 0, Duration.ZERO);
    }

    private static Connections readers(
            Dialect dialect,
            DatabaseAddress address,
            List<HikariDataSource> opened,
            String name,
            int size,
            int waiting,
            Duration limit) {
        HikariDataSource pool = dialect.readers(address, name, size, limit);
        opened.add(pool);
        Duration patience = limit.compareTo(READ_PATIENCE) < 0 ? limit : READ_PATIENCE;
        Lane lane = lane(
                name,
                new Lane.Bounds(size, waiting, patience),
                "The database is busy with other requests. Try again in a moment.");
        return new Connections(pool, lane, limit);
    }

    private static Lane lane(String name, Lane.Bounds bounds, String whenFull) {
        return new Lane(name, Lane.Pace.USUAL, bounds, () -> Problem.unavailable(whenFull, null));
    }

    Stream<Connections> all() {
        return Stream.of(lookUps, follows, reads, searches, writes);
    }

    /** All but those that change something. */
    Stream<Connections> reading() {
        return Stream.of(lookUps, follows, reads, searches);
    }

    boolean areClosed() {
        return writes.pool().isClosed();
    }

    void close() {
        all().forEach(Connections::connectNoMore);
        all().forEach(Connections::close);
    }
}
