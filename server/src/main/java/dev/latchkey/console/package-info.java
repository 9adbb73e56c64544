/** The pages that people use: their wording, layout and flow. The rules are in the packages of the features. */
@NullMarked
package dev.latchkey.console;

import org.jspecify.annotations.NullMarked;
