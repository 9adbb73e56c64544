/**
 * The log: who changed what, in the same transaction as the change itself. Events are chained by a keyed hash, wake the
 * followers that keep derived memory fresh, and make up the audit log.
 */
@NullMarked
package dev.latchkey.event;

import org.jspecify.annotations.NullMarked;
