package dev.latchkey.event;

import dev.latchkey.crypto.KeyedHash;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.database.Transaction;
import dev.latchkey.problem.Problem;
import dev.latchkey.trace.CurrentRequest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Update;

/** The statements of the log. */
final class EventStore {
    static final String COLUMNS = "sequence, at, actor_kind, actor_id, actor_name, actor_role, address, user_agent,"
            + " operation, target_kind, target_id, target_name, changes, previous_hash, hash";

    /** In the order of the columns, for {@link #bind}. */
    static final String VALUES = ":sequence, :at, :actorKind, :actorId, :actorName, :actorRole, :address, :userAgent,"
            + " :operation, :targetKind, :targetId, :targetName, :changes, :previousHash, :hash";

    private final Chain chain;
    private final KeyedHash end;

    EventStore(MasterKey masterKey) {
        this.chain = new Chain(masterKey);
        this.end = new KeyedHash(masterKey, "event chain end");
    }

    /**
     * Where the chain ends.
     *
     * @param seal a keyed hash, so that the chain cannot be cut and an earlier event be declared its end
     */
    record Head(long sequence, String hash, String seal) {
        static String text(long sequence, String hash) {
            return sequence + ":" + hash;
        }
    }

    Optional<Head> head(Handle handle) {
        return handle.createQuery("select sequence, hash, seal from event_head where singleton = 1")
                .map((row, context) -> new Head(row.getLong("sequence"), row.getString("hash"), row.getString("seal")))
                .findOne();
    }

    boolean hasSince(Handle handle, long sequence, EventType type) {
        return handle.createQuery("select count(*) from event where sequence > :after and operation in (<operations>)")
                        .bind("after", sequence)
                        .bindList("operations", type.texts())
                        .mapTo(Long.class)
                        .one()
                > 0;
    }

    EventRow append(
            Transaction transaction, Instant at, Actor actor, EventType type, Target target, List<Change> changes) {
        Head head = head(transaction.handle())
                .orElseThrow(() -> Problem.unavailable(
                        "The end of the audit log is missing in the database, so nothing can be changed.", null));
        Origin origin = actor.origin();
        EventRow draft = new EventRow(
                head.sequence() + 1,
                at.toEpochMilli(),
                actor.kind().text(),
                actor.id(),
                actor.name(),
                actor.role(),
                origin == null ? null : origin.address(),
                origin == null ? null : origin.userAgent(),
                type.text(),
                target.kind().text(),
                target.id(),
                target.name(),
                new Told(changes, CurrentRequest.currentId().orElse(null)).column(),
                head.hash(),
                "");
        EventRow row = chain.hashed(draft);
        bind(transaction.update("insert into event (" + COLUMNS + ") values (" + VALUES + ")"), row)
                .execute();
        transaction
                .update("update event_head set sequence = :sequence, hash = :hash, seal = :seal where singleton = 1")
                .bind("sequence", row.sequence())
                .bind("hash", row.hash())
                .bind("seal", end.of(Head.text(row.sequence(), row.hash())))
                .execute();
        if (row.sequence() % EventSpanStore.SIZE == 0) {
            transaction.aside("the times of the events", () -> EventSpanStore.close(transaction, row.sequence()));
        }
        return row;
    }

    static HistoryEnd end(Handle handle) {
        return handle.createQuery("select sequence, hash, at from event order by sequence desc limit 1")
                .map((row, context) -> new HistoryEnd(
                        new Position(row.getLong("sequence"), row.getString("hash")),
                        Instant.ofEpochMilli(row.getLong("at"))))
                .findOne()
                .orElse(new HistoryEnd(Position.START, null));
    }

    /** Whether the recorded end is the last event, as far as that can be told without reading the chain. */
    boolean endsWhereItSays(Handle handle) {
        return head(handle)
                .filter(head -> end(handle).position().equals(new Position(head.sequence(), head.hash())))
                .isPresent();
    }

    /** The rows from this sequence on, inclusive, in order. */
    List<EventRow> from(Handle handle, long sequence, int limit) {
        return handle.createQuery(
                        "select " + COLUMNS + " from event where sequence >= :from order by sequence limit :limit")
                .bind("from", sequence)
                .bind("limit", limit)
                .map((row, context) -> row(row))
                .list();
    }

    /** Whether this place is in the history that the database has now. */
    boolean has(Handle handle, Position position) {
        return position.sequence() == 0
                || handle.createQuery("select hash from event where sequence = :sequence")
                        .bind("sequence", position.sequence())
                        .mapTo(String.class)
                        .findOne()
                        .filter(position.hash()::equals)
                        .isPresent();
    }

    /** Those of these places that are not in the history that the database has now. */
    List<Position> lacking(Handle handle, List<Position> places) {
        Set<Position> there = handle.createQuery("select sequence, hash from event where sequence in (<sequences>)")
                .bindList("sequences", places.stream().map(Position::sequence).toList())
                .map((row, context) -> new Position(row.getLong("sequence"), row.getString("hash")))
                .set();
        return places.stream().filter(place -> !there.contains(place)).toList();
    }

    /** The newest event at or before this sequence. */
    Position before(Handle handle, long sequence) {
        return handle.createQuery(
                        "select sequence, hash from event where sequence <= :most order by sequence desc limit 1")
                .bind("most", sequence)
                .map((row, context) -> new Position(row.getLong("sequence"), row.getString("hash")))
                .findOne()
                .orElse(Position.START);
    }

    Verification verify(Handle handle) {
        Head head = head(handle).orElse(null);
        long expected = 1;
        String previousHash = "";
        EventSpanStore.Check spans = new EventSpanStore.Check(handle);
        try (Stream<EventRow> rows = handle
                .createQuery("select " + COLUMNS + " from event order by sequence")
                .setFetchSize(1_000)
                .map((row, context) -> row(row))
                .stream()) {
            for (Iterator<EventRow> iterator = rows.iterator(); iterator.hasNext(); ) {
                EventRow row = iterator.next();
                if (row.sequence() != expected) {
                    return new Verification.Broken(expected, "the event is missing");
                }
                if (!row.previousHash().equals(previousHash)) {
                    return new Verification.Broken(expected, "the event does not follow the one before it");
                }
                if (!chain.isWhole(row)) {
                    return new Verification.Broken(expected, "the event is not as it was written");
                }
                if (!spans.fit(row.sequence(), row.at())) {
                    return new Verification.Broken(
                            expected, "the times stored for the events up to this one do not match them");
                }
                previousHash = row.hash();
                expected++;
            }
        }
        if (head == null) {
            return new Verification.Broken(expected, "the end of the log is missing");
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
            return new Verification.Broken(expected, "times are stored for events that do not exist");
        }
        return new Verification.Whole(expected - 1);
    }

    static Update bind(Update insert, EventRow row) {
        return insert.bind("sequence", row.sequence())
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
                .bind("hash", row.hash());
    }

    static EventRow row(ResultSet row) throws SQLException {
        return new EventRow(
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
                row.getString("previous_hash"),
                row.getString("hash"));
    }
}
