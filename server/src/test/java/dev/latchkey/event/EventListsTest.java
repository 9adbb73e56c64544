package dev.latchkey.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.database.Database;
import dev.latchkey.database.TestEngine;
import dev.latchkey.problem.Page;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.sqlite.ProgressHandler;
import org.sqlite.SQLiteConnection;

/** The audit log's lists among many events: how they are found, and that none is missed. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class EventListsTest {
    private static final int EVENTS = 100_000;
    private static final int PART = 10_000;
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    /** Each event a minute after the one before: about ten weeks. */
    private static final long MINUTE = 60_000;

    @Parameter
    TestEngine engine;

    private Database database;

    @BeforeEach
    void fill() {
        database = engine.open();
        // In parts: no change may take long.
        for (int first = 1; first <= EVENTS; first += PART) {
            fill(first, Math.min(first + PART - 1, EVENTS));
        }
        database.change(transaction -> EventSpanStore.close(transaction, EVENTS));
        if (engine == TestEngine.POSTGRESQL) {
            database.change(transaction -> transaction.update("analyze event").execute());
        }
    }

    private void fill(int first, int last) {
        database.change(transaction -> transaction
                .update(
                        "with recursive n(i) as (select :first union all select i + 1 from n where i < :last) insert into"
                                + " event (sequence, at, actor_kind, actor_id, actor_name, operation, target_kind, target_id,"
                                + " target_name, changes, previous_hash, hash) select i, :start + i * :minute, 'person', 'user' ||"
                                + " (i % 20), 'name' || (i % 20), case when i % 1000 = 0 then 'role.create' else 'api_token.create'"
                                + " end, case when i % 1000 = 0 then 'role' else 'api_token' end, 'target' || i, 'x', '[]', 'p',"
                                + " 'h' from n")
                .bind("first", first)
                .bind("last", last)
                .bind("start", START.toEpochMilli())
                .bind("minute", MINUTE)
                .execute());
    }

    @AfterEach
    void close() {
        database.close();
    }

    private static Instant time(long sequence) {
        return START.plusMillis(sequence * MINUTE);
    }

    private static EventFilter filter(String operation, String actor, String target, Instant from, Instant until) {
        return new EventFilter(operation, actor, target == null ? null : TargetKind.API_TOKEN, target, from, until);
    }

    private List<Long> sequences(EventFilter filter, Page.Request page) {
        return database.search(
                "by nothing",
                handle -> new EventSearchStore(handle, filter)
                        .listing(page)
                        .map(listing -> handle.createQuery(listing.sql())
                                .bindMap(listing.bindings())
                                .map((row, context) -> row.getLong("sequence"))
                                .list())
                        .orElse(List.of()));
    }

    private List<Long> sequences(EventFilter filter) {
        return sequences(filter, Page.Request.FIRST);
    }

    @Test
    void everyFilterFindsItsEventsTheNewestFirst() {
        assertThat(sequences(EventFilter.ALL))
                .startsWith(100_000L, 99_999L)
                .isSortedAccordingTo((a, b) -> Long.compare(b, a));
        assertThat(sequences(filter("role.create", null, null, null, null))).startsWith(100_000L, 99_000L);
        assertThat(sequences(filter("role", null, null, null, null))).startsWith(100_000L, 99_000L);
        assertThat(sequences(filter(null, "user7", null, null, null))).startsWith(99_987L, 99_967L);
        assertThat(sequences(filter(null, "name7", null, null, null))).startsWith(99_987L, 99_967L);
        assertThat(sequences(filter(null, "stranger", null, null, null))).isEmpty();
        assertThat(sequences(filter(null, null, "target77", null, null))).containsExactly(77L);
        assertThat(sequences(filter(null, null, null, time(40), time(43)))).containsExactly(42L, 41L, 40L);
        assertThat(sequences(filter("role", "user0", null, time(3_000), time(5_000))))
                .containsExactly(4_000L, 3_000L);
        assertThat(sequences(filter(null, null, null, time(EVENTS + 1), null))).isEmpty();
        assertThat(sequences(filter(null, null, null, null, time(1)))).isEmpty();
    }

    @Test
    void aPageBeforeAnotherIsReadFromThere() {
        Page.Request before = new Page.Request(2, List.of("97000"), true);
        assertThat(sequences(EventFilter.ALL, before)).containsExactly(97_001L, 97_002L, 97_003L);
        assertThat(sequences(filter("role", null, null, null, null), before))
                .containsExactly(98_000L, 99_000L, 100_000L);
        assertThat(sequences(filter(null, "user7", null, null, time(97_020)), before))
                .containsExactly(97_007L);
        assertThat(sequences(filter(null, "name7", null, null, null), before))
                .containsExactly(97_007L, 97_027L, 97_047L);
        assertThat(sequences(EventFilter.ALL, new Page.Request(2, List.of("100000"), true)))
                .isEmpty();
    }

    private OptionalLong count(EventFilter filter) {
        return database.search("by nothing", handle -> new EventSearchStore(handle, filter).count());
    }

    @Test
    void eventsAreCountedAsFarAsThatIsQuick() {
        assertThat(count(EventFilter.ALL)).hasValue(EVENTS);
        assertThat(count(filter("role", null, null, null, null))).hasValue(100);
        assertThat(count(filter(null, "user7", null, null, null))).hasValue(5_000);
        assertThat(count(filter(null, "stranger", null, null, null))).hasValue(0);
        assertThat(count(filter("role", "user0", null, time(3_000), time(5_000))))
                .hasValue(2);
        assertThat(count(filter("api_token", null, null, null, time(2_000)))).hasValue(1_998);
        assertThat(count(filter(null, null, null, time(EVENTS + 1), null))).hasValue(0);
        assertThat(count(filter("api_token", null, null, null, null)))
                .as("too many to count quickly")
                .hasValue(EventLog.MOST_COUNTED + 1);
        assertThat(count(filter("api_token", null, null, null, time(94_500))))
                .as("most of those that were read, and an unknown number of the others")
                .isEmpty();
    }

    @Test
    void whoIsBothIdAndNameIsListedOnce() {
        database.change(transaction -> transaction
                .update("update event set actor_name = 'user7' where sequence in (99987, 50)")
                .execute());
        assertThat(sequences(filter(null, "user7", null, null, null))).startsWith(99_987L, 99_967L);
    }

    /** An event that was written while a clock was wrong, with the spans that it makes. */
    private void misdate(long sequence, Instant at) {
        database.change(transaction -> {
            transaction
                    .update("update event set at = :at where sequence = :sequence")
                    .bind("at", at.toEpochMilli())
                    .bind("sequence", sequence)
                    .execute();
            transaction.update("delete from event_span").execute();
            EventSpanStore.close(transaction, EVENTS);
        });
    }

    @Test
    void clocksThatAreWrongByYearsHideNoEvent() {
        misdate(100, time(5_000_000));
        misdate(50_000, time(-5_000_000));
        assertThat(sequences(filter(null, null, null, time(40), time(43)))).containsExactly(42L, 41L, 40L);
        assertThat(sequences(filter(null, null, null, time(60_000), time(60_002))))
                .containsExactly(60_001L, 60_000L);
        assertThat(sequences(filter(null, null, null, null, time(0)))).containsExactly(50_000L);
        assertThat(sequences(filter(null, null, null, time(EVENTS + 1), null))).containsExactly(100L);
        assertThat(sequences(filter(null, null, null, time(EVENTS - 2), null)))
                .containsExactly(100_000L, 99_999L, 99_998L, 100L);
    }

    @Test
    void eventsAfterTheLastWholeSpanAreFoundByTheirTimes() {
        database.change(transaction -> transaction
                .update("delete from event_span where last_sequence > 99000")
                .execute());
        assertThat(sequences(filter(null, null, null, time(99_500), time(99_502))))
                .containsExactly(99_501L, 99_500L);
        assertThat(sequences(filter(null, null, null, time(98_500), time(98_502))))
                .containsExactly(98_501L, 98_500L);
        assertThat(sequences(filter(null, null, null, time(EVENTS + 1), null))).isEmpty();
    }

    @Test
    void timesBeyondAllTimeAreTimes() {
        assertThat(sequences(filter(null, null, null, Instant.MAX, null))).isEmpty();
        assertThat(sequences(filter(null, null, null, null, Instant.MIN))).isEmpty();
        assertThat(sequences(filter(null, null, null, Instant.MIN, Instant.MAX)))
                .startsWith(100_000L);
    }

    @Test
    void noFilterReadsAllEvents() {
        Instant old = time(2_000);
        Instant older = time(1_000);
        Instant future = time(10L * EVENTS);
        for (EventFilter filter : List.of(
                EventFilter.ALL,
                filter("role.create", null, null, null, null),
                filter("nothing.known", null, null, null, null),
                filter("role", null, null, null, null),
                filter("nothing", null, null, null, null),
                filter(null, "user7", null, null, null),
                filter(null, "stranger", null, null, null),
                filter(null, null, "target77", null, null),
                filter(null, null, null, null, old),
                filter(null, null, null, older, null),
                filter(null, null, null, older, old),
                filter(null, null, null, future, null),
                filter("role", null, null, null, old),
                filter("api_token.create", null, null, null, old),
                filter("api_token", "user7", null, null, old),
                filter(null, "user7", null, null, old),
                filter(null, "stranger", null, older, old),
                filter("api_token.create", "stranger", null, null, null),
                filter("nothing.known", "user7", null, null, null),
                filter("api_token", "stranger", null, null, null),
                filter(null, "user7", "target77", older, old))) {
            for (Page.Request page : List.of(
                    Page.Request.FIRST,
                    new Page.Request(50, List.of("1500")),
                    new Page.Request(50, List.of("1500"), true))) {
                assertThat(eventsRead(filter, page))
                        .as("events read for %s after %s", filter, page.after())
                        .isLessThan(EVENTS / 5);
            }
        }
    }

    /** How many events the engine reads, in its indexes or in the table. */
    private long eventsRead(EventFilter filter, Page.Request page) {
        return database.search("by nothing", handle -> {
            if (engine == TestEngine.SQLITE) {
                return steps(handle, filter, page);
            }
            return new EventSearchStore(handle, filter)
                    .listing(page)
                    .map(listing -> rowsByPlan(handle, listing))
                    .orElse(0L);
        });
    }

    /**
     * SQLite does not report this, so the steps of its virtual machine are counted, of which each event takes several.
     */
    private static long steps(Handle handle, EventFilter filter, Page.Request page) {
        AtomicLong thousands = new AtomicLong();
        try {
            SQLiteConnection connection = handle.getConnection().unwrap(SQLiteConnection.class);
            ProgressHandler.setHandler(connection, 1_000, new ProgressHandler() {
                @Override
                protected int progress() {
                    thousands.incrementAndGet();
                    return 0;
                }
            });
            new EventSearchStore(handle, filter)
                    .listing(page)
                    .ifPresent(listing -> handle.createQuery(listing.sql())
                            .bindMap(listing.bindings())
                            .mapToMap()
                            .list());
            ProgressHandler.clearHandler(connection);
            return thousands.get() * 1_000 / 5;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long rowsByPlan(Handle handle, EventSearchStore.Listing listing) {
        List<Map<String, Object>> lines = handle.createQuery("explain (analyze, timing off) " + listing.sql())
                .bindMap(listing.bindings())
                .mapToMap()
                .list();
        return lines.stream()
                .map(line -> String.valueOf(line.values().iterator().next()))
                .flatMapToLong(EventListsTest::rows)
                .sum();
    }

    /** The rows of one line of a plan: those that it returned, and those that it read in vain. */
    private static LongStream rows(String line) {
        Matcher found = Pattern.compile("actual rows=(\\d+) loops=(\\d+)|Removed by (?:Filter|Index Recheck): (\\d+)")
                .matcher(line);
        return found.results()
                .mapToLong(result -> result.group(3) != null
                        ? Long.parseLong(result.group(3))
                        : Long.parseLong(result.group(1)) * Long.parseLong(result.group(2)));
    }
}
