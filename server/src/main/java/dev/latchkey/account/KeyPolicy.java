package dev.latchkey.account;

import org.jspecify.annotations.Nullable;

/**
 * What every new API key of the account must have, because a key is the whole credential.
 *
 * @param longestDays the longest life of a key, 1 to 3653 days; null for that of any token
 * @param needsAddresses whether it must name the addresses that it is used from
 */
public record KeyPolicy(@Nullable Integer longestDays, boolean needsAddresses) {
    /** Of a new account. */
    static final KeyPolicy DEFAULT = new KeyPolicy(365, false);
}
