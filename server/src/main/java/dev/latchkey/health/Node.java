package dev.latchkey.health;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One node, as it last described itself.
 *
 * @param id of this run of the node; its next start has another
 * @param place the machine and its data folder, which no two running nodes share
 * @param host the machine's name
 * @param schema the newest migration that it knows
 * @param seenAt its last sign of life, in the database's time
 * @param clockAhead how far its clock is ahead of the database's; null where the database has no clock of its own
 */
public record Node(
        String id,
        String place,
        String host,
        String version,
        String schema,
        Instant startedAt,
        Instant seenAt,
        @Nullable Duration clockAhead) {

    /** Three signs of life that did not come. */
    static final Duration SILENT_AFTER = Duration.ofSeconds(200);

    /** The same on a machine with another name. */
    Node with(String otherHost) {
        return new Node(id, place, otherHost, version, schema, startedAt, seenAt, clockAhead);
    }

    /** Whether it gives no signs of life any more. */
    public boolean isSilent(Instant databaseNow) {
        return seenAt.isBefore(databaseNow.minus(SILENT_AFTER));
    }
}
