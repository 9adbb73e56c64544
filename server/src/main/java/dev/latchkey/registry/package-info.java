/** Roles and registered APIs: their rules, their rows, their REST face, and the policy that follows from them. */
@NullMarked
package dev.latchkey.registry;

import org.jspecify.annotations.NullMarked;
