/** The REST face of the log: events, lost changes, changed histories. */
@NullMarked
package dev.latchkey.audit;

import org.jspecify.annotations.NullMarked;
