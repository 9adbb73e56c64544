package dev.latchkey.usage;

import java.util.Comparator;

/**
 * The calls of one API token from one address with one outcome, which are counted together.
 *
 * @param address as it is written: an IPv4 address, a network of IPv6, {@link #UNKNOWN} or {@link #OTHERS}; or as it was presented
 */
record CalledFrom(String clientId, String address, Outcome outcome) implements Comparable<CalledFrom> {
    /** The address of a program that only its API sees. */
    static final String UNKNOWN = "";

    /** The addresses that are not told apart. */
    static final String OTHERS = "others";

    private static final Comparator<CalledFrom> ORDER = Comparator.comparing(CalledFrom::clientId)
            .thenComparing(CalledFrom::address)
            .thenComparing(CalledFrom::outcome);

    CalledFrom at(String other) {
        return new CalledFrom(clientId, other, outcome);
    }

    @Override
    public int compareTo(CalledFrom other) {
        return ORDER.compare(this, other);
    }
}
