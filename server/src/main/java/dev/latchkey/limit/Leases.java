package dev.latchkey.limit;

import dev.latchkey.database.Database;
import dev.latchkey.database.Transaction;
import dev.latchkey.event.Actor;
import dev.latchkey.event.Change;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventType;
import dev.latchkey.event.Target;
import dev.latchkey.lane.Seldom;
import dev.latchkey.lane.Timetable;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shares limits among nodes: tells the database, outside of all requests, what was used here, and gets parts of what is left. A node
 * that is lost takes at most its parts with it. With SQLite there is one node, which only writes down what was used.
 */
public final class Leases implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Leases.class);

    private static final Duration AMONG_NODES = Duration.ofMillis(200);
    private static final Duration ALONE = Duration.ofSeconds(1);

    /** However much is needed, others want to write as well. */
    private static final Duration SHORTEST = Duration.ofMillis(100);

    /** A node says so often that it is there, and is not when it has been silent for three times as long. */
    private static final Duration PRESENT = Duration.ofSeconds(10);

    private static final Duration ABSENT = PRESENT.multipliedBy(3);

    private static final Duration LOOKED = Duration.ofMillis(200);
    private static final Duration COMPARED = Duration.ofMinutes(1);

    /** Rows of one transaction; a change must not wait for more. */
    private static final int MOST_ROWS = 500;

    private final Database database;
    private final EventLog events;
    private final Limiter limiter;
    private final Subjects subjects;
    private final Clock clock;
    private final boolean shared;
    private final String id = UUID.randomUUID().toString();
    private final AtomicBoolean woken = new AtomicBoolean();
    private final Seldom unwarned = new Seldom();

    /** Whether this node is among those that share limits. */
    private boolean present;

    private long lastRound = System.nanoTime() - AMONG_NODES.toNanos();
    private long lastSign = System.nanoTime() - PRESENT.toNanos();
    private long lastLook = System.nanoTime() - LOOKED.toNanos();
    private long lastCompared = System.nanoTime() - COMPARED.toNanos();
    private volatile Duration ahead = Duration.ZERO;

    /** Knows what an event about a limit is about. */
    @FunctionalInterface
    public interface Subjects {
        Target of(Whose whose, String id);
    }

    public Leases(Database database, EventLog events, Limiter limiter, Subjects subjects, Clock clock) {
        this.database = database;
        this.events = events;
        this.limiter = limiter;
        this.subjects = subjects;
        this.clock = clock;
        this.shared = database.dialect().isShared();
    }

    /** Finds out how many nodes there are, and takes part from now on. The timetable is closed before this. */
    public void addTo(Timetable timetable) {
        try {
            round();
        } catch (RuntimeException e) {
            log.debug("How many nodes there are is found out later", e);
        }
        Timetable.Entry entry = timetable.every(
                shared ? AMONG_NODES : ALONE,
                "limits",
                this::round,
                "What is used of limits cannot be shared at the moment, and this node continues with its own share");
        limiter.onNeed(() -> {
            if (woken.compareAndSet(false, true)) {
                entry.soon();
            }
        });
    }

    /** Removes what is over from the database. Called every minute. */
    public void keepUp() {
        long there = there();
        database.change(transaction -> LimitStore.removeOld(
                transaction,
                // A node whose clock is behind may still count in the last period.
                there - Duration.ofHours(1).toMillis(),
                there,
                there - ABSENT.multipliedBy(2).toMillis()));
    }

    /** The database's time, in milliseconds. */
    private long there() {
        return clock.millis() - ahead.toMillis();
    }

    private synchronized void round() {
        if (!pause()) {
            return;
        }
        woken.set(false);
        try {
            compareClocks();
            limiter.tidy();
            exchange(limiter.asks(false), false);
        } catch (RuntimeException e) {
            limiter.unanswered();
            throw e;
        }
        lastRound = System.nanoTime();
    }

    /** Waits until the last round is long enough ago; false when this node stops. */
    private boolean pause() {
        long rest = SHORTEST.toNanos() - (System.nanoTime() - lastRound);
        try {
            if (shared && rest > 0) {
                Thread.sleep(Duration.ofNanos(rest));
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void compareClocks() {
        if (shared && System.nanoTime() - lastCompared >= COMPARED.toNanos()) {
            ahead = database.clockAhead(clock).orElse(ahead);
            lastCompared = System.nanoTime();
        }
    }

    private void exchange(List<Ask> asks, boolean last) {
        for (int from = 0; from < asks.size(); from += MOST_ROWS) {
            exchanged(asks.subList(from, Math.min(asks.size(), from + MOST_ROWS)), last);
        }
        if (asks.isEmpty() && shared && !last) {
            look();
        }
    }

    private void exchanged(List<Ask> asks, boolean last) {
        int[] nodes = {1};
        Map<Key, LimitStore.Row> rows = new HashMap<>();
        Map<Ask, Shared.Answer> answers = database.write(transaction -> {
            long millis = there();
            if (shared) {
                nodes[0] = 1 + LimitStore.others(transaction.handle(), id, millis - ABSENT.toMillis());
                if (!last) {
                    LimitStore.saveNode(transaction, id, millis);
                    lastSign = System.nanoTime();
                }
            }
            rows.putAll(LimitStore.read(
                    transaction.handle(), asks.stream().map(Ask::key).toList()));
            Map<Ask, Shared.Answer> given = asks.stream()
                    .collect(Collectors.toMap(
                            ask -> ask,
                            ask -> Shared.answer(ask, count(rows.get(ask.key())), millis * 1_000_000, nodes[0])));
            Map<Key, Shared> changed = new HashMap<>();
            given.forEach((ask, answer) -> changed.put(ask.key(), answer.count()));
            LimitStore.save(transaction, changed);
            return given;
        });
        present = shared;
        answers.forEach(limiter::answered);
        limiter.sharedBy(nodes[0]);
        lastLook = System.nanoTime();
        warn(answers, rows);
    }

    private static @Nullable Shared count(LimitStore.@Nullable Row row) {
        return row == null ? null : row.count();
    }

    /** That most of a quota is used. */
    private record Warning(Ask ask, long period, Target target) {}

    /** Leaves an event when most of a quota is used, once in each of its periods among all nodes. */
    private void warn(Map<Ask, Shared.Answer> answers, Map<Key, LimitStore.Row> rows) {
        List<Map.Entry<Ask, Shared.Answer>> near = answers.entrySet().stream()
                .filter(entry -> isNear(
                        entry.getKey(),
                        entry.getValue().count(),
                        rows.get(entry.getKey().key())))
                .toList();
        if (near.isEmpty()) {
            return;
        }
        try {
            List<Warning> warnings = near.stream()
                    .map(entry ->
                            new Warning(entry.getKey(), entry.getValue().count().period(), target(entry.getKey())))
                    .toList();
            database.change(transaction -> warnings.forEach(warning -> save(transaction, warning)));
        } catch (RuntimeException e) {
            // What is used has been told, and the next round tries again.
            if (unwarned.isDue()) {
                log.warn("That most of a quota is used cannot be said in an event at the moment", e);
            }
        }
    }

    private static boolean isNear(Ask ask, Shared count, LimitStore.@Nullable Row before) {
        Measure measure = ask.key().measure();
        Long most = ask.limits().of(measure);
        return most != null
                && measure.isQuota()
                && Use.isNear(count.taken(), most)
                && (before == null || before.warned() != count.period());
    }

    private Target target(Ask ask) {
        return subjects.of(ask.key().whose(), ask.key().id());
    }

    private void save(Transaction transaction, Warning warning) {
        Key key = warning.ask().key();
        if (LimitStore.saveWarned(transaction, key, warning.period())) {
            long most = warning.ask().limits().most(key.measure());
            events.append(
                    transaction,
                    new Actor.System("limits", null),
                    EventType.LIMIT_WARN,
                    warning.target(),
                    List.of(Change.set(key.policy(), key.measure().amount(most))));
        }
    }

    /** Whether the database answers, and how many nodes there are, when there is nothing to ask. */
    private void look() {
        if (System.nanoTime() - lastSign >= PRESENT.toNanos()) {
            database.change(transaction -> LimitStore.saveNode(transaction, id, there()));
            lastSign = System.nanoTime();
            present = true;
        }
        if (System.nanoTime() - lastLook >= LOOKED.toNanos()) {
            long millis = there();
            limiter.sharedBy(1 + database.read(handle -> LimitStore.others(handle, id, millis - ABSENT.toMillis())));
            lastLook = System.nanoTime();
        }
    }

    /** Tells what was used, and gives back what was not. */
    @Override
    public synchronized void close() {
        if (database.trouble().isPresent()) {
            return;
        }
        try {
            exchange(limiter.asks(true), true);
            if (present) {
                database.change(transaction -> LimitStore.removeNode(transaction, id));
            }
        } catch (RuntimeException e) {
            log.debug("What this node had of shared limits is lost", e);
        }
    }
}
