package dev.latchkey.usage;

import dev.latchkey.database.Database;
import dev.latchkey.lane.Seldom;
import dev.latchkey.lane.Timetable;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Gatherers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the calls of API tokens in memory and writes the numbers once a second, so a call writes nothing and reads no clock;
 * {@code kill -9} loses at most the calls of the last second. What an hour can hold is bounded: the first
 * {@value #MOST_ENDPOINTS} pairs of token and endpoint are counted exactly, further ones without API and endpoint, and beyond
 * {@value #MOST_TOKENS} entries without the token. {@link AddressTallies} bounds the addresses.
 */
public final class UsageCounter implements AutoCloseable {
    static final int MOST_ENDPOINTS = 10_000;
    static final int MOST_ENDPOINTS_OF_BARRED = MOST_ENDPOINTS / 10;
    static final int MOST_TOKENS = 100_000;

    private static final Logger log = LoggerFactory.getLogger(UsageCounter.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    /** A call that began to count in an hour has counted by then. */
    private static final Duration SETTLED = Duration.ofMinutes(1);

    /** Hours that are kept while the database takes no changes. */
    private static final int MOST_HOURS = 24;

    /** Rows of one transaction; a change must not wait for more. */
    private static final int MOST_ROWS = 1_000;

    private final Database database;
    private final Clock clock;
    private final UsageStore store = new UsageStore();
    private final UsageSumStore sums = new UsageSumStore();
    private final AddressStore addresses = new AddressStore();
    private final Supplier<Integer> addressDays;
    private final Deque<Hour> past = new ArrayDeque<>();
    private final Seldom warning = new Seldom();
    private volatile Hour hour;
    private volatile boolean countsAddresses;

    /** What was called since the hour began. */
    private static final class Hour {
        private final Instant start;
        private final Map<Counted, Tally> tallies = new ConcurrentHashMap<>();
        private final AddressTallies addresses = new AddressTallies();

        Hour(Instant start) {
            this.start = start;
        }

        Tally tally(Counted counted) {
            Tally known = tallies.get(counted);
            if (known != null) {
                return known;
            }
            int size = tallies.size();
            // Programs that may not call at all must not use up the room of those that may.
            int most = counted.outcome().isOfBarred() ? MOST_ENDPOINTS_OF_BARRED : MOST_ENDPOINTS;
            Counted bounded =
                    size < most ? counted : size < MOST_TOKENS ? counted.withoutEndpoint() : counted.withoutToken();
            // Looked up first: computing takes a lock even where there is something, and what is beyond the bounds is
            // counted by all together.
            Tally shared = tallies.get(bounded);
            return shared == null ? tallies.computeIfAbsent(bounded, any -> new Tally()) : shared;
        }

        /** What was not written in time was nevertheless called in this hour. */
        Instant within(Instant now) {
            Instant end = start.plus(Duration.ofHours(1)).minusMillis(1);
            return now.isAfter(end) ? end : now;
        }
    }

    /** @param addressDays for how many days the addresses of callers are kept; 0 for not at all */
    public UsageCounter(Database database, Supplier<Integer> addressDays, Clock clock) {
        this.database = database;
        this.addressDays = addressDays;
        this.clock = clock;
        countsAddresses = addressDays.get() > 0;
        hour = new Hour(Step.HOUR.start(clock.instant()));
    }

    /** Writes the numbers once a second. The timetable is closed before this. */
    public void addTo(Timetable timetable) {
        timetable.every(INTERVAL, "usage", this::flush, "Usage cannot be written at the moment and is kept");
    }

    /**
     * Counts a call now. It is on the path of every request.
     *
     * @param address the program's; empty where it is not known
     */
    void count(String clientId, String address, Called called, Outcome outcome) {
        Hour now = hour;
        now.tally(new Counted(clientId, called, outcome)).count();
        if (countsAddresses) {
            now.addresses.count(clientId, address, outcome);
        }
    }

    /** Writes what is not written. Calls that arrive during the write stay for the next one. */
    public synchronized void flush() {
        Instant now = clock.instant();
        countsAddresses = addressDays.get() > 0;
        turn(Step.HOUR.start(now));
        for (Hour each : past) {
            write(each, now);
        }
        write(hour, now);
        past.removeIf(each -> Duration.between(each.start, now)
                        .abs()
                        .compareTo(Duration.ofHours(1).plus(SETTLED))
                > 0);
    }

    /** Begins another hour when it is time. */
    private void turn(Instant start) {
        if (start.equals(hour.start)) {
            return;
        }
        past.addLast(hour);
        hour = new Hour(start);
        if (past.size() > MOST_HOURS) {
            past.removeFirst();
            if (warning.isDue()) {
                log.warn("Usage has not been written for {} hours, and the oldest is dropped.", MOST_HOURS);
            }
        }
    }

    private void write(Hour each, Instant now) {
        Instant at = each.within(now);
        List<List<Map.Entry<Counted, Tally.Unwritten>>> calls = batches(Tally.unwritten(each.tallies, at));
        List<List<Map.Entry<CalledFrom, Tally.Unwritten>>> from =
                countsAddresses ? batches(each.addresses.unwritten(at)) : List.of();
        for (int i = 0; i < Math.max(calls.size(), from.size()); i++) {
            write(each, i < calls.size() ? calls.get(i) : List.of(), i < from.size() ? from.get(i) : List.of());
        }
    }

    private static <K> List<List<Map.Entry<K, Tally.Unwritten>>> batches(Map<K, Tally.Unwritten> unwritten) {
        return unwritten.entrySet().stream()
                .gather(Gatherers.windowFixed(MOST_ROWS))
                .toList();
    }

    private void write(
            Hour each,
            List<Map.Entry<Counted, Tally.Unwritten>> calls,
            List<Map.Entry<CalledFrom, Tally.Unwritten>> from) {
        Instant day = Step.DAY.start(each.start);
        database.change(transaction -> {
            store.add(transaction, Step.HOUR, each.start, calls);
            store.add(transaction, Step.DAY, day, calls);
            sums.add(transaction, each.start, sums(calls));
            sums.addByApi(transaction, day, calls);
            addresses.add(transaction, day, from);
        });
        calls.forEach(row -> row.getValue().isWritten());
        from.forEach(row -> row.getValue().isWritten());
    }

    private static Map<UsageSum, Long> sums(List<Map.Entry<Counted, Tally.Unwritten>> rows) {
        Map<UsageSum, Long> sums = new TreeMap<>();
        rows.forEach(row -> sums.merge(UsageSum.of(row.getKey()), row.getValue().calls(), Long::sum));
        return sums;
    }

    /** Writes the remaining numbers. */
    @Override
    public void close() {
        flush();
    }
}
