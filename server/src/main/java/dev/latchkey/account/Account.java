package dev.latchkey.account;

import java.time.Instant;

/**
 * The tenant that owns everything else.
 *
 * @param key 6 characters of lower-case Crockford base32, the first part of every client id
 */
public record Account(String key, String name, Instant createdAt) {}
