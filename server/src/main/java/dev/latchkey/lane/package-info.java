/**
 * Bounded sets of platform threads for work that may block or compute for long, so that slow work never holds up fast
 * work; and the timetable of periodic tasks. Knows nothing about the work itself.
 */
@NullMarked
package dev.latchkey.lane;

import org.jspecify.annotations.NullMarked;
