package dev.latchkey.signing;

import com.nimbusds.jose.jwk.JWK;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.crypto.Vault;
import dev.latchkey.database.Database;
import java.text.ParseException;

/** What a thief of both the database and the master key has; a test can sign with it what Latchkey would not. */
public final class StolenKeys {
    private StolenKeys() {}

    public static JWK privateJwk(Database database, MasterKey masterKey, String keyId) throws ParseException {
        String sealed = database.read(handle -> new SigningKeyStore().all(handle)).stream()
                .filter(row -> row.key().id().equals(keyId))
                .findFirst()
                .orElseThrow()
                .sealedPrivateJwk();
        return JWK.parse(new Vault(masterKey, "signing keys").open(sealed, keyId));
    }
}
