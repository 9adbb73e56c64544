/**
 * How much may be called: limits of API tokens, roles, APIs and the account, counted in memory on the path of each call, and what
 * callers are told about them. Knows nothing about what is called.
 */
@NullMarked
package dev.latchkey.limit;

import org.jspecify.annotations.NullMarked;
