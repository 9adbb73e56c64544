package dev.latchkey.console;

import dev.latchkey.access.Caller;
import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.ApiTokenQuery;
import dev.latchkey.apitoken.ApiTokens;
import dev.latchkey.apitoken.Count;
import dev.latchkey.apitoken.Surroundings;
import dev.latchkey.http.Paging;
import dev.latchkey.http.Parameters;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.problem.Page;
import dev.latchkey.problem.Problem;
import dev.latchkey.usage.UsageReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The pane that this product exists for: the table of API tokens, alone or with a dialog over it, and as CSV. */
final class TokenListPages {
    /** A parameter of the address: every row of the page is ticked. */
    private static final String SELECT = "select";

    /** Longer lists are for the management API, which has pages. */
    private static final int MOST_IN_CSV = 10_000;

    private static final int CSV_STEP = 1_000;

    private final Pages pages;
    private final ApiTokens apiTokens;
    private final Surroundings around;
    private final EndpointCatalogue endpoints;
    private final UsageReader usage;

    TokenListPages(
            Pages pages, ApiTokens apiTokens, Surroundings around, EndpointCatalogue endpoints, UsageReader usage) {
        this.pages = pages;
        this.apiTokens = apiTokens;
        this.around = around;
        this.endpoints = endpoints;
        this.usage = usage;
    }

    void addTo(Routes.Builder routes) {
        routes.add("GET", Links.TOKENS, pages.shown(this::page)).add("GET", "/tokens/csv", pages.shown(this::csv));
    }

    private Response page(Visit visit) {
        Parameters query = visit.request().query();
        TokenFilter filter = TokenFilter.of(query);
        return query.has(TokenFilter.ASKED) && !query.has(SELECT)
                ? Response.seeOther(filter.link())
                : page(visit, 200, filter, Map.of());
    }

    /** @param dialog the parameters of the dialog over the list; none for the list alone */
    Response page(Visit visit, int status, TokenFilter filter, Map<String, Object> dialog) {
        Map<String, Object> parameters = new HashMap<>(dialog);
        TokenList list = list(visit, filter);
        parameters.put("list", list);
        int answer = list.problem() == null ? status : 422;
        return pages.page(visit, answer, "API auth tokens", "tokens", "tokens/list", parameters);
    }

    /** A wrong filter gets an error next to it and keeps what was typed. */
    private TokenList list(Visit visit, TokenFilter filter) {
        Caller caller = visit.caller();
        Page<ApiToken> page = new Page<>(List.of(), null, null);
        Page.Request request = Page.Request.FIRST;
        Count found = Count.NONE;
        String problem = null;
        try {
            request = Paging.bothWays(filter.parameters(), 2);
            ApiTokenQuery query = ApiTokenQuery.from(filter.parameters());
            page = apiTokens.list(caller, query, request);
            boolean whole = page.nextPageToken() == null && page.previousPageToken() == null;
            found = whole
                    ? Count.of(page.items().size())
                    : found(caller, query, page.items().size());
        } catch (Problem wrong) {
            if (wrong.status() != 422) {
                throw wrong;
            }
            problem = wrong.errors().isEmpty()
                    ? wrong.detail()
                    : wrong.errors().getFirst().message();
        }
        return new TokenList(
                page,
                filter,
                apiTokens.departedOwners(page.items()),
                weeks(caller, page.items()),
                apiTokens.states(caller),
                found,
                problem,
                around.roles().visible(caller),
                around.policy().get(),
                endpoints,
                request.size(),
                apiTokens.idleDays(),
                visit.request().query().has(SELECT));
    }

    private Map<String, Week> weeks(Caller caller, List<ApiToken> apiTokens) {
        if (apiTokens.isEmpty()) {
            return Map.of();
        }
        List<String> clientIds = apiTokens.stream().map(ApiToken::clientId).toList();
        return usage.lastDays(caller, clientIds, Week.DAYS).entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, entry -> new Week(entry.getValue())));
    }

    /** How many tokens match. When counting takes too long, the list is shown all the same. */
    private Count found(Caller caller, ApiTokenQuery query, int seen) {
        try {
            return apiTokens.count(caller, query);
        } catch (Problem problem) {
            if (problem.status() != 422) {
                throw problem;
            }
            return Count.over(seen);
        }
    }

    /** The rows of all pages of the list, for a spreadsheet. */
    private Response csv(Visit visit) {
        TokenFilter filter = TokenFilter.of(visit.request().query());
        ApiTokenQuery query = ApiTokenQuery.from(filter.parameters());
        List<ApiToken> rows = new ArrayList<>();
        Page.Request next = new Page.Request(CSV_STEP, null);
        while (next != null && rows.size() < MOST_IN_CSV) {
            Page<ApiToken> page = apiTokens.list(visit.caller(), query, next);
            rows.addAll(page.items());
            next = page.nextPageToken() == null ? null : next.behind(page, 2);
        }
        return Response.csv("api-tokens", TokenCsv.of(rows, around.clock().instant()));
    }
}
