/**
 * The composition root: settings, every handler with exactly what it needs, and the commands. Only this package reads the
 * environment and wires objects.
 */
@NullMarked
package dev.latchkey;

import org.jspecify.annotations.NullMarked;
