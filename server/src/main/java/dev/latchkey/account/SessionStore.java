package dev.latchkey.account;

import dev.latchkey.database.Transaction;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The statements of sessions. */
final class SessionStore {
    private static final String SELECT =
            "select session_id, user_id, created_at, last_seen_at, expires_at, address, user_agent from session";

    void insert(Transaction transaction, String hash, Session session) {
        transaction
                .update("insert into session (session_hash, session_id, user_id, created_at, last_seen_at, expires_at,"
                        + " address, user_agent) values (:hash, :id, :user, :createdAt, :lastSeenAt, :expiresAt, :address,"
                        + " :userAgent)")
                .bind("hash", hash)
                .bind("id", session.id())
                .bind("user", session.userId())
                .bind("createdAt", session.createdAt().toEpochMilli())
                .bind("lastSeenAt", session.lastSeenAt().toEpochMilli())
                .bind("expiresAt", session.expiresAt().toEpochMilli())
                .bind("address", session.address())
                .bind("userAgent", session.userAgent())
                .execute();
    }

    Optional<Session> find(Handle handle, String hash) {
        return handle.createQuery(SELECT + " where session_hash = :hash")
                .bind("hash", hash)
                .map((row, context) -> session(row))
                .findOne();
    }

    List<Session> ofUser(Handle handle, String userId) {
        return handle.createQuery(SELECT + " where user_id = :user order by last_seen_at desc,"
                        + " created_at desc, session_id limit 1000")
                .bind("user", userId)
                .map((row, context) -> session(row))
                .list();
    }

    boolean isOf(Handle handle, String sessionId, String userId) {
        return handle.createQuery("select count(*) from session where session_id = :id and user_id = :user")
                        .bind("id", sessionId)
                        .bind("user", userId)
                        .mapTo(Long.class)
                        .one()
                > 0;
    }

    /** The ids of the person's sessions, without the most recently used ones. */
    List<String> beyond(Handle handle, String userId, int kept) {
        return handle.createQuery("select session_id from session where user_id = :user order by last_seen_at desc,"
                        + " created_at desc, session_id limit 1000 offset :kept")
                .bind("user", userId)
                .bind("kept", kept)
                .mapTo(String.class)
                .list();
    }

    /** The addresses from which the person with this email is signed in. */
    List<String> addresses(Handle handle, String email, Instant now, Instant idleSince) {
        return handle.createQuery("select distinct s.address from session s join person p on p.user_id = s.user_id"
                        + " where p.email = :email and p.removed_at is null and s.expires_at > :now and s.last_seen_at >"
                        + " :idle")
                .bind("email", email)
                .bind("now", now.toEpochMilli())
                .bind("idle", idleSince.toEpochMilli())
                .mapTo(String.class)
                .list();
    }

    /** Notes that the session was used, unless a use at or after {@code before} is noted already. */
    void seen(Transaction transaction, String sessionId, Instant at, Instant before) {
        transaction
                .update("update session set last_seen_at = :at where session_id = :id and last_seen_at < :before")
                .bind("at", at.toEpochMilli())
                .bind("before", before.toEpochMilli())
                .bind("id", sessionId)
                .execute();
    }

    void delete(Transaction transaction, String sessionId) {
        transaction
                .update("delete from session where session_id = :id")
                .bind("id", sessionId)
                .execute();
    }

    void deleteOfUser(Transaction transaction, String userId, String exceptSessionId) {
        transaction
                .update("delete from session where user_id = :user and session_id <> :except")
                .bind("user", userId)
                .bind("except", exceptSessionId)
                .execute();
    }

    void deleteExpired(Transaction transaction, Instant now, Instant idleSince) {
        // Two statements, so that each uses its own index.
        transaction
                .update("delete from session where expires_at <= :now")
                .bind("now", now.toEpochMilli())
                .execute();
        transaction
                .update("delete from session where last_seen_at <= :idle")
                .bind("idle", idleSince.toEpochMilli())
                .execute();
    }

    private static Session session(ResultSet row) throws SQLException {
        return new Session(
                row.getString("session_id"),
                row.getString("user_id"),
                Instant.ofEpochMilli(row.getLong("created_at")),
                Instant.ofEpochMilli(row.getLong("last_seen_at")),
                Instant.ofEpochMilli(row.getLong("expires_at")),
                row.getString("address"),
                row.getString("user_agent"));
    }
}
