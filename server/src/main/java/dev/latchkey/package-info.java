/**
 * The composition root: configuration, the visible list of every handler with exactly what it needs, and the commands.
 * The only place that reads the environment and joins objects.
 */
@NullMarked
package dev.latchkey;

import org.jspecify.annotations.NullMarked;
