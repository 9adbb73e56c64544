/**
 * Breaks things under running servers on purpose, records their responses, and checks that record against the promises.
 * The schedule is derived from a seed; {@link dev.latchkey.bench.chaos.Checker} is a pure function of the record.
 */
@NullMarked
package dev.latchkey.bench.chaos;

import org.jspecify.annotations.NullMarked;
