package dev.latchkey.console;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Role;
import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.ApiToken.State;
import dev.latchkey.apitoken.ApiTokenQuery;
import dev.latchkey.apitoken.ApiTokenQuery.Trait;
import dev.latchkey.apitoken.Count;
import dev.latchkey.problem.Page;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The table of API tokens.
 *
 * @param departed the ids of owners who were disabled or removed
 * @param weeks the last days of the page's tokens, by client id; absent for a token without calls
 * @param states how many tokens are in each state; those that expire soon are among the active ones
 * @param found how many match the filter; meaningless when the filter is wrong
 * @param problem what is wrong with the filter; null for nothing
 * @param idleDays after how many days without use a token is idle
 * @param chosen whether all rows are ticked to begin with
 */
public record TokenList(
        Page<ApiToken> page,
        TokenFilter filter,
        Set<String> departed,
        Map<String, Week> weeks,
        Map<State, Count> states,
        Count found,
        @Nullable String problem,
        List<Role> roles,
        AccessPolicy policy,
        EndpointCatalogue endpoints,
        int size,
        int idleDays,
        boolean chosen) {

    /** The columns that begin with the newest or the most. */
    private static final Set<String> GREATEST_FIRST = Set.of("created", "lastAccess", "lastWeek");

    /** A button above the list that narrows it to a state. */
    public record Tab(String value, String label, Count count, boolean current) {}

    /** A button above the list that narrows it further; several can be pressed. */
    public record Chip(String value, String label, boolean on) {}

    public boolean isEmptyAccount() {
        return problem == null && all().number() == 0;
    }

    public Count all() {
        long all = 0;
        for (State state : List.of(State.ACTIVE, State.EXPIRED, State.NOT_YET_VALID, State.REVOKED)) {
            all += count(state).number();
        }
        return Count.of(all);
    }

    private Count count(State state) {
        return states.getOrDefault(state, Count.NONE);
    }

    /** All tokens, and each state that a token is in; the states add up to all. */
    public List<Tab> tabs() {
        List<Tab> tabs = new ArrayList<>();
        tabs.add(new Tab("", "All", all(), filter.value("state").isEmpty()));
        for (State state : List.of(State.ACTIVE, State.EXPIRED, State.NOT_YET_VALID, State.REVOKED)) {
            boolean always = state == State.ACTIVE || state == State.REVOKED;
            if (always || filter.isIn(state) || count(state).number() > 0) {
                tabs.add(new Tab(state.text(), label(state), count(state), filter.isIn(state)));
            }
        }
        return tabs;
    }

    public static String label(State state) {
        return switch (state) {
            case ACTIVE -> "Active";
            case EXPIRING -> "Expiring";
            case EXPIRED -> "Expired";
            case NOT_YET_VALID -> "Not yet valid";
            case REVOKED -> "Revoked";
        };
    }

    public List<Chip> chips() {
        return Stream.of(
                        new String[] {State.EXPIRING.text(), label(State.EXPIRING)},
                        new String[] {Trait.NEVER_USED.text(), "Never used"},
                        new String[] {Trait.IDLE.text(), "Idle for " + Amounts.of(idleDays, "day")},
                        new String[] {Trait.POWERFUL.text(), "Powerful"},
                        new String[] {Trait.POWERFUL_LITTLE_USED.text(), "Powerful and little used"},
                        new String[] {Trait.REFUSED_OFTEN.text(), "Refused often"},
                        new String[] {Trait.LIMITED.text(), "Limited"},
                        new String[] {ApiTokenQuery.DEPARTED, "Owner has left"},
                        new String[] {Trait.STILL_USED.text(), "Still used"})
                // Few have such tokens; the overview leads to them.
                .filter(chip -> !chip[0].equals(Trait.STILL_USED.text()) || filter.isOn(chip[0]))
                .map(chip -> new Chip(chip[0], chip[1], filter.isOn(chip[0])))
                .toList();
    }

    /** Whether the rows lead to what their tokens do not use. */
    public boolean advises() {
        return filter.isOn(Trait.POWERFUL_LITTLE_USED.text());
    }

    public Week week(ApiToken apiToken) {
        return weeks.getOrDefault(apiToken.clientId(), Week.QUIET);
    }

    /** Whether the owner of the token has left. */
    public boolean hasDeparted(ApiToken apiToken) {
        return apiToken.owner() != null && departed.contains(apiToken.owner().id());
    }

    /** A label for the filter by owner; empty when there is none. */
    public String ownerFilter() {
        return switch (filter.value("owner")) {
            case "", ApiTokenQuery.DEPARTED -> "";
            case ApiTokenQuery.NONE -> "No owner";
            default ->
                page.items().stream()
                        .map(ApiToken::owner)
                        .flatMap(Stream::ofNullable)
                        .map(owner -> "Owner: " + owner.name())
                        .findFirst()
                        .orElse("One owner");
        };
    }

    /** The order that a click on a column's heading asks for: that of the column, or its reverse. */
    public String sortOf(String column) {
        boolean greatestFirst = GREATEST_FIRST.contains(column);
        String first = greatestFirst ? "-" + column : column;
        String second = greatestFirst ? column : "-" + column;
        return filter.sort().equals(first) ? second : first;
    }

    /** The value of {@code aria-sort} for a column. */
    public String direction(String column) {
        return filter.sort().equals(column) ? "ascending" : filter.sort().equals("-" + column) ? "descending" : "none";
    }

    public String next() {
        return page.nextPageToken() == null ? "" : filter.page(page.nextPageToken());
    }

    public String previous() {
        return page.previousPageToken() == null ? "" : filter.page(page.previousPageToken());
    }

    /** "312 found". */
    public String total() {
        return found.words() + (filter.isNarrowed() ? " found" : found.number() == 1 ? " token" : " tokens");
    }

    /** Whether there are other pages. */
    public boolean hasMore() {
        return page.nextPageToken() != null || page.previousPageToken() != null;
    }

    /** Whether a token on this page can be revoked. */
    public boolean hasLive() {
        return page.items().stream().anyMatch(apiToken -> apiToken.status() == ApiToken.Status.ACTIVE);
    }
}
