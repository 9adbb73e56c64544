package dev.latchkey.advice;

import java.util.List;

/**
 * What became of the calls since a trial began, decided again with the tried role.
 *
 * @param calls how many calls were decided; those of the first day may include some that were made before the trial
 * @param tokens how many tokens made them
 * @param refused what the tried role would have refused and the current one allows
 * @param doubts why there may have been calls that were not seen
 */
public record TrialFindings(long calls, int tokens, List<RefusedCalls> refused, List<Doubt> doubts) {}
