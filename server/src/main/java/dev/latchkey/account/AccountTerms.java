package dev.latchkey.account;

import dev.latchkey.limit.CallLimits;
import org.jspecify.annotations.Nullable;

/**
 * Everything about the account that people choose and can change.
 *
 * @param longestTokenDays the longest life of a new API token, 1 to 3653 days; null for no limit
 * @param keyPolicy what its API keys must have
 * @param limits how much may be called, with all its API tokens together
 */
public record AccountTerms(String name, @Nullable Integer longestTokenDays, KeyPolicy keyPolicy, CallLimits limits) {}
