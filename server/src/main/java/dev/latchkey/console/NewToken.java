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
 * @param chosen the one that is chosen; null for none
 * @param nonce makes the form create a token once
 * @param longestDays how long a token of this account may live; null for as long as one likes
 */
public record NewToken(
        List<Role> assignable,
        @Nullable String chosen,
        String nonce,
        List<Api> apis,
        @Nullable Integer longestDays,
        LocalDate today) {
    private static final int USUAL_DAYS = 90;

    /** Beyond it nobody's choice of a day is meant. */
    private static final int MOST_DAYS = 3_652;

    /** The lives that are offered, in days. */
    public List<Integer> lives() {
        List<Integer> lives = new ArrayList<>(IntStream.of(30, USUAL_DAYS, 365)
                .filter(days -> longestDays == null || days < longestDays)
                .boxed()
                .toList());
        if (longestDays != null) {
            lives.add(longestDays);
        }
        return lives;
    }

    /** The choice that is made for those who make none. */
    public String usual() {
        return Integer.toString(longestDays == null || longestDays > USUAL_DAYS ? USUAL_DAYS : longestDays);
    }

    /** The last day through which a token may work. */
    public LocalDate lastDay() {
        return today.plusDays((longestDays == null ? MOST_DAYS : longestDays) - 1L);
    }

    /** Whether there is nothing but the roles that Latchkey brings along. */
    public boolean isFirst() {
        return assignable.stream().allMatch(Role::isPredefined);
    }
}
