package dev.latchkey.event;

import dev.latchkey.crypto.Secret;
import dev.latchkey.database.Database;
import dev.latchkey.lane.Timetable;
import dev.latchkey.problem.Text;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes refused token requests and sign-ins to the log, folded: a flood of bad requests leaves a few lines a minute
 * with their number, not a full disk. Nothing is written on the request's own path, so the refusals of the last second,
 * and the counts of the last minute, are lost when the process is killed.
 *
 * <p>Every kind (type, target, reason, network) gets a line of its own at once and then at most one a minute. Refusals
 * about something that exists have a place of their own, which made-up names cannot fill: {@value #KNOWN_KINDS} kinds
 * are told apart there, then {@value #KNOWN_TARGETS} targets, each with the last address. Of unknown names, {@value
 * #KINDS} kinds are told apart. The rest share one line for each type.
 */
public final class RefusedRequests implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RefusedRequests.class);

    static final int KINDS = 20;
    static final int KNOWN_KINDS = 50;
    static final int KNOWN_TARGETS = 100;
    static final Duration FOLD = Duration.ofMinutes(1);

    private static final int MAX_ID_LENGTH = 100;
    private static final Duration TICK = Duration.ofMillis(500);
    private static final int IPV4_PREFIX_BYTES = 3;
    private static final int IPV6_PREFIX_BYTES = 8;

    private final Database database;
    private final EventLog eventLog;
    private final Clock clock;

    /** Held only for work in memory, so that a request never waits for the database. */
    private final Object memory = new Object();

    private final Map<Kind, Fold> folds = new HashMap<>();
    private final Map<Kind, Fold> knownFolds = new HashMap<>();
    private final Map<Kind, Fold> knownTargets = new HashMap<>();
    private final Map<Kind, Fold> others = new HashMap<>();
    private final ReentrantLock writing = new ReentrantLock();

    /** What folds into one line. */
    private record Kind(EventType type, TargetKind targetKind, String targetId, String reason, String network) {
        /** All attempts on this target, whatever their reason and network. */
        Kind anyOnTarget() {
            return new Kind(type, targetKind, targetId, "many attempts", "");
        }

        Kind other() {
            return new Kind(type, targetKind, "*", "many different requests", "");
        }
    }

    /** What happened since the last line. */
    private record Tally(
            long count,
            Instant first,
            Instant last,
            @Nullable Origin origin) {
        Tally and(Tally later) {
            return new Tally(count + later.count, first, later.last, later.origin);
        }
    }

    private static final class Fold {
        private @Nullable Instant writtenAt;
        private @Nullable Tally tally;

        void add(Tally more) {
            tally = tally == null ? more : tally.and(more);
        }

        boolean isDue(Instant now) {
            // A clock that was set back must not hold a line back for hours.
            return writtenAt == null || now.isBefore(writtenAt) || !now.isBefore(writtenAt.plus(FOLD));
        }
    }

    private record Line(Kind kind, Fold fold, Tally tally) {}

    public RefusedRequests(Database database, EventLog eventLog, Clock clock) {
        this.database = database;
        this.eventLog = eventLog;
        this.clock = clock;
    }

    /** Writes what is due twice a second; the timetable must be closed before this is. */
    public void addTo(Timetable timetable) {
        timetable.every(TICK, "refused-requests", this::tick, "Refused requests cannot be written to the log now");
    }

    /**
     * Notes a refusal about a target that may not exist, and returns at once.
     *
     * @param type what is refused
     * @param targetId the client id or email as sent, known or not
     * @param reason why, in our own words; only for the log, never for the caller
     */
    public void record(EventType type, TargetKind targetKind, String targetId, String reason, Origin origin) {
        record(type, targetKind, targetId, reason, origin, false);
    }

    /** @param exists whether the target exists: attempts on it must not be lost among made-up names */
    public void record(
            EventType type, TargetKind targetKind, String targetId, String reason, Origin origin, boolean exists) {
        Kind kind = new Kind(type, targetKind, shown(targetId), reason, network(origin.address()));
        Instant now = clock.instant();
        synchronized (memory) {
            Tally one = new Tally(1, now, now, origin);
            boolean told = exists
                    ? isTold(knownFolds, KNOWN_KINDS, kind, one)
                            || isTold(knownTargets, KNOWN_TARGETS, kind.anyOnTarget(), one)
                    : isTold(folds, KINDS, kind, one);
            if (!told) {
                others.computeIfAbsent(kind.other(), any -> new Fold()).add(new Tally(1, now, now, null));
            }
        }
    }

    /** Adds it to its kind, if that is already told apart or there is room for one more. */
    private static boolean isTold(Map<Kind, Fold> place, int most, Kind kind, Tally one) {
        Fold fold = place.get(kind);
        if (fold == null) {
            if (place.size() == most) {
                return false;
            }
            fold = new Fold();
            place.put(kind, fold);
        }
        fold.add(one);
        return true;
    }

    /** Writes what is due. */
    void tick() {
        write(false);
    }

    /** Writes everything noted so far, due or not. */
    public void flush() {
        write(true);
    }

    /** Writes what is left. */
    @Override
    public void close() {
        try {
            flush();
        } catch (RuntimeException e) {
            log.warn("The last refused requests could not be written to the log: {}", e.getMessage());
        }
    }

    private void write(boolean all) {
        writing.lock();
        try {
            List<Line> lines = take(all);
            if (lines.isEmpty()) {
                return;
            }
            try {
                database.change(transaction -> lines.forEach(line -> eventLog.append(
                        transaction,
                        new Actor.System("access control", line.tally().origin()),
                        line.kind().type(),
                        new Target(
                                line.kind().targetKind(),
                                line.kind().targetId(),
                                line.kind().targetId()),
                        changes(line))));
            } catch (RuntimeException e) {
                putBack(lines);
                throw e;
            }
        } finally {
            writing.unlock();
        }
    }

    private List<Line> take(boolean all) {
        Instant now = clock.instant();
        List<Line> lines = new ArrayList<>();
        synchronized (memory) {
            for (Map<Kind, Fold> kinds : List.of(knownFolds, knownTargets, folds, others)) {
                for (Iterator<Map.Entry<Kind, Fold>> entries = kinds.entrySet().iterator(); entries.hasNext(); ) {
                    Map.Entry<Kind, Fold> entry = entries.next();
                    Fold fold = entry.getValue();
                    Tally tally = fold.tally;
                    if (tally != null && (all || fold.isDue(now))) {
                        lines.add(new Line(entry.getKey(), fold, tally));
                        fold.tally = null;
                        fold.writtenAt = now;
                    } else if (tally == null && fold.isDue(now)) {
                        entries.remove();
                    }
                }
            }
        }
        return lines;
    }

    private void putBack(List<Line> lines) {
        synchronized (memory) {
            for (Line line : lines) {
                Fold fold = line.fold();
                fold.tally = fold.tally == null ? line.tally() : line.tally().and(fold.tally);
                fold.writtenAt = null;
            }
        }
    }

    private static List<Change> changes(Line line) {
        Tally tally = line.tally();
        Change reason = Change.set("reason", line.kind().reason());
        if (tally.count() == 1) {
            return List.of(reason);
        }
        return List.of(
                reason,
                Change.set("count", Long.toString(tally.count())),
                Change.set("first", tally.first().toString()),
                Change.set("last", tally.last().toString()));
    }

    /** Foreign text as one short line, without secrets: people paste them into the wrong field. */
    private static String shown(String foreign) {
        return Text.cut(Secret.masked(Text.cut(foreign, 4 * MAX_ID_LENGTH)), MAX_ID_LENGTH);
    }

    /** The network that usually belongs to one caller: /24 of IPv4, /64 of IPv6. */
    private static String network(String address) {
        try {
            InetAddress literal = InetAddress.ofLiteral(address);
            byte[] bytes = literal.getAddress();
            Arrays.fill(
                    bytes, literal instanceof Inet6Address ? IPV6_PREFIX_BYTES : IPV4_PREFIX_BYTES, bytes.length, (byte)
                            0);
            return Arrays.toString(bytes);
        } catch (IllegalArgumentException e) {
            return address;
        }
    }
}
