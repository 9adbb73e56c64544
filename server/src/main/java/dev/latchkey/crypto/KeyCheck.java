package dev.latchkey.crypto;

import dev.latchkey.database.Database;
import dev.latchkey.database.Transaction;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Makes sure that a database is used only with the master key that it is sealed under. With another one every secret
 * would seem wrong and every event forged, and each error would blame something else.
 */
public final class KeyCheck {
    /** Sealed in every database, so it must never change. */
    private static final String TEXT = "the master key fits";

    private static final String HASH_ROOT = "hash root";

    private KeyCheck() {}

    /** @param hashRoot null in a database that is older than hash roots */
    private record Sealed(String check, @Nullable String hashRoot) {}

    /**
     * Reads the key file and checks that it is the database's key. A missing file is created only for a new database:
     * for an existing one, a new key would be useless and could be mistaken for the right one.
     *
     * @throws UnusableKeyException when the file cannot be read or created, or contains another key
     */
    public static MasterKey loadOrCreate(Database database, Path file) {
        boolean known = database.<@Nullable Sealed>read(KeyCheck::sealed) != null;
        MasterKey masterKey = known ? MasterKey.load(file) : MasterKey.loadOrCreate(file);
        try {
            return require(database, masterKey);
        } catch (UnusableKeyException e) {
            if (Files.exists(MasterKey.next(file))) {
                throw new UnusableKeyException(
                        e.getMessage() + " There is also " + MasterKey.next(file) + ", so a rotation was"
                                + " interrupted. Finish it with: latchkey master-key rotate",
                        e);
            }
            throw e;
        }
    }

    /**
     * Reads the key from a text and checks that it is the database's key.
     *
     * @param source where the text came from, for the error
     * @throws UnusableKeyException when it is not a key, or is another one
     */
    public static MasterKey require(Database database, String base64, String source) {
        boolean known = database.<@Nullable Sealed>read(KeyCheck::sealed) != null;
        return require(
                database,
                known ? MasterKey.parse(base64, source, MasterKey.USE_ITS_OWN) : MasterKey.parse(base64, source));
    }

    /**
     * Checks that the key is the database's; a new database adopts the first key as its own.
     *
     * @return the key with the database's hash root, without which no hash would match
     * @throws UnusableKeyException when it is another one
     */
    public static MasterKey require(Database database, MasterKey masterKey) {
        Vault vault = vault(masterKey);
        @Nullable Sealed known = database.<@Nullable Sealed>read(KeyCheck::sealed);
        if (known == null || known.hashRoot() == null) {
            known = database.write(transaction -> completed(transaction, masterKey, vault));
        }
        requireFit(vault, known);
        return known.hashRoot() == null ? masterKey : masterKey.withHashRoot(vault.open(known.hashRoot(), HASH_ROOT));
    }

    /**
     * Seals what is missing: everything in a new database, and in an older one the hash root that its hashes were made
     * with.
     */
    private static Sealed completed(Transaction transaction, MasterKey masterKey, Vault vault) {
        Sealed present = sealed(transaction.handle());
        if (present == null) {
            Sealed first = new Sealed(vault.seal(TEXT, TEXT), vault.seal(MasterKey.randomHashRoot(), HASH_ROOT));
            transaction
                    .update("insert into key_check (singleton, sealed, sealed_hash_root) values (1, :check, :root)")
                    .bind("check", first.check())
                    .bind("root", first.hashRoot())
                    .execute();
            return first;
        }
        if (present.hashRoot() == null) {
            requireFit(vault, present);
            present = new Sealed(present.check(), vault.seal(masterKey.hashRoot(), HASH_ROOT));
            update(transaction, present);
        }
        return present;
    }

    /** The sealed text that {@link #opens} tries a master key on; null in a database that has no key yet. */
    public static @Nullable String sealedCheck(Handle handle) {
        Sealed known = sealed(handle);
        return known == null ? null : known.check();
    }

    /** Whether the text was sealed under this key. */
    public static boolean opens(MasterKey masterKey, String sealedCheck) {
        try {
            vault(masterKey).open(sealedCheck, TEXT);
            return true;
        } catch (UnusableKeyException e) {
            return false;
        }
    }

    /**
     * Checks inside a transaction that the database is still sealed under this key: anything sealed under a key that
     * has been replaced would be lost.
     *
     * @throws UnusableKeyException when the master key was replaced
     */
    public static void requireStill(Transaction transaction, MasterKey masterKey) {
        Sealed known = sealed(transaction.handle());
        if (known != null) {
            requireFit(vault(masterKey), known);
        }
    }

    /**
     * Seals what is sealed here under another master key; the hash root stays the same.
     *
     * @param from the database's key, as {@link #require} returned it
     */
    public static void reseal(Transaction transaction, MasterKey from, MasterKey to) {
        requireStill(transaction, from);
        Vault vault = vault(to);
        update(transaction, new Sealed(vault.seal(TEXT, TEXT), vault.seal(from.hashRoot(), HASH_ROOT)));
    }

    private static Vault vault(MasterKey masterKey) {
        return new Vault(masterKey, "key check");
    }

    private static void requireFit(Vault vault, Sealed known) {
        vault.open(known.check(), TEXT);
    }

    private static void update(Transaction transaction, Sealed sealed) {
        transaction
                .update("update key_check set sealed = :check, sealed_hash_root = :root where singleton = 1")
                .bind("check", sealed.check())
                .bind("root", sealed.hashRoot())
                .execute();
    }

    private static @Nullable Sealed sealed(Handle handle) {
        return handle.createQuery("select sealed, sealed_hash_root from key_check where singleton = 1")
                .map((row, context) -> new Sealed(row.getString("sealed"), row.getString("sealed_hash_root")))
                .findOne()
                .orElse(null);
    }
}
