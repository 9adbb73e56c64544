package dev.latchkey.usage;

import java.util.Comparator;

/**
 * What is counted together: the calls of one API token to one endpoint with one outcome.
 *
 * @param clientId empty where there are too many tokens to tell them apart
 */
record Counted(String clientId, Called called, Outcome outcome) implements Comparable<Counted> {
    private static final Comparator<Counted> ORDER = Comparator.comparing(Counted::clientId)
            .thenComparing(counted -> counted.called().api())
            .thenComparing(counted -> counted.called().path())
            .thenComparing(counted -> counted.called().method())
            .thenComparing(Counted::outcome);

    Counted withoutEndpoint() {
        return new Counted(clientId, Called.UNKNOWN, outcome);
    }

    Counted withoutToken() {
        return new Counted("", Called.UNKNOWN, outcome);
    }

    @Override
    public int compareTo(Counted other) {
        return ORDER.compare(this, other);
    }
}
