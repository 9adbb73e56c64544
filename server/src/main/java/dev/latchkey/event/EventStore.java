package dev.latchkey.event;

import dev.latchkey.crypto.KeyedHash;
import dev.latchkey.database.Transaction;
import dev.latchkey.event.EventLog.Verification;
import dev.latchkey.http.Json;
import dev.latchkey.http.Page;
import dev.latchkey.http.Problem;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The statements of the log. */
final class EventStore {
    private static final String COLUMNS =
            "sequence, at, actor_kind, actor_id, actor_name, actor_role, address, user_agent,"
                    + " operation, target_kind, target_id, target_name, changes, previous_hash, hash";

    /** How much nodes' clocks may differ for a range of times to be complete: a day, in milliseconds. */
    private static final long CLOCKS_DIFFER = 86_400_000;

    /**
     * Times nearly follow the sequence, so a range of times is a range of sequences, a little too wide on both sides. Walking
     * to an old range through all that is newer would take seconds among millions of events.
     */
    private static final String LAST_BEFORE = "coalesce((select sequence from event where at < :from - " + CLOCKS_DIFFER
            + " order by at desc, sequence desc limit 1), 0)";

    private static final String FIRST_AFTER = "coalesce((select sequence from event where at >= :until + "
            + CLOCKS_DIFFER + " order by at, sequence limit 1), " + Long.MAX_VALUE + ")";

    private final KeyedHash chain;
    private final KeyedHash end;

    EventStore(KeyedHash chain, KeyedHash end) {
        this.chain = chain;
        this.end = end;
    }

    /**
     * Where the chain ends.
     *
     * @param seal a keyed hash, so that nobody can cut the chain and declare an earlier event its end
     */
    record Head(long sequence, String hash, String seal) {
        static String text(long sequence, String hash) {
            return sequence + ":" + hash;
        }
    }

    /** A row as stored: the hash covers every column before it. */
    private record Row(
            long sequence,
            long at,
            String actorKind,
            String actorId,
            String actorName,
            @Nullable String actorRole,
            @Nullable String address,
            @Nullable String userAgent,
            String operation,
            String targetKind,
            String targetId,
            String targetName,
            String changes,
            String previousHash) {

        /**
         * All columns in order, each behind its length, so that two different rows never share a text. It must stay as it
         * is for ever, or older events no longer verify.
         */
        String text() {
            StringBuilder text = new StringBuilder(500);
            add(text, Long.toString(sequence));
            add(text, Long.toString(at));
            add(text, actorKind);
            add(text, actorId);
            add(text, actorName);
            add(text, actorRole);
            add(text, address);
            add(text, userAgent);
            add(text, operation);
            add(text, targetKind);
            add(text, targetId);
            add(text, targetName);
            add(text, changes);
            add(text, previousHash);
            return text.toString();
        }

        private static void add(StringBuilder text, @Nullable String column) {
            if (column == null) {
                text.append("-,");
            } else {
                text.append(column.length()).append(':').append(column).append(',');
            }
        }

        Event event() {
            Origin origin = address == null ? null : new Origin(address, userAgent == null ? "" : userAgent);
            Actor actor = switch (actorKind) {
                case "person" -> new Actor.Person(actorId, actorName, actorRole, origin);
                case "program" -> new Actor.Program(actorId, actorName, actorRole, origin);
                case "system" -> new Actor.System(actorName, origin);
                default -> throw new IllegalStateException("event " + sequence + " has no known kind of actor");
            };
            return new Event(
                    sequence,
                    Instant.ofEpochMilli(at),
                    actor,
                    operation,
                    new Target(targetKind, targetId, targetName),
                    List.of(Json.readText(changes, Change[].class)));
        }
    }

    private record HashedRow(Row row, String hash) {}

    Head head(Handle handle) {
        return handle.createQuery("select sequence, hash, seal from event_head where singleton = 1")
                .map((row, context) -> new Head(row.getLong("sequence"), row.getString("hash"), row.getString("seal")))
                .one();
    }

    Event append(
            Transaction transaction, Instant at, Actor actor, String operation, Target target, List<Change> changes) {
        Head head = head(transaction.handle());
        Origin origin = actor.origin();
        Row row = new Row(
                head.sequence() + 1,
                at.toEpochMilli(),
                actor.kind(),
                actor.id(),
                actor.name(),
                actor.role(),
                origin == null ? null : origin.address(),
                origin == null ? null : origin.userAgent(),
                operation,
                target.kind(),
                target.id(),
                target.name(),
                Json.writeText(changes),
                head.hash());
        String hash = chain.of(row.text());
        transaction
                .update("insert into event (" + COLUMNS + ") values (:sequence, :at, :actorKind, :actorId, :actorName,"
                        + " :actorRole, :address, :userAgent, :operation, :targetKind, :targetId, :targetName, :changes,"
                        + " :previousHash, :hash)")
                .bind("sequence", row.sequence())
                .bind("at", row.at())
                .bind("actorKind", row.actorKind())
                .bind("actorId", row.actorId())
                .bind("actorName", row.actorName())
                .bind("actorRole", row.actorRole())
                .bind("address", row.address())
                .bind("userAgent", row.userAgent())
                .bind("operation", row.operation())
                .bind("targetKind", row.targetKind())
                .bind("targetId", row.targetId())
                .bind("targetName", row.targetName())
                .bind("changes", row.changes())
                .bind("previousHash", row.previousHash())
                .bind("hash", hash)
                .execute();
        transaction
                .update("update event_head set sequence = :sequence, hash = :hash, seal = :seal where singleton = 1")
                .bind("sequence", row.sequence())
                .bind("hash", hash)
                .bind("seal", end.of(Head.text(row.sequence(), hash)))
                .execute();
        return row.event();
    }

