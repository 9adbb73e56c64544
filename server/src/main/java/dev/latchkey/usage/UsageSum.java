package dev.latchkey.usage;

import dev.latchkey.access.ManagementApi;
import java.util.Comparator;

/**
 * What is summed over all tokens, so that the sums of an hour are few rows however many tokens there are.
 *
 * @param isOwnApi whether the calls were to Latchkey itself
 */
record UsageSum(boolean isOwnApi, Outcome outcome) implements Comparable<UsageSum> {
    private static final Comparator<UsageSum> ORDER =
            Comparator.comparing(UsageSum::isOwnApi).thenComparing(UsageSum::outcome);

    static UsageSum of(Counted counted) {
        return new UsageSum(counted.called().api().equals(ManagementApi.NAME), counted.outcome());
    }

    @Override
    public int compareTo(UsageSum other) {
        return ORDER.compare(this, other);
    }
}
