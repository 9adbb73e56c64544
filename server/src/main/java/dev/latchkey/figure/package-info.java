/** Plain numbers that parts tell about themselves; {@code observe} turns them into metrics. */
@NullMarked
package dev.latchkey.figure;

import org.jspecify.annotations.NullMarked;
