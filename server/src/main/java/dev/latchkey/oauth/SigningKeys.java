package dev.latchkey.oauth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
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
import dev.latchkey.oauth.SigningKeyStore.Row;
import java.text.ParseException;
import java.time.Clock;
import java.util.List;

/** The keys that access tokens are signed with. The private halves are kept encrypted under the master key. */
public final class SigningKeys {
    /** What access tokens may be signed with. */
    static final List<String> ALGORITHM_NAMES = List.of(JWSAlgorithm.ES256.getName());

    private final List<ECKey> keys;

    private SigningKeys(List<ECKey> keys) {
        this.keys = List.copyOf(keys);
    }

    private static final SigningKeyStore STORE = new SigningKeyStore();

    /**
     * Loads the keys; makes the first one when there is none.
     *
     * @throws UnusableKeyException when the master key does not open them
     */
    public static SigningKeys loadOrCreate(Database database, EventLog log, MasterKey masterKey, Clock clock) {
        Vault vault = new Vault(masterKey, "signing keys");
        List<Row> rows = database.read(STORE::all);
        if (rows.isEmpty()) {
            rows = database.write(transaction -> {
                if (STORE.all(transaction.handle()).isEmpty()) {
                    create(transaction, log, vault, clock);
                }
                return STORE.all(transaction.handle());
            });
        }
        return new SigningKeys(rows.stream().map(row -> open(vault, row)).toList());
    }

    private static void create(Transaction transaction, EventLog log, Vault vault, Clock clock) {
        try {
            ECKey key = new ECKeyGenerator(Curve.P_256)
                    .keyUse(KeyUse.SIGNATURE)
                    .algorithm(JWSAlgorithm.ES256)
                    .keyIDFromThumbprint(true)
                    .generate();
            STORE.insert(
                    transaction,
                    new Row(key.getKeyID(), vault.seal(key.toJSONString(), key.getKeyID())),
                    JWSAlgorithm.ES256.getName(),
                    key.toPublicJWK().toJSONString(),
                    clock.instant());
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
        return new JWKSet(keys.stream().map(key -> (JWK) key.toPublicJWK()).toList());
    }
}
