package dev.latchkey.apitoken;

import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** The statements that find the active API tokens of recent times. */
final class RecentTokenStore {

    /** What was recent. Each has an index in the order of its times. */
    enum Recently {
        CREATED("created_at"),
        USED("coalesce(last_access_at, 0)");

        private final String time;

        Recently(String time) {
            this.time = time;
        }
    }

    /** A token's position in the order of times. */
    record Place(long at, String clientId) {
        /** The position before all tokens of this time or later. */
        static Place before(Instant since) {
            return new Place(millis(since), "");
        }
    }

    /** The next active tokens after this position, the oldest first. */
    List<Place> next(Handle handle, Recently recently, Place after, int most) {
        return handle.createQuery(nextSql(recently))
                .bind("at", after.at())
                .bind("id", after.clientId())
                .bind("most", most)
                .map((row, context) -> new Place(row.getLong(1), row.getString(2)))
                .list();
    }

    /** The first condition is redundant, but without it SQLite does not use the index of an expression. */
    private static String nextSql(Recently recently) {
        return "select " + recently.time + ", client_id from api_token where " + recently.time
                + " >= :at and state = 'active' and (" + recently.time + ", client_id) > (:at, :id) order by "
                + recently.time + ", client_id limit :most";
    }

    /** How many active tokens were created or used since then, counted up to a limit. */
    long count(Handle handle, Instant since, int most) {
        long created = count(handle, Recently.CREATED, "created_at >= :since", since, most);
        if (created == most) {
            return most;
        }
        long used =
                count(handle, Recently.USED, Recently.USED.time + " >= :since and created_at < :since", since, most);
        return Math.min(most, created + used);
    }

    /** In the order of the index, so that the planner chooses that index. */
    private static long count(Handle handle, Recently recently, String condition, Instant since, int most) {
        return handle.createQuery("select count(*) from (select client_id from api_token where state = 'active' and "
                        + condition + " order by " + recently.time + ", client_id limit :most) as recent")
                .bind("since", millis(since))
                .bind("most", most)
                .mapTo(Long.class)
                .one();
    }

    /** No token is older than the epoch, and not every time fits into milliseconds. */
    private static long millis(Instant since) {
        return since.isBefore(Instant.EPOCH) ? 0 : since.toEpochMilli();
    }
}
