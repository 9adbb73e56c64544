package dev.latchkey.advice;

import dev.latchkey.access.Privilege;
import dev.latchkey.database.Transaction;
import dev.latchkey.problem.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The statements about trials of roles. */
final class TrialStore {
    private static final String COLUMNS = "select role_name, begun_at, begun_by, until_at, window_days, privileges,"
            + " role_version, about, state, ended_at, ended_by, reason, refused from role_trial ";

    private static final String OPEN = "state in ('running', 'passed')";

    Optional<Trial> find(Handle handle, String role) {
        return handle.createQuery(COLUMNS + "where role_name = :role")
                .bind("role", role)
                .map((row, context) -> trial(row))
                .findOne();
    }

    /** Those that are watched, of which there are few. */
    List<Trial> open(Handle handle) {
        return handle.createQuery(COLUMNS + "where " + OPEN + " order by role_name")
                .map((row, context) -> trial(row))
                .list();
    }

    /** Those that passed, and those that stopped since then because something would have been refused; a few of them. */
    List<Trial> ready(Handle handle, Instant since, int most) {
        return handle.createQuery(COLUMNS + "where state = 'passed' or (state = 'stopped' and reason = :reason and"
                        + " ended_at >= :since) order by role_name limit :most")
                .bind("reason", Trial.StopReason.WOULD_REFUSE.text())
                .bind("since", since.toEpochMilli())
                .bind("most", most)
                .map((row, context) -> trial(row))
                .list();
    }

    /** Writes a trial, which replaces the role's last one. */
    void save(Transaction transaction, Trial trial) {
        transaction
                .update("delete from role_trial where role_name = :role")
                .bind("role", trial.role())
                .execute();
        transaction
                .update("insert into role_trial (role_name, begun_at, begun_by, until_at, window_days, privileges,"
                        + " role_version, about, state) values (:role, :begunAt, :begunBy, :until, :window, :privileges,"
                        + " :version, :about, :state)")
                .bind("role", trial.role())
                .bind("begunAt", trial.begunAt().toEpochMilli())
                .bind("begunBy", trial.begunBy())
                .bind("until", trial.until().toEpochMilli())
                .bind("window", trial.windowDays())
                .bind(
                        "privileges",
                        trial.without().stream().map(Privilege::toString).collect(Collectors.joining("\n")))
                .bind("version", trial.version())
                .bind("about", trial.about())
                .bind("state", trial.state().text())
                .execute();
    }

    /** Brings a trial into its next state; false when it is no longer in the one that is known, because someone else did. */
    boolean advance(Transaction transaction, Trial known, Trial becomes) {
        Trial.Ending ending = becomes.ending();
        return transaction
                        .update(
                                "update role_trial set state = :next, ended_at = :endedAt, ended_by = :endedBy, reason ="
                                        + " :reason, refused = :refused where role_name = :role and begun_at = :begunAt and state"
                                        + " = :state")
                        .bind("next", becomes.state().text())
                        .bind("endedAt", ending == null ? null : ending.at().toEpochMilli())
                        .bind("endedBy", ending == null ? null : ending.by())
                        .bind("reason", reason(ending))
                        .bind("refused", becomes.refused().isEmpty() ? null : Json.writeText(becomes.refused()))
                        .bind("role", known.role())
                        .bind("begunAt", known.begunAt().toEpochMilli())
                        .bind("state", known.state().text())
                        .execute()
                > 0;
    }

    private static @Nullable String reason(Trial.@Nullable Ending ending) {
        Trial.StopReason reason = ending == null ? null : ending.reason();
        return reason == null ? null : reason.text();
    }

    private static Trial trial(ResultSet row) throws SQLException {
        long endedAt = row.getLong("ended_at");
        boolean open = row.wasNull();
        int window = row.getInt("window_days");
        boolean chosen = row.wasNull();
        String reason = row.getString("reason");
        String refused = row.getString("refused");
        return new Trial(
                row.getString("role_name"),
                Instant.ofEpochMilli(row.getLong("begun_at")),
                row.getString("begun_by"),
                Instant.ofEpochMilli(row.getLong("until_at")),
                chosen ? null : window,
                privileges(row.getString("privileges")),
                row.getLong("role_version"),
                row.getString("about"),
                Trial.State.of(row.getString("state")),
                open
                        ? null
                        : new Trial.Ending(
                                Instant.ofEpochMilli(endedAt),
                                row.getString("ended_by"),
                                reason == null ? null : Trial.StopReason.of(reason)),
                refused == null ? List.of() : List.of(Json.readKnown(refused, RefusedCalls[].class)));
    }

    private static SortedSet<Privilege> privileges(String lines) {
        return Arrays.stream(lines.split("\n", -1))
                .map(line -> {
                    int slash = line.indexOf('/');
                    return new Privilege(line.substring(0, slash), line.substring(slash + 1));
                })
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
