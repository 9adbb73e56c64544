/** What the service measures about itself, and how monitoring reads it. */
@NullMarked
package dev.latchkey.observe;

import org.jspecify.annotations.NullMarked;
