package dev.latchkey.oauth;

import dev.latchkey.database.Transaction;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** The statements of signing keys. */
final class SigningKeyStore {

    record Row(String keyId, String sealedPrivateJwk) {}

    /** The newest first. */
    List<Row> all(Handle handle) {
        return handle.createQuery("select key_id, sealed_private_jwk from signing_key order by created_at desc, key_id")
                .map((row, context) -> new Row(row.getString("key_id"), row.getString("sealed_private_jwk")))
                .list();
    }

    void insert(Transaction transaction, Row row, String algorithm, String publicJwk, Instant createdAt) {
        transaction
                .update("insert into signing_key (key_id, algorithm, public_jwk, sealed_private_jwk, created_at) values"
                        + " (:id, :algorithm, :public, :private, :createdAt)")
                .bind("id", row.keyId())
                .bind("algorithm", algorithm)
                .bind("public", publicJwk)
                .bind("private", row.sealedPrivateJwk())
                .bind("createdAt", createdAt.toEpochMilli())
                .execute();
    }
}
