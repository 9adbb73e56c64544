package dev.latchkey.event;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The end of a history.
 *
 * @param at when its last event was written; null before the first event
 */
public record HistoryEnd(Position position, @Nullable Instant at) {}
