package dev.latchkey.event;

import java.time.Instant;
import java.util.List;

/**
 * One entry of the append-only log.
 *
 * @param sequence 1, 2, 3, ... without gaps
 * @param operation {@code <target>.<verb>}, such as {@code api_token.revoke}
 */
public record Event(long sequence, Instant at, Actor actor, String operation, Target target, List<Change> changes) {}
