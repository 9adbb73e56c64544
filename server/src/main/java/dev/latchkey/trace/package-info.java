/** Which request a thread works for, so that log lines, events and traces can say so; and how traces are sent. */
@NullMarked
package dev.latchkey.trace;

import org.jspecify.annotations.NullMarked;
