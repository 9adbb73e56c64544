package dev.latchkey.event;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which events to list; a part that is null matches everything.
 *
 * @param operation a whole operation ({@code role.create}) or a target kind ({@code role})
 * @param actor an actor's whole id or name
 * @param targetId what the events are about
 * @param from the earliest time, inclusive
 * @param until the latest time, exclusive
 */
public record EventFilter(
        @Nullable String operation,
        @Nullable String actor,
        @Nullable TargetKind targetKind,
        @Nullable String targetId,
        @Nullable Instant from,
        @Nullable Instant until) {
    public static final EventFilter ALL = new EventFilter(null, null, null, null, null, null);

    public static EventFilter about(TargetKind targetKind, String targetId) {
        return new EventFilter(null, null, targetKind, targetId, null, null);
    }
}
