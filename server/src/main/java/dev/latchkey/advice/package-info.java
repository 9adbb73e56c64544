/** What a role allows and no program used: what can be taken from it so that no program is refused what it did. */
@NullMarked
package dev.latchkey.advice;

import org.jspecify.annotations.NullMarked;