    List<Event> after(Handle handle, long sequence, int limit) {
        return handle.createQuery(
                        "select " + COLUMNS + " from event where sequence > :after order by sequence limit :limit")
                .bind("after", sequence)
                .bind("limit", limit)
                .map((row, context) -> hashedRow(row).row().event())
                .list();
    }

    Page<Event> list(Handle handle, EventFilter filter, Page.Request page) {
        Listing listing = listing(filter, page);
        List<Event> events = handle.createQuery(listing.sql())
                .bindMap(listing.bindings())
                .map((row, context) -> hashedRow(row).row().event())
                .list();
        return Page.of(events, page.size(), event -> List.of(Long.toString(event.sequence())));
    }

    /** The statement that finds a page of events, and one more. */
    record Listing(String sql, Map<String, Object> bindings) {}

    /**
     * Walks along an index to the sequences of the page, and only then reads the events. An actor is an id or a name: two
     * walks, because one with "or" would first collect all that either finds. What is computed keeps the planner
     * from an index that would find too much: there are few kinds, and times are found by their sequences.
     */
    static Listing listing(EventFilter filter, Page.Request page) {
        Map<String, Object> bindings = new LinkedHashMap<>();
        List<String> conditions = new ArrayList<>();
        String ofKind = "target_kind = :operation";
        String ofKindWithoutIndex = "target_kind || '' = :operation";
        if (filter.operation() != null) {
            boolean whole = filter.operation().indexOf('.') >= 0;
            conditions.add(whole ? "operation = :operation" : filter.actor() == null ? ofKind : ofKindWithoutIndex);
            bindings.put("operation", filter.operation());
        }
        if (filter.targetKind() != null) {
            conditions.add("target_kind = :targetKind");
            bindings.put("targetKind", filter.targetKind());
        }
        if (filter.targetId() != null) {
            conditions.add("target_id = :targetId");
            bindings.put("targetId", filter.targetId());
        }
        if (filter.from() != null) {
            conditions.add("+at >= :from and sequence > " + LAST_BEFORE);
            bindings.put("from", filter.from().toEpochMilli());
        }
        if (filter.until() != null) {
            conditions.add("+at < :until and sequence < " + FIRST_AFTER);
            bindings.put("until", filter.until().toEpochMilli());
        }
        if (page.after() != null) {
            conditions.add("sequence < :after");
            bindings.put("after", sequenceIn(page.after()));
        }
        bindings.put("limit", page.size() + 1);
        String sequences;
        if (filter.actor() == null) {
            sequences = walk(conditions);
        } else {
            bindings.put("actor", filter.actor());
            sequences = Stream.of("actor_id = :actor", "actor_name = :actor")
                    .map(actor -> "select sequence from ("
                            + walk(Stream.concat(Stream.of(actor), conditions.stream())
                                    .toList())
                            + ") as found")
                    .collect(Collectors.joining(" union "));
        }
        return new Listing(
                "select " + COLUMNS + " from event where sequence in (" + sequences
                        + ") order by sequence desc limit :limit",
                bindings);
    }

    private static String walk(List<String> conditions) {
        String where = conditions.isEmpty() ? "" : " where " + String.join(" and ", conditions);
        return "select sequence from event" + where + " order by sequence desc limit :limit";
    }

    private static long sequenceIn(List<String> keys) {
        try {
            return Long.parseLong(keys.getFirst());
        } catch (NumberFormatException e) {
            throw Problem.invalid(
                    "pageToken", "This is not a page token of this list. Start again from the first page.");
        }
    }

    Verification verify(Handle handle) {
        Head head = head(handle);
        long expected = 1;
        String previousHash = "";
        try (Stream<HashedRow> rows = handle
                .createQuery("select " + COLUMNS + " from event order by sequence")
                .setFetchSize(1_000)
                .map((row, context) -> hashedRow(row))
                .stream()) {
            for (Iterator<HashedRow> iterator = rows.iterator(); iterator.hasNext(); ) {
                HashedRow next = iterator.next();
                Row row = next.row();
                if (row.sequence() != expected) {
                    return new Verification.Broken(expected, "the event is missing");
                }
                if (!row.previousHash().equals(previousHash)) {
                    return new Verification.Broken(expected, "the event does not follow the one before it");
                }
                if (!chain.matches(row.text(), next.hash())) {
                    return new Verification.Broken(expected, "the event is not as it was written");
                }
                previousHash = next.hash();
                expected++;
            }
        }
        if (head.sequence() != expected - 1) {
            return new Verification.Broken(expected, "the event is missing at the end of the log");
        }
        boolean sealed = head.sequence() == 0
                ? head.seal().isEmpty()
                : end.matches(Head.text(head.sequence(), head.hash()), head.seal());
        if (!sealed || !head.hash().equals(previousHash)) {
            return new Verification.Broken(head.sequence(), "the end of the log is not the one that was written");
        }
        return new Verification.Whole(expected - 1);
    }

    private static HashedRow hashedRow(ResultSet row) throws SQLException {
        return new HashedRow(
                new Row(
                        row.getLong("sequence"),
                        row.getLong("at"),
                        row.getString("actor_kind"),
                        row.getString("actor_id"),
                        row.getString("actor_name"),
                        row.getString("actor_role"),
                        row.getString("address"),
                        row.getString("user_agent"),
                        row.getString("operation"),
                        row.getString("target_kind"),
                        row.getString("target_id"),
                        row.getString("target_name"),
                        row.getString("changes"),
                        row.getString("previous_hash")),
                row.getString("hash"));
    }
}
