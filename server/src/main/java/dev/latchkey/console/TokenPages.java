package dev.latchkey.console;

import dev.latchkey.access.Caller;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.account.UserQuery;
import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.ApiTokenQuery;
import dev.latchkey.apitoken.ApiTokens;
import dev.latchkey.apitoken.ApiTokensApi;
import dev.latchkey.apitoken.Count;
import dev.latchkey.apitoken.Drafts;
import dev.latchkey.apitoken.Secrets;
import dev.latchkey.apitoken.Surroundings;
import dev.latchkey.apitoken.UpdateToken;
import dev.latchkey.event.Event;
import dev.latchkey.http.Paging;
import dev.latchkey.http.Parameters;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.problem.Page;
import dev.latchkey.problem.Problem;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The pane this product exists for: the table of API tokens, generating one, its own page, revoking it. */
final class TokenPages {
    private static final String SECTION = "tokens";

    /** In an address: every row of the page is ticked. */
    private static final String SELECT = "select";

    /** In a form: all tokens of the list are meant, and how many they are said to be. */
    private static final String ALL = "all";

    /** What is more than this is for the management API, which has pages. */
    private static final int MOST_IN_CSV = 10_000;

    private static final int CSV_STEP = 1_000;

    private final Pages pages;
    private final ApiTokens apiTokens;
    private final Secrets secrets;
    private final Surroundings around;
    private final EndpointCatalogue endpoints;
    private final String issuer;
    private final SingleUse singleUse = new SingleUse();
    private final GeneratePages generatePages;

    TokenPages(
            Pages pages,
            ApiTokens apiTokens,
            Drafts drafts,
            Secrets secrets,
            Surroundings around,
            EndpointCatalogue endpoints,
            String issuer) {
        this.pages = pages;
        this.apiTokens = apiTokens;
        this.secrets = secrets;
        this.around = around;
        this.endpoints = endpoints;
        this.issuer = issuer;
        generatePages = new GeneratePages(
                pages,
                (visit, status, dialog) -> listPage(visit, status, TokenFilter.ALL, dialog),
                apiTokens,
                drafts,
                around,
                endpoints,
                issuer);
    }

    void addTo(Routes.Builder routes) {
        generatePages.addTo(routes);
        routes.add("GET", "/tokens", pages.shown(this::listPage))
                .add("GET", "/tokens/csv", pages.shown(this::csv))
                .add("GET", "/tokens/revoke", pages.shown(this::revokeTogetherPage))
                .add("POST", "/tokens/revoke", pages.sent(this::revokeTogether, this::revokeTogetherPage))
                .add("GET", "/tokens/{clientId}", pages.shown(this::tokenPage))
                .add("GET", "/tokens/{clientId}/edit", pages.shown(this::editPage))
                .add("POST", "/tokens/{clientId}/edit", pages.sent(this::edit, this::editPage))
                .add("POST", "/tokens/{clientId}/secrets", pages.sent(this::addSecret))
                .add("GET", "/tokens/{clientId}/secrets/{number}/remove", pages.shown(this::removeSecretPage))
                .add("POST", "/tokens/{clientId}/secrets/{number}/remove", pages.sent(this::removeSecret))
                .add("GET", "/tokens/{clientId}/revoke", pages.shown(this::revokePage))
                .add("POST", "/tokens/{clientId}/revoke", pages.sent(this::revoke, this::revokePage));
    }

    private Response listPage(Visit visit) {
        Parameters query = visit.request().query();
        TokenFilter filter = TokenFilter.of(query);
        return query.has(TokenFilter.ASKED) && !query.has(SELECT)
                ? Response.seeOther(filter.link())
                : listPage(visit, 200, filter, Map.of());
    }

    private Response listPage(Visit visit, int status, TokenFilter filter, Map<String, Object> dialog) {
        Map<String, Object> parameters = new HashMap<>(dialog);
        TokenList list = list(visit, filter);
        parameters.put("list", list);
        int answer = list.problem() == null ? status : 422;
        return pages.page(visit, answer, "API auth tokens", SECTION, "tokens/list", parameters);
    }

