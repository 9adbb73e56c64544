package dev.latchkey;

import dev.latchkey.crypto.KeyCheck;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.database.DataFolder;
import dev.latchkey.database.Database;
import dev.latchkey.database.DatabaseAddress;
import dev.latchkey.database.DatabaseFile;
import dev.latchkey.health.Nodes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The places that the settings name: the data folder, the database, the master key and the witness. */
record Storage(Settings settings) {
    /** The name of the folder, in the data folder, for this node's own copy of the newest events. */
    static final String WITNESS = "witness";

    private static final String SQLITE_FILE = "latchkey.db";

    Path folder() {
        return settings.get(Setting.DATA);
    }

    Path witness() {
        return folder().resolve(WITNESS);
    }

    /** Opens the data folder and the database for the one process that works with them. */
    Database open(OpenParts open) {
        DataFolder folder = open.add(DataFolder.open(folder()));
        DatabaseAddress address = settings.database() == null
                ? open.add(DatabaseFile.claim(folder, SQLITE_FILE, settings.masterKeyFile()))
                        .address()
                : address();
        return open.add(Database.open(address));
    }

    /** Where the database is or will be. */
    DatabaseAddress address() {
        Settings.DatabaseServer server = settings.database();
        return server == null
                ? new DatabaseAddress.SqliteFile(folder().resolve(SQLITE_FILE))
                : DatabaseAddress.PostgresqlUrl.parse(server.url(), server.user(), server.password());
    }

    /**
     * The database for a command that does not create one; it may be open elsewhere.
     *
     * @throws UnusableSettingsException when there is none
     */
    DatabaseAddress existing() {
        DatabaseAddress address = address();
        if (address instanceof DatabaseAddress.SqliteFile(var file) && !Files.exists(file)) {
            throw new UnusableSettingsException(
                    List.of("There is no Latchkey database in " + folder() + ". Name its folder with --data."));
        }
        return address;
    }

    /**
     * The database for a command that only reads. The file of a stopped service is checked first: opening it merges the log
     * next to it, which may not belong to it.
     */
    DatabaseAddress readable() {
        DatabaseAddress address = existing();
        if (settings.database() == null) {
            DataFolder.tryOpen(folder()).ifPresent(folder -> {
                try (folder) {
                    DatabaseFile.claim(folder, SQLITE_FILE, settings.masterKeyFile())
                            .close();
                }
            });
        }
        return address;
    }

    /** What this node is, to the other nodes. */
    Nodes.Self self() {
        String host = HostName.current();
        return new Nodes.Self(host, host + ":" + folder().toAbsolutePath().normalize(), Version.current());
    }

    /** The master key, which is created at the first start. */
    MasterKey masterKey(Database database) {
        Optional<String> given = settings.get(Setting.MASTER_KEY);
        return given.isPresent()
                ? KeyCheck.require(database, given.get(), Setting.MASTER_KEY.environmentVariable())
                : KeyCheck.loadOrCreate(database, settings.masterKeyFile());
    }
}
