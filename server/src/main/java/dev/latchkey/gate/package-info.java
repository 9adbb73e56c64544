/** Turns a request into a caller and a decision: joins the caller's identity with what their role allows. */
@NullMarked
package dev.latchkey.gate;

import org.jspecify.annotations.NullMarked;
