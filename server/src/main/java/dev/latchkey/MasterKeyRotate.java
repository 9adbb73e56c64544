package dev.latchkey;

import dev.latchkey.apitoken.HashRecipes;
import dev.latchkey.crypto.KeyCheck;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.crypto.UnusableKeyException;
import dev.latchkey.database.Database;
import dev.latchkey.event.Actor;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventType;
import dev.latchkey.event.Target;
import dev.latchkey.event.TargetKind;
import dev.latchkey.signing.SigningKeys;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code latchkey master-key rotate}: seals everything again, under another master key.
 *
 * <p>The new key is on disk before the one transaction that seals, and the old one stays after it. So whenever this is
 * interrupted, one of the two files opens the database, and running it again completes the rotation.
 */
final class MasterKeyRotate {
    private static final DateTimeFormatter SECOND = DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'");

    private final Settings settings;
    private final Storage storage;
    private final @Nullable Path newKeyFile;
    private final PrintStream out;
    private final Clock clock = SystemClock.UTC;

    /** @param newKeyFile null to create a key that takes the place of the old one */
    MasterKeyRotate(Settings settings, @Nullable Path newKeyFile, PrintStream out) {
        this.settings = settings;
        this.storage = new Storage(settings);
        this.newKeyFile = newKeyFile;
        this.out = out;
    }

    int run() {
        if (newKeyFile == null && settings.get(Setting.MASTER_KEY).isPresent()) {
            throw new UnusableSettingsException(List.of("The master key comes from "
                    + Setting.MASTER_KEY.environmentVariable()
                    + ", which Latchkey cannot change. Name a file for the new key"
                    + " with --new-key-file, and set the variable to its content afterwards."));
        }
        storage.existing();
        try (OpenParts open = new OpenParts()) {
            return run(open);
        }
    }

    private int run(OpenParts open) {
        Path target = newKeyFile == null ? MasterKey.next(settings.masterKeyFile()) : newKeyFile;
        // The lock of the data folder ensures that no service is using it.
        rotate(storage.open(open), target);
        if (newKeyFile == null) {
            Path file = settings.masterKeyFile();
            Path kept = MasterKey.replace(
                    file,
                    file.resolveSibling(file.getFileName() + ".until-"
                            + SECOND.format(clock.instant().atOffset(ZoneOffset.UTC))));
            out.println("The new master key is in " + file + ". The old one is in " + kept
                    + ". Only earlier backups need it.");
        } else {
            out.println("The database now opens with the master key in " + target + ". Start Latchkey with it from"
                    + " now on. Only earlier backups need the old one.");
        }
        return 0;
    }

    private void rotate(Database database, Path target) {
        MasterKey old;
        try {
            old = storage.masterKey(database);
        } catch (UnusableKeyException e) {
            if (Files.exists(target) && opens(database, target)) {
                // An earlier attempt got as far as the database.
                return;
            }
            throw e;
        }
        MasterKey fresh = MasterKey.loadOrCreate(target);
        if (fresh.isSame(old)) {
            throw new UnusableKeyException(
                    "The key in " + target + " is already the master key. Name a file with another key.", null);
        }
        reseal(database, old, fresh);
    }

    private static boolean opens(Database database, Path file) {
        try {
            KeyCheck.require(database, MasterKey.load(file));
            return true;
        } catch (UnusableKeyException e) {
            return false;
        }
    }

    /** Seals everything again, in one transaction. */
    private void reseal(Database database, MasterKey old, MasterKey fresh) {
        try (EventLog log = new EventLog(database, old, clock)) {
            database.change(transaction -> {
                KeyCheck.reseal(transaction, old, fresh);
                SigningKeys.reseal(transaction, old, fresh);
                HashRecipes.reseal(transaction, old, fresh);
                log.append(
                        transaction,
                        new Actor.System("master-key rotate", null),
                        EventType.MASTER_KEY_ROTATE,
                        new Target(TargetKind.MASTER_KEY, "master_key", "master key"),
                        List.of());
            });
        }
    }
}
