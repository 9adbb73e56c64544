package dev.latchkey.console;

import dev.latchkey.access.Api;
import dev.latchkey.access.Role;
import dev.latchkey.account.KeyPolicy;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the dialog for a new token offers.
 *
 * @param assignable the roles to choose from
 * @param chosen the chosen role; null for none
 * @param nonce makes sure that the form creates only one token
 * @param longestDays the longest lifetime of a token of this account; null for no limit
 * @param keyPolicy what the account asks of an API key
 */
public record NewToken(
        List<Role> assignable,
        @Nullable String chosen,
        String nonce,
        List<Api> apis,
        @Nullable Integer longestDays,
        KeyPolicy keyPolicy,
        LocalDate today) {
    private static final int USUAL_DAYS = 90;

    /** The furthest day to choose without a limit: ten years. */
    private static final int MOST_DAYS = 3_652;

    /** The lifetimes to choose from, in days; one of them fits an API key. */
    public List<Integer> lifetimes() {
        TreeSet<Integer> lifetimes = new TreeSet<>(List.of(30, USUAL_DAYS, 365));
        Integer longestOfKeys = keyPolicy.longestDays();
        if (longestOfKeys != null) {
            lifetimes.add(longestOfKeys);
        }
        if (longestDays != null) {
            int most = longestDays;
            lifetimes.removeIf(days -> days > most);
            lifetimes.add(most);
        }
        return List.copyOf(lifetimes);
    }

    /** Whether an API key may live for so many days. */
    public boolean fitsKeys(int days) {
        Integer longest = keyPolicy.longestDays();
        return longest == null || days <= longest;
    }

    /** Whether an API key may live for ever. */
    public boolean fitsEndlessKeys() {
        return keyPolicy.longestDays() == null;
    }

    /** What the account asks of an API key; empty for nothing. */
    public String keyRules() {
        List<String> rules = new ArrayList<>();
        if (keyPolicy.longestDays() != null) {
            rules.add("expire within " + keyPolicy.longestDays() + " days");
        }
        if (keyPolicy.needsAddresses()) {
            rules.add("name the addresses that it is used from");
        }
        return rules.isEmpty() ? "" : "An API key must " + String.join(" and ", rules) + ".";
    }

    /**
     * The lifetime that is chosen to begin with.
     *
     * @param forKey whether an API key is chosen
     */
    public String usual(boolean forKey) {
        int most = longestDays == null ? USUAL_DAYS : Math.min(USUAL_DAYS, longestDays);
        Integer longestOfKeys = keyPolicy.longestDays();
        return Integer.toString(forKey && longestOfKeys != null ? Math.min(most, longestOfKeys) : most);
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
