package dev.latchkey.event;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An event as it is stored, in the database and by the {@link Witness}: the hash covers every column before it,
 * including the previous event's hash.
 */
record EventRow(
        long sequence,
        long at,
        String actorKind,
        String actorId,
        String actorName,
        @Nullable String actorRole,
        @Nullable String address,
        @Nullable String userAgent,
        String operation,
        String targetKind,
        String targetId,
        String targetName,
        String changes,
        String previousHash,
        String hash) {

    EventRow withHash(String hash) {
        return new EventRow(
                sequence,
                at,
                actorKind,
                actorId,
                actorName,
                actorRole,
                address,
                userAgent,
                operation,
                targetKind,
                targetId,
                targetName,
                changes,
                previousHash,
                hash);
    }

    /**
     * All columns that the hash covers, in order, each after its length, so that two different rows never share a text.
     * It must never change, or older events no longer verify.
     */
    String hashedText() {
        StringBuilder text = new StringBuilder(500);
        add(text, Long.toString(sequence));
        add(text, Long.toString(at));
        add(text, actorKind);
        add(text, actorId);
        add(text, actorName);
        add(text, actorRole);
        add(text, address);
        add(text, userAgent);
        add(text, operation);
        add(text, targetKind);
        add(text, targetId);
        add(text, targetName);
        add(text, changes);
        add(text, previousHash);
        return text.toString();
    }

    private static void add(StringBuilder text, @Nullable String column) {
        if (column == null) {
            text.append("-,");
        } else {
            text.append(column.length()).append(':').append(column).append(',');
        }
    }

    @JsonIgnore
    EventType type() {
        return EventType.of(operation);
    }

    @JsonIgnore
    Position position() {
        return new Position(sequence, hash);
    }

    Event event() {
        Origin origin = address == null ? null : new Origin(address, userAgent == null ? "" : userAgent);
        Actor actor = switch (actorKind) {
            case "person" -> new Actor.Person(actorId, actorName, actorRole, origin);
            case "program" -> new Actor.Program(actorId, actorName, actorRole, origin);
            case "system" -> new Actor.System(actorName, origin);
            // A newer node writes to the same log. Its actor is shown; the event must still be passed on.
            default -> new Actor.System(actorKind + " " + actorName, origin);
        };
        Told told = Told.read(changes);
        return new Event(
                sequence,
                Instant.ofEpochMilli(at),
                actor,
                EventType.of(operation),
                new Target(TargetKind.of(targetKind), targetId, targetName),
                told.changes(),
                told.requestId());
    }
}
