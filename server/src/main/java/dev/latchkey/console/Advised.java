package dev.latchkey.console;

import dev.latchkey.advice.AdviceChanges;
import dev.latchkey.advice.NewTrials;
import dev.latchkey.advice.Trials;

/** What becomes of advice: it is applied, undone, or tried first. */
public record Advised(AdviceChanges changes, NewTrials newTrials, Trials trials) {}
