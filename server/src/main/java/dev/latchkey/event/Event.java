package dev.latchkey.event;

import java.time.Instant;
import java.util.List;

/**
 * One entry of the append-only log.
 *
 * @param sequence 1, 2, 3, ... without gaps
 */
public record Event(long sequence, Instant at, Actor actor, EventType type, Target target, List<Change> changes) {}
