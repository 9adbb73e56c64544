/** Set-up as code: reads a blueprint, compares it with a running Latchkey, shows the difference, and makes it so, over the management API. */
@NullMarked
package dev.latchkey.blueprint;

import org.jspecify.annotations.NullMarked;
