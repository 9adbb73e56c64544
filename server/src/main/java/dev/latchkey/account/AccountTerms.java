package dev.latchkey.account;

import org.jspecify.annotations.Nullable;

/**
 * What people choose for the account and can change.
 *
 * @param longestTokenDays how long a new API token may live at most, 1 to 3653; null for as long as its creator likes
 */
public record AccountTerms(String name, @Nullable Integer longestTokenDays) {}
