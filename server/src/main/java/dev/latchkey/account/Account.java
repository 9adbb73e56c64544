package dev.latchkey.account;

import dev.latchkey.limit.CallLimits;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The tenant that owns everything else.
 *
 * @param key 6 characters of lower-case Crockford base32, the first part of every client id
 * @param longestTokenDays the longest life of a new API token, in days; null for no limit
 * @param keyPolicy what its API keys must have
 * @param limits how much may be called, with all its API tokens together
 * @param version counts the changes, from 1
 */
public record Account(
        String key,
        String name,
        Instant createdAt,
        @Nullable Integer longestTokenDays,
        KeyPolicy keyPolicy,
        CallLimits limits,
        long version) {
    public static final int KEY_LENGTH = 6;

    public AccountTerms terms() {
        return new AccountTerms(name, longestTokenDays, keyPolicy, limits);
    }
}
