package dev.latchkey.bench.chaos;

import java.util.List;

/** Everything that happened, as far as the bench could see it from outside. */
record Recorded(List<Use> uses, List<Change> changes, List<Break> breaks, List<Loss> losses) {
    Recorded {
        uses = List.copyOf(uses);
        changes = List.copyOf(changes);
        breaks = List.copyOf(breaks);
        losses = List.copyOf(losses);
    }
}
