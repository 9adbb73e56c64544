package dev.latchkey.usage;

import java.util.Comparator;

/**
 * What is summed over all tokens for each API, so that the sums of a day are few rows.
 *
 * @param api its name, which is known
 */
record ApiSum(String api, Outcome outcome) implements Comparable<ApiSum> {
    private static final Comparator<ApiSum> ORDER =
            Comparator.comparing(ApiSum::api).thenComparing(ApiSum::outcome);

    static ApiSum of(Counted counted) {
        return new ApiSum(counted.called().api(), counted.outcome());
    }

    @Override
    public int compareTo(ApiSum other) {
        return ORDER.compare(this, other);
    }
}
