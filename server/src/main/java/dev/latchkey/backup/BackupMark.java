package dev.latchkey.backup;

import java.time.Instant;

/**
 * The last backup that a database knows of, because {@link Backups} left a mark in it. A backup itself has the mark of the one before.
 *
 * @param latchkey the version of Latchkey that made it
 * @param lastSequence the sequence of its last event
 */
public record BackupMark(Instant madeAt, String latchkey, long lastSequence) {}