    /** What is wrong with a filter is said beside it, and whatever was typed stays. */
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
                apiTokens.states(caller),
                found,
                problem,
                around.roles().visible(caller),
                around.policy().get(),
                endpoints,
                request.size(),
                visit.request().query().has(SELECT));
    }

    /** How many fit; that counting takes too long is no reason to show none. */
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

    /** The rows of the list, all pages of it, for a spreadsheet. */
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
        return Response.of(
                        200,
                        "text/csv; charset=utf-8; header=present",
                        TokenCsv.of(rows, around.clock().instant()).getBytes(StandardCharsets.UTF_8))
                .with("Content-Disposition", "attachment; filename=\"api-tokens.csv\"")
                .with("Cache-Control", "no-store");
    }

    /** What the fields of a token's limits need to know. */
    private void addLimits(Map<String, Object> parameters) {
        parameters.put("apis", List.copyOf(around.policy().get().apis()));
        Integer longestDays = around.accounts().get().longestTokenDays();
        if (longestDays != null) {
            parameters.put("longestDays", longestDays);
        }
    }

    /** Answers with the second secret, this once. */
    private Response addSecret(Visit visit) {
        String nonce = singleUse.unused(visit);
        ApiTokens.Created created = secrets.add(visit.caller(), visit.path("clientId"));
        singleUse.use(nonce);
        return tokenPage(
                visit,
                200,
                created.secret() == null
                        ? Map.of()
                        : Map.of("newSecret", created.secret().value()));
    }

    private Response removeSecretPage(Visit visit) {
        String clientId = visit.path("clientId");
        long number = ApiTokensApi.secretNumber(visit.request());
        List<TokenFacts.SecretRow> rows = TokenFacts.secrets(
                secrets.list(visit.caller(), clientId), around.clock().instant());
        TokenFacts.SecretRow secret = rows.stream()
                .filter(row -> row.use().number() == number)
                .findFirst()
                .orElseThrow(() -> Problem.notFound("The token has no secret " + number + "."));
        return tokenPage(visit, 200, Map.of("removing", secret));
    }

    private Response removeSecret(Visit visit) {
        String clientId = visit.path("clientId");
        secrets.remove(visit.caller(), clientId, ApiTokensApi.secretNumber(visit.request()));
        return Response.seeOther("/tokens/" + clientId + "?done=secret-removed");
    }

    private Response tokenPage(Visit visit) {
        return tokenPage(visit, 200, Map.of());
    }

    private Response tokenPage(Visit visit, int status, Map<String, Object> more) {
        String clientId = visit.path("clientId");
        ApiToken apiToken = apiTokens.find(visit.caller(), clientId);
        Page<Event> events = apiTokens.events(visit.caller(), clientId, Page.Request.FIRST);
        Map<String, Object> parameters = new HashMap<>(more);
        parameters.put("apiToken", apiToken);
        parameters.put("events", Related.Newest.of(events, "/audit?target=api_token:" + clientId));
        parameters.put("policy", around.policy().get());
        parameters.put("endpoints", endpoints);
        parameters.put("samples", Samples.of(issuer, clientId));
        parameters.put(
                "secrets",
                TokenFacts.secrets(
                        secrets.list(visit.caller(), clientId), around.clock().instant()));
        parameters.put("stillUsed", apiTokens.usesAfterRevocation(visit.caller(), clientId));
        parameters.put("nonce", singleUse.next());
        ApiToken.Owner owner = apiToken.owner();
        parameters.put(
                "departed",
                owner != null && apiTokens.departedOwners(List.of(apiToken)).contains(owner.id()));
        return pages.page(visit, status, apiToken.description(), SECTION, "tokens/token", parameters);
    }

    private Response editPage(Visit visit) {
        ApiToken apiToken = apiTokens.find(visit.caller(), visit.path("clientId"));
        return editPage(visit, 200, apiToken, TokenForm.of(apiToken));
    }

    private Response editPage(Visit visit, int status, Form form) {
        return editPage(visit, status, apiTokens.find(visit.caller(), visit.path("clientId")), form);
    }

    private Response editPage(Visit visit, int status, ApiToken apiToken, Form form) {
        Map<String, Object> parameters = new HashMap<>();
        parameters.put("apiToken", apiToken);
        parameters.put("form", form);
        parameters.put("owners", owners(visit, apiToken));
        addLimits(parameters);
        return pages.page(visit, status, "Edit", SECTION, "tokens/edit", parameters);
    }

    /** Whom the viewer may choose: the present owner, themselves, and the first people of the list if they may see it. */
    private Map<String, String> owners(Visit visit, ApiToken apiToken) {
        Map<String, String> owners = new LinkedHashMap<>();
        ApiToken.Owner present = apiToken.owner();
        if (present != null) {
            owners.put(present.id(), present.name());
        }
        owners.put(visit.user().id(), visit.user().email());
        if (visit.caller().has(ManagementApi.USERS_READ)) {
            around.users()
                    .list(visit.caller(), UserQuery.ALL, new Page.Request(Page.MAX_SIZE, null))
                    .items()
                    .forEach(user -> owners.putIfAbsent(user.id(), user.email()));
        }
        return owners;
    }

    private Response edit(Visit visit) {
        String clientId = visit.path("clientId");
        ApiToken now = apiTokens.find(visit.caller(), clientId);
        try {
            UpdateToken update = TokenForm.update(visit, now);
            Set<String> given = TokenForm.cleared(visit);
            apiTokens.edit(
                    visit.caller(), clientId, terms -> update.applied(terms, given, issuer), visit.version("token"));
        } catch (Problem problem) {
            return editPage(visit, RolePages.refusal(problem), now, Form.refused(visit.form(), problem));
        }
        return Response.seeOther("/tokens/" + clientId + "?done=edited");
    }

    private Response revokeTogetherPage(Visit visit) {
        return revokeTogetherPage(visit, 200, visit.request().query(), Form.EMPTY);
    }

    private Response revokeTogetherPage(Visit visit, int status, Form form) {
        return revokeTogetherPage(visit, status, form.values(), form);
    }

    /** Asks about the tokens that are ticked, or about all that the list finds. */
    private Response revokeTogetherPage(Visit visit, int status, Parameters sent, Form form) {
        TokenFilter filter = TokenFilter.of(sent);
        if (sent.has(ALL)) {
            ApiTokenQuery query = ApiTokenQuery.from(filter.parameters());
            Count live = apiTokens.count(visit.caller(), query.notRevoked());
            return live.number() == 0
                    ? Response.seeOther(filter.link())
                    : listPage(visit, status, filter, Map.of("dialog", "revoke all", "live", live, "form", form));
        }
        List<ApiToken> active = sent.all("id").stream()
                .distinct()
                .limit(Page.MAX_SIZE)
                .map(clientId -> apiTokens.find(visit.caller(), clientId))
                .filter(apiToken -> apiToken.status() == ApiToken.Status.ACTIVE)
                .toList();
        return active.isEmpty()
                ? Response.seeOther(filter.here())
                : listPage(
                        visit,
                        status,
                        filter,
                        Map.of("dialog", "revoke together", "revokedTogether", active, "form", form));
    }

    private Response revokeTogether(Visit visit) {
        TokenFilter filter = TokenFilter.of(visit.form());
        try {
            if (visit.form().has(ALL)) {
                apiTokens.revokeListed(
                        visit.caller(),
                        ApiTokenQuery.from(filter.parameters()),
                        visit.wholeNumber(ALL),
                        visit.field("reason"));
            } else {
                apiTokens.revoke(visit.caller(), visit.form().all("id"), visit.field("reason"));
            }
        } catch (Problem problem) {
            return revokeTogetherPage(
                    visit, RolePages.refusal(problem), visit.form(), Form.refused(visit.form(), problem));
        }
        return Response.seeOther(filter.done("revoked-together"));
    }

    private Response revokePage(Visit visit) {
        return revokePage(visit, 200, TokenFilter.of(visit.request().query()), Form.EMPTY);
    }

    private Response revokePage(Visit visit, int status, Form form) {
        return revokePage(visit, status, TokenFilter.of(form.values()), form);
    }

    private Response revokePage(Visit visit, int status, TokenFilter filter, Form form) {
        ApiToken apiToken = apiTokens.find(visit.caller(), visit.path("clientId"));
        if (apiToken.status() == ApiToken.Status.REVOKED) {
            return Response.seeOther("/tokens/" + apiToken.clientId());
        }
        return listPage(visit, status, filter, Map.of("dialog", "revoke", "revoked", apiToken, "form", form));
    }

    private Response revoke(Visit visit) {
        TokenFilter filter = TokenFilter.of(visit.form());
        try {
            apiTokens.revoke(visit.caller(), visit.path("clientId"), visit.field("reason"));
        } catch (Problem problem) {
            if (problem.status() != 422) {
                throw problem;
            }
            return revokePage(visit, 422, filter, Form.refused(visit.form(), problem));
        }
        return Response.seeOther(filter.done("revoked"));
    }
}
