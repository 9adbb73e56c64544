package dev.latchkey.usage;

import dev.latchkey.database.Transaction;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The statements about the addresses from which tokens called. */
final class AddressStore {
    /**
     * How many addresses of a token are told apart in a day: as many for calls that were allowed as for those that were
     * refused, so that a thief does not hide the program.
     */
    static final int MOST_OF_TOKEN = 16;

    static final String TABLE = "usage_address";

    /** Whether the address has a row, or there is room for one: several nodes count, and a node forgets at its restart. */
    private static final String IS_TOLD_APART = "? in ('" + CalledFrom.UNKNOWN + "', '" + CalledFrom.OTHERS + "')"
            + " or exists (select 1 from " + TABLE + " s where s.at = ? and s.client_id = ? and s.address = ?)"
            + " or (select count(distinct s.address) from " + TABLE + " s where s.at = ? and s.client_id = ?"
            + " and s.address not in ('" + CalledFrom.UNKNOWN + "', '" + CalledFrom.OTHERS + "')"
            + " and case when s.outcome = '" + Outcome.ALLOWED.text() + "' then 1 else 0 end = ?) < " + MOST_OF_TOKEN;

    private static final String ADD = "insert into " + TABLE
            + " as known (at, client_id, address, outcome, calls, first_at, last_at) select ?, ?, case when "
            + IS_TOLD_APART
            + " then ? else '" + CalledFrom.OTHERS + "' end, ?, ?, ?, ? where true"
            + " on conflict (at, client_id, address, outcome)" + UsageStore.ADD_TO_KNOWN;

    /** Adds calls to what the day already has. */
    void add(Transaction transaction, Instant day, List<Map.Entry<CalledFrom, Tally.Unwritten>> calls) {
        if (calls.isEmpty()) {
            return;
        }
        long at = day.toEpochMilli();
        transaction.each(ADD, calls, (statement, entry) -> {
            CalledFrom from = entry.getKey();
            Tally.Unwritten unwritten = entry.getValue();
            statement.setLong(1, at);
            statement.setString(2, from.clientId());
            statement.setString(3, from.address());
            statement.setLong(4, at);
            statement.setString(5, from.clientId());
            statement.setString(6, from.address());
            statement.setLong(7, at);
            statement.setString(8, from.clientId());
            statement.setInt(9, from.outcome() == Outcome.ALLOWED ? 1 : 0);
            statement.setString(10, from.address());
            statement.setString(11, from.outcome().text());
            statement.setLong(12, unwritten.calls());
            statement.setLong(13, unwritten.firstAt().toEpochMilli());
            statement.setLong(14, unwritten.lastAt().toEpochMilli());
        });
    }

    /** The oldest day that began before then. */
    Optional<Instant> oldest(Handle handle, Instant before) {
        return UsageStore.oldest(handle, TABLE, before);
    }

    /** Deletes some rows of the day. */
    void delete(Transaction transaction, Instant day, int most) {
        transaction
                .update("delete from " + TABLE + " where at = :at and (client_id, address, outcome) in"
                        + " (select client_id, address, outcome from " + TABLE + " where at = :at limit :most)")
                .bind("at", day.toEpochMilli())
                .bind("most", most)
                .execute();
    }
}
