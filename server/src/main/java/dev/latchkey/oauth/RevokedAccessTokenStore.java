package dev.latchkey.oauth;

import dev.latchkey.database.Transaction;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.generic.GenericType;

/** The statements of access tokens that were revoked one by one. */
final class RevokedAccessTokenStore {
    /** Those that have not expired, with their expiry in milliseconds. */
    Map<String, Long> all(Handle handle, Instant now) {
        return handle.createQuery("select token_id, expires_at from revoked_access_token where expires_at > :now")
                .bind("now", now.toEpochMilli())
                .setMapKeyColumn("token_id")
                .setMapValueColumn("expires_at")
                .collectInto(new GenericType<Map<String, Long>>() {});
    }

    Optional<Long> expiry(Handle handle, String tokenId) {
        return handle.createQuery("select expires_at from revoked_access_token where token_id = :id")
                .bind("id", tokenId)
                .mapTo(Long.class)
                .findOne();
    }

    long countOf(Handle handle, String clientId, Instant now) {
        return handle.createQuery(
                        "select count(*) from revoked_access_token where client_id = :client and expires_at > :now")
                .bind("client", clientId)
                .bind("now", now.toEpochMilli())
                .mapTo(Long.class)
                .one();
    }

    void insert(Transaction transaction, String id, String clientId, Instant expiresAt) {
        transaction
                .update(
                        "insert into revoked_access_token (token_id, client_id, expires_at) values (:id, :client, :expiry)")
                .bind("id", id)
                .bind("client", clientId)
                .bind("expiry", expiresAt.toEpochMilli())
                .execute();
    }

    void deleteExpired(Transaction transaction, Instant now) {
        transaction
                .update("delete from revoked_access_token where expires_at <= :now")
                .bind("now", now.toEpochMilli())
                .execute();
    }
}
