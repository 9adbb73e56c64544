/**
 * The log: who did what to what, in the same transaction as the change itself. Events are chained by a keyed hash, wake
 * the followers that keep derived memory fresh, and are what the audit log shows.
 */
@NullMarked
package dev.latchkey.event;

import org.jspecify.annotations.NullMarked;
