package dev.latchkey.health;

import dev.latchkey.backup.BackupMark;
import dev.latchkey.backup.Backups;
import dev.latchkey.database.DatabaseFacts;
import dev.latchkey.management.Doc;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** What is in a database, in numbers. It needs no key, and no running node. */
public record Inventory(
        @Doc("SQLite or PostgreSQL") String engine,
        String version,

        @Doc("Its newest migration") String schema,

        @Doc("How many rows there are of each kind") Map<String, Long> counts,

        @Doc("The versions of the nodes that gave a sign of life in the last day")
        List<String> nodeVersions,

        @Doc("When the last backup was made with latchkey backup; absent when none is known") @Nullable Instant lastBackupAt) {

    /** Reads it; the schema must be the one that this version knows. */
    public static Inventory of(Handle handle) {
        DatabaseFacts facts = DatabaseFacts.of(handle);
        return new Inventory(
                facts.engine(),
                facts.version(),
                facts.schema(),
                InventoryStore.counts(handle),
                NodeStore.all(handle).stream().map(Node::version).toList(),
                Backups.last(handle).map(BackupMark::madeAt).orElse(null));
    }
}
