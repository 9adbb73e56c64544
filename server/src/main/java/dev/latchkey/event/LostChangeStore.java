package dev.latchkey.event;

import dev.latchkey.database.Transaction;
import dev.latchkey.event.LostChange.State;
import dev.latchkey.problem.Page;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/** The statements of changed histories and lost changes. */
final class LostChangeStore {
    private static final String COLUMNS = EventStore.COLUMNS + ", noticed_at, state, settled_at, settled_by";

    private static final int BATCH = 500;

    /** Returns whether it was not known before. */
    boolean insert(Transaction transaction, EventRow row, Instant now, State state, @Nullable String settledBy) {
        return EventStore.bind(
                                transaction.update(
                                        "insert into lost_change (" + COLUMNS + ") values (" + EventStore.VALUES
                                                + ", :noticedAt, :state, :settledAt, :settledBy) on conflict do nothing"),
                                row)
                        .bind("noticedAt", now.toEpochMilli())
                        .bind("state", state.text())
                        .bind("settledAt", state == State.OPEN ? null : (Long) now.toEpochMilli())
                        .bind("settledBy", settledBy)
                        .execute()
                == 1;
    }

    boolean isKnown(Handle handle, String hash) {
        return handle.createQuery("select count(*) from lost_change where hash = :hash")
                        .bind("hash", hash)
                        .mapTo(Long.class)
                        .one()
                > 0;
    }

    /** Those of these places that are not in the list. */
    List<Position> unknown(Handle handle, List<Position> places) {
        List<Position> unknown = new ArrayList<>();
        for (int i = 0; i < places.size(); i += BATCH) {
            List<Position> batch = places.subList(i, Math.min(i + BATCH, places.size()));
            Set<String> known = handle.createQuery("select hash from lost_change where hash in (<hashes>)")
                    .bindList("hashes", batch.stream().map(Position::hash).toList())
                    .mapTo(String.class)
                    .set();
            batch.stream().filter(place -> !known.contains(place.hash())).forEach(unknown::add);
        }
        return unknown;
    }

    void settle(Transaction transaction, String hash, State state, Instant now, String by) {
        transaction
                .update("update lost_change set state = :state, settled_at = :now, settled_by = :by where hash = :hash")
                .bind("state", state.text())
                .bind("now", now.toEpochMilli())
                .bind("by", by)
                .bind("hash", hash)
                .execute();
    }

    Optional<LostChange> find(Handle handle, String hash) {
        return handle.createQuery("select " + COLUMNS + " from lost_change where hash = :hash")
                .bind("hash", hash)
                .map((row, context) -> lostChange(row))
                .findOne();
    }

    /** The newest first. */
    Page<LostChange> list(Handle handle, @Nullable State state, Page.Request page) {
        List<String> after = page.after();
        String direction = page.backwards() ? "asc" : "desc";
        String sql = "select " + COLUMNS + " from lost_change where 1 = 1"
                + (state == null ? "" : " and state = :state")
                + (after == null
                        ? ""
                        : " and (sequence, hash) " + (page.backwards() ? ">" : "<") + " (:sequence, :hash)")
                + " order by sequence " + direction + ", hash " + direction + " limit :limit";
        Query query = handle.createQuery(sql).bind("limit", page.size() + 1);
        if (state != null) {
            query.bind("state", state.text());
        }
        if (after != null) {
            query.bind("sequence", Page.number(after.getFirst())).bind("hash", after.getLast());
        }
        return Page.of(
                query.map((row, context) -> lostChange(row)).list(),
                page,
                lost -> List.of(Long.toString(lost.event().sequence()), lost.id()));
    }

    /** The number of lost changes in this state; null for all. */
    long count(Handle handle, @Nullable State state) {
        Query query =
                handle.createQuery("select count(*) from lost_change" + (state == null ? "" : " where state = :state"));
        if (state != null) {
            query.bind("state", state.text());
        }
        return query.mapTo(Long.class).one();
    }

