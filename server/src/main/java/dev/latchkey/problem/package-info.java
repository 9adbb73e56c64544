/** What every rule needs and is not HTTP: problems and their field errors, pages of lists, text, JSON, times. */
@NullMarked
package dev.latchkey.problem;

import org.jspecify.annotations.NullMarked;
