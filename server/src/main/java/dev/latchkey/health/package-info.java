/** How this installation is: its nodes, what each part of it says about itself, and what a person should do about it. */
@NullMarked
package dev.latchkey.health;

import org.jspecify.annotations.NullMarked;
