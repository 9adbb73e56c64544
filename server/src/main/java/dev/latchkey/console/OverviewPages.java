package dev.latchkey.console;

import dev.latchkey.access.Caller;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.apitoken.ApiToken.State;
import dev.latchkey.apitoken.ApiTokens;
import dev.latchkey.apitoken.Count;
import dev.latchkey.console.Overview.Tile;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.usage.UsageReader;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The first page: what tokens do, what needs a look, and what happened last. */
final class OverviewPages {
    private final Pages pages;
    private final ApiTokens apiTokens;
    private final UsageReader usage;
    private final Related related;
    private final NeedsLook needsLook;
    private final FirstSteps firstSteps;

    OverviewPages(
            Pages pages,
            ApiTokens apiTokens,
            UsageReader usage,
            Related related,
            NeedsLook needsLook,
            FirstSteps firstSteps) {
        this.pages = pages;
        this.apiTokens = apiTokens;
        this.usage = usage;
        this.related = related;
        this.needsLook = needsLook;
        this.firstSteps = firstSteps;
    }

    void addTo(Routes.Builder routes) {
        routes.add("GET", Links.OVERVIEW, pages.shown(this::page));
    }

    private Response page(Visit visit) {
        Caller caller = visit.caller();
        boolean readsTokens = caller.has(ManagementApi.TOKENS_READ);
        UsageRange day = UsageRange.DAY;
        Overview overview = new Overview(
                firstSteps.of(caller),
                readsTokens ? new UsageSeries(day, usage.ofAll(caller, day.periods())) : null,
                readsTokens ? tiles(apiTokens.states(caller)) : List.of(),
                needsLook.of(caller),
                related.events(visit));
        return pages.page(visit, 200, "Overview", "overview", "overview", Map.of("overview", overview));
    }

    private static List<Tile> tiles(Map<State, Count> states) {
        return Stream.of(State.ACTIVE, State.NOT_YET_VALID, State.EXPIRED, State.REVOKED)
                .map(state -> new Tile(
                        TokenList.label(state),
                        states.getOrDefault(state, Count.NONE),
                        new TokenFilter(Map.of("state", List.of(state.text()))).link()))
                .toList();
    }
}
