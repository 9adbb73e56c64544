/** Calls the management API of a running Latchkey as any other program does: what the commands for a running server are made of. */
@NullMarked
package dev.latchkey.client;

import org.jspecify.annotations.NullMarked;
