package dev.latchkey.oauth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.crypto.UnusableKeyException;
import dev.latchkey.crypto.Vault;
import dev.latchkey.database.Database;
import dev.latchkey.database.Transaction;
import dev.latchkey.event.Actor;
import dev.latchkey.event.Change;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.Target;
import java.text.ParseException;
import java.time.Clock;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** The keys that access tokens are signed with. The private halves are kept encrypted under the master key. */
public final class SigningKeys {
    private final List<ECKey> keys;

    private SigningKeys(List<ECKey> keys) {
        this.keys = List.copyOf(keys);
    }

    private record Row(String keyId, String sealedPrivateJwk) {}

    /**
     * Loads the keys; makes the first one when there is none.
     *
     * @throws UnusableKeyException when the master key does not open them
     */
    public static SigningKeys loadOrCreate(Database database, EventLog log, MasterKey masterKey, Clock clock) {
        Vault vault = new Vault(masterKey, "signing keys");
        List<Row> rows = database.read(SigningKeys::rows);
        if (rows.isEmpty()) {
            rows = database.write(transaction -> {
                if (rows(transaction.handle()).isEmpty()) {
                    create(transaction, log, vault, clock);
                }
                return rows(transaction.handle());
            });
        }
        return new SigningKeys(rows.stream().map(row -> open(vault, row)).toList());
    }

    private static List<Row> rows(Handle handle) {
        return handle.createQuery("select key_id, sealed_private_jwk from signing_key order by created_at desc, key_id")
                .map((row, context) -> new Row(row.getString("key_id"), row.getString("sealed_private_jwk")))
                .list();
    }

    private static void create(Transaction transaction, EventLog log, Vault vault, Clock clock) {
        try {
            ECKey key = new ECKeyGenerator(Curve.P_256)
                    .keyUse(KeyUse.SIGNATURE)
                    .algorithm(JWSAlgorithm.ES256)
                    .keyIDFromThumbprint(true)
                    .generate();
            transaction
                    .update(
                            "insert into signing_key (key_id, algorithm, public_jwk, sealed_private_jwk, created_at) values"
                                    + " (:id, :algorithm, :public, :private, :createdAt)")
                    .bind("id", key.getKeyID())
                    .bind("algorithm", JWSAlgorithm.ES256.getName())
                    .bind("public", key.toPublicJWK().toJSONString())
                    .bind("private", vault.seal(key.toJSONString(), key.getKeyID()))
                    .bind("createdAt", clock.millis())
                    .execute();
            log.append(
                    transaction,
                    new Actor.System("signing keys", null),
                    "signing_key.create",
                    new Target("signing_key", key.getKeyID(), key.getKeyID()),
                    List.of(Change.set("algorithm", JWSAlgorithm.ES256.getName())));
        } catch (JOSEException e) {
            throw new IllegalStateException("P-256 is part of every JDK", e);
        }
    }

    private static ECKey open(Vault vault, Row row) {
        try {
            return ECKey.parse(vault.open(row.sealedPrivateJwk(), row.keyId()));
        } catch (ParseException e) {
            throw new UnusableKeyException("The signing key " + row.keyId() + " in the database is damaged.", e);
        }
    }

    /** The key that signs now: the newest. */
    ECKey signing() {
        return keys.getFirst();
    }

    List<ECKey> all() {
        return keys;
    }

    /** The public halves, for whoever checks access tokens (RFC 7517 section 5). */
    JWKSet published() {
        return new JWKSet(keys.stream()
                .map(key -> (com.nimbusds.jose.jwk.JWK) key.toPublicJWK())
                .toList());
    }
}