    /** The number of lost changes in each state that occurs. */
    Map<State, Long> counts(Handle handle) {
        Map<State, Long> counts = new EnumMap<>(State.class);
        handle.createQuery("select state, count(*) from lost_change group by state")
                .map((row, context) -> Map.entry(State.of(row.getString(1)).orElseThrow(), row.getLong(2)))
                .forEach(entry -> counts.put(entry.getKey(), entry.getValue()));
        return counts;
    }

    /** What an administrator must still look at; counted only as far as a notice needs. */
    Attention attention(Handle handle, int most) {
        return handle.createQuery(
                        "select (select count(*) from (select hash from lost_change where state = 'open' limit"
                                + " :most) as open_change), (select count(*) from (select change_id from history_change where"
                                + " confirmed_at is null limit 1) as unconfirmed)")
                .bind("most", most)
                .map((row, context) -> new Attention(row.getLong(1), row.getLong(2) > 0))
                .one();
    }

    /** Returns whether it was not known before. */
    boolean insert(Transaction transaction, HistoryChange change) {
        Instant lastAt = change.lastAt();
        return transaction
                        .update(
                                "insert into history_change (change_id, noticed_at, noticed_by, last_sequence, last_at, lost)"
                                        + " values (:id, :noticedAt, :noticedBy, :lastSequence, :lastAt, :lost) on conflict do nothing")
                        .bind("id", change.id())
                        .bind("noticedAt", change.noticedAt().toEpochMilli())
                        .bind("noticedBy", change.noticedBy())
                        .bind("lastSequence", change.lastSequence())
                        .bind("lastAt", lastAt == null ? null : (Long) lastAt.toEpochMilli())
                        .bind("lost", change.lost())
                        .execute()
                == 1;
    }

    /** The newest first. */
    List<HistoryChange> changes(Handle handle, int most) {
        return handle.createQuery(
                        "select change_id, noticed_at, noticed_by, last_sequence, last_at, lost, confirmed_at,"
                                + " confirmed_by from history_change order by noticed_at desc, change_id limit :most")
                .bind("most", most)
                .map((row, context) -> new HistoryChange(
                        row.getString("change_id"),
                        Instant.ofEpochMilli(row.getLong("noticed_at")),
                        row.getString("noticed_by"),
                        row.getLong("last_sequence"),
                        time(row, "last_at"),
                        number(row, "lost"),
                        time(row, "confirmed_at"),
                        row.getString("confirmed_by")))
                .list();
    }

    /** Returns whether it exists and was not confirmed yet. */
    boolean confirm(Transaction transaction, String id, Instant now, String by) {
        return transaction
                        .update("update history_change set confirmed_at = :now, confirmed_by = :by"
                                + " where change_id = :id and confirmed_at is null")
                        .bind("id", id)
                        .bind("now", now.toEpochMilli())
                        .bind("by", by)
                        .execute()
                == 1;
    }

    /** The number of changed histories that are not confirmed. */
    long unconfirmed(Handle handle) {
        return handle.createQuery("select count(*) from history_change where confirmed_at is null")
                .mapTo(Long.class)
                .one();
    }

    private static LostChange lostChange(ResultSet row) throws SQLException {
        EventRow event = EventStore.row(row);
        return new LostChange(
                event.hash(),
                event.event(),
                Instant.ofEpochMilli(row.getLong("noticed_at")),
                State.of(row.getString("state")).orElseThrow(),
                time(row, "settled_at"),
                row.getString("settled_by"));
    }

    private static @Nullable Instant time(ResultSet row, String column) throws SQLException {
        Long millis = number(row, column);
        return millis == null ? null : Instant.ofEpochMilli(millis);
    }

    private static @Nullable Long number(ResultSet row, String column) throws SQLException {
        long number = row.getLong(column);
        return row.wasNull() ? null : number;
    }
}
