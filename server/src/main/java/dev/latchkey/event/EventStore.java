package dev.latchkey.event;

import dev.latchkey.crypto.KeyedHash;
import dev.latchkey.database.Transaction;
import dev.latchkey.event.EventLog.Verification;
import dev.latchkey.http.Json;
import dev.latchkey.http.Page;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The statements of the log. */
final class EventStore {
    static final String COLUMNS = "sequence, at, actor_kind, actor_id, actor_name, actor_role, address, user_agent,"
            + " operation, target_kind, target_id, target_name, changes, previous_hash, hash";

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
        EventSpanStore.close(transaction, row.sequence());
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
        List<Event> events = new EventSearchStore(handle, filter)
                .listing(page)
                .map(listing -> handle.createQuery(listing.sql())
                        .bindMap(listing.bindings())
                        .map((row, context) -> hashedRow(row).row().event())
                        .list())
                .orElse(List.of());
        return Page.of(events, page.size(), event -> List.of(Long.toString(event.sequence())));
    }

    Verification verify(Handle handle) {
        Head head = head(handle);
        long expected = 1;
        String previousHash = "";
        EventSpanStore.Check spans = new EventSpanStore.Check(handle);
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
                if (!spans.fit(row.sequence(), row.at())) {
                    return new Verification.Broken(
                            expected, "the times that are noted of the events up to this one are not theirs");
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
        if (!spans.isDone()) {
            return new Verification.Broken(expected, "times are noted of events that are not there");
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
