/**
 * Bounded sets of platform threads for work that may block or computes for long, so that slow work never holds up fast
 * work; and the timetable of what runs again and again. Knows nothing of what the work is.
 */
@NullMarked
package dev.latchkey.lane;

import org.jspecify.annotations.NullMarked;
