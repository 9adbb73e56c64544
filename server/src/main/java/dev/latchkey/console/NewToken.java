package dev.latchkey.console;

import dev.latchkey.access.Api;
import dev.latchkey.access.Role;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What the dialog for a new token offers.
 *
 * @param assignable the roles to choose from
 * @param chosen the chosen role; null for none
 * @param nonce makes sure that the form creates only one token
 * @param longestDays the longest lifetime of a token of this account; null for no limit
 */
public record NewToken(
        List<Role> assignable,
        @Nullable String chosen,
        String nonce,
        List<Api> apis,
        @Nullable Integer longestDays,
        LocalDate today) {
    private static final int USUAL_DAYS = 90;

    /** The furthest day to choose without a limit: ten years. */
    private static final int MOST_DAYS = 3_652;

    /** The lifetimes to choose from, in days. */
    public List<Integer> lifetimes() {
        List<Integer> lifetimes = new ArrayList<>(IntStream.of(30, USUAL_DAYS, 365)
                .filter(days -> longestDays == null || days < longestDays)
                .boxed()
                .toList());
        if (longestDays != null) {
            lifetimes.add(longestDays);
        }
        return lifetimes;
    }

    /** The lifetime that is chosen to begin with. */
    public String usual() {
        return Integer.toString(longestDays == null || longestDays > USUAL_DAYS ? USUAL_DAYS : longestDays);
    }

    /** The last day on which a token may work. */
    public LocalDate lastDay() {
        return today.plusDays((longestDays == null ? MOST_DAYS : longestDays) - 1L);
    }

    /** Whether there are only the predefined roles. */
    public boolean isFirst() {
        return assignable.stream().allMatch(Role::isPredefined);
    }
}
