package dev.latchkey.crypto;

import dev.latchkey.database.Database;
import java.nio.file.Path;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Sees to it that a database is only used with the master key that it was made with. With another one every secret
 * would be wrong and every event forged, and each error would blame something else.
 */
public final class KeyCheck {
    private static final String TEXT = "the master key fits";

    private KeyCheck() {}

    /**
     * Reads the key file and checks that the key fits. Only for a new database is a missing file made: beside an old
     * database, a new key would help nobody and could be mistaken for the right one.
     *
     * @throws UnusableKeyException when the file cannot be read or made, or holds another key
     */
    public static MasterKey loadOrCreate(Database database, Path file) {
        MasterKey masterKey =
                database.read(KeyCheck::sealed).isPresent() ? MasterKey.load(file) : MasterKey.loadOrCreate(file);
        require(database, masterKey);
        return masterKey;
    }

    /**
     * Checks that the key is the database's; a new database takes the first key as its own.
     *
     * @throws UnusableKeyException when it is another one
     */
    public static void require(Database database, MasterKey masterKey) {
        Vault vault = new Vault(masterKey, "key check");
        Optional<String> known = database.read(KeyCheck::sealed);
        String sealed = known.orElseGet(() ->
                database.write(transaction -> sealed(transaction.handle()).orElseGet(() -> {
                    String first = vault.seal(TEXT, TEXT);
                    transaction
                            .update("insert into key_check (singleton, sealed) values (1, :sealed)")
                            .bind("sealed", first)
                            .execute();
                    return first;
                })));
        vault.open(sealed, TEXT);
    }

    private static Optional<String> sealed(Handle handle) {
        return handle.createQuery("select sealed from key_check where singleton = 1")
                .mapTo(String.class)
                .findOne();
    }
}
