/** The verifier in front of a servlet application. */
@NullMarked
package dev.latchkey.verifier.servlet;

import org.jspecify.annotations.NullMarked;
