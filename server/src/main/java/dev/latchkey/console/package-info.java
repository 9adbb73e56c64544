/** The pages that people use: their wording, layout and flow. Every rule is behind them, in the features. */
@NullMarked
package dev.latchkey.console;

import org.jspecify.annotations.NullMarked;
