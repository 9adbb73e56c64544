package dev.latchkey.usage;

import java.time.Instant;

/**
 * The calls of a token to one endpoint with one outcome in a day.
 *
 * @param day when it began
 */
public record DayOfUse(String clientId, Instant day, Called called, Outcome outcome, long calls, Instant lastAt) {}
