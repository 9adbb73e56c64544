package dev.latchkey.advice;

import java.time.Instant;

/**
 * The recorded calls, decided again with the proposed role.
 *
 * @param calls how many calls were decided
 * @param refused how many of them the proposed role would have refused and the current one allows
 * @param tokens how many tokens made them
 * @param since since when all calls are counted
 */
public record Evidence(long calls, long refused, int tokens, Instant since) {}
