package dev.latchkey.console;

import dev.latchkey.access.ManagementApi;
import dev.latchkey.account.UserQuery;
import dev.latchkey.advice.Advisor;
import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.ApiTokenJson.UpdateToken;
import dev.latchkey.apitoken.ApiTokenSecretsApi;
import dev.latchkey.apitoken.ApiTokens;
import dev.latchkey.apitoken.Secrets;
import dev.latchkey.apitoken.Surroundings;
import dev.latchkey.event.Event;
import dev.latchkey.event.TargetKind;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.problem.Page;
import dev.latchkey.problem.Problem;
import dev.latchkey.usage.LimitedUse;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The page of an API token, with its secrets, and the form to edit it. */
final class TokenPages {
    private static final String SECTION = "tokens";

    private final Pages pages;
    private final ApiTokens apiTokens;
    private final Secrets secrets;
    private final UsageCharts usage;
    private final Advisor advisor;
    private final LimitedUse limits;
    private final Surroundings around;
    private final EndpointCatalogue endpoints;
    private final String issuer;
    private final SingleUse singleUse = new SingleUse();

    TokenPages(
            Pages pages,
            ApiTokens apiTokens,
            Secrets secrets,
            UsageCharts usage,
            Advisor advisor,
            LimitedUse limits,
            Surroundings around,
            EndpointCatalogue endpoints,
            String issuer) {
        this.pages = pages;
        this.apiTokens = apiTokens;
        this.secrets = secrets;
        this.usage = usage;
        this.advisor = advisor;
        this.limits = limits;
        this.around = around;
        this.endpoints = endpoints;
        this.issuer = issuer;
    }

    void addTo(Routes.Builder routes) {
        routes.add("GET", "/tokens/{clientId}", pages.shown(this::tokenPage))
                .add("GET", "/tokens/{clientId}/edit", pages.shown(this::editPage))
                .add("POST", "/tokens/{clientId}/edit", pages.sent(this::edit, this::editPage))
                .add("POST", "/tokens/{clientId}/secrets", pages.sent(this::addSecret))
                .add("GET", "/tokens/{clientId}/secrets/{number}/remove", pages.shown(this::removeSecretPage))
                .add("POST", "/tokens/{clientId}/secrets/{number}/remove", pages.sent(this::removeSecret));
    }

    /** What the form for a token needs for the fields with its limits. */
    private void addLimits(Map<String, Object> parameters) {
        parameters.put("apis", List.copyOf(around.policy().get().apis()));
        Integer longestDays = around.accounts().get().longestTokenDays();
        if (longestDays != null) {
            parameters.put("longestDays", longestDays);
        }
    }

    /** Answers with the second secret; it is not shown again. */
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
        long number = ApiTokenSecretsApi.number(visit.request());
        ApiToken apiToken = apiTokens.find(visit.caller(), clientId);
        List<TokenFacts.SecretRow> rows = TokenFacts.secrets(
                TokenFacts.noun(apiToken),
                secrets.list(visit.caller(), clientId),
                around.clock().instant());
        TokenFacts.SecretRow secret = rows.stream()
                .filter(row -> row.use().number() == number)
                .findFirst()
                .orElseThrow(
                        () -> Problem.notFound("The token has no " + TokenFacts.noun(apiToken) + " " + number + "."));
        return tokenPage(visit, 200, Map.of("removing", secret));
    }

    private Response removeSecret(Visit visit) {
        String clientId = visit.path("clientId");
        boolean isKey = TokenFacts.isKey(apiTokens.find(visit.caller(), clientId));
        secrets.remove(visit.caller(), clientId, ApiTokenSecretsApi.number(visit.request()));
        return Response.seeOther((isKey ? Notice.KEY_REMOVED : Notice.SECRET_REMOVED).at(Links.token(clientId)));
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
        parameters.put("events", Related.Newest.of(events, Links.eventsAbout(TargetKind.API_TOKEN, clientId)));
        parameters.put("policy", around.policy().get());
        parameters.put("endpoints", endpoints);
        parameters.put("samples", Samples.of(issuer, apiToken));
        parameters.put(
                "secrets",
                TokenFacts.secrets(
                        TokenFacts.noun(apiToken),
                        secrets.list(visit.caller(), clientId),
                        around.clock().instant()));
        parameters.put("stillUsed", apiTokens.usesAfterRevocation(visit.caller(), clientId));
        parameters.put("usage", usage.ofToken(visit, clientId));
        parameters.put("addresses", usage.addressesOf(visit, clientId));
        TokenAdvicePart advice = TokenAdvicePart.of(visit, apiToken, advisor);
        if (advice != null) {
            parameters.put("advice", advice);
        }
        parameters.put("limits", limits.own(apiToken));
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
        Integer longestKeyDays = around.accounts().get().keyPolicy().longestDays();
        if (TokenFacts.isKey(apiToken) && longestKeyDays != null) {
            parameters.put("longestKeyDays", longestKeyDays);
        }
        return pages.page(visit, status, "Edit token", SECTION, "tokens/edit", parameters);
    }

    /** The owners to choose from: the current one, the viewer, and the first users of the list if the viewer may read it. */
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
        UpdateToken update = TokenForm.update(visit, now);
        // The form lacks the fields that the viewer may not change.
        Set<String> given = TokenForm.given(visit);
        apiTokens.edit(visit.caller(), clientId, terms -> update.applied(terms, given, issuer), visit.version("token"));
        return Response.seeOther(Notice.EDITED.at(Links.token(clientId)));
    }
}
