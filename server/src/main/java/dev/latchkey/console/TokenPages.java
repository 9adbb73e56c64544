package dev.latchkey.console;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.latchkey.access.Caller;
import dev.latchkey.access.CurrentPolicy;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Role;
import dev.latchkey.access.Roles;
import dev.latchkey.account.Accounts;
import dev.latchkey.account.UserQuery;
import dev.latchkey.account.Users;
import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.ApiTokenQuery;
import dev.latchkey.apitoken.ApiTokens;
import dev.latchkey.apitoken.ApiTokens.NewApiToken;
import dev.latchkey.apitoken.ApiTokensApi;
import dev.latchkey.apitoken.ApiTokensApi.UpdateToken;
import dev.latchkey.apitoken.ClientAuthentication;
import dev.latchkey.apitoken.Count;
import dev.latchkey.crypto.RandomKey;
import dev.latchkey.crypto.Secret;
import dev.latchkey.event.Event;
import dev.latchkey.http.Page;
import dev.latchkey.http.Parameters;
import dev.latchkey.http.Problem;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The pane this product exists for: the table of API tokens, generating one, its own page, revoking it. */
final class TokenPages {
    private static final String SECTION = "tokens";
    private static final int NONCE_LENGTH = 26;

    /** In an address: every row of the page is ticked. */
    private static final String SELECT = "select";

    /** In a form: all tokens of the list are meant, and how many they are said to be. */
    private static final String ALL = "all";

    /** What is more than this is for the management API, which has pages. */
    private static final int MOST_IN_CSV = 10_000;

    private static final int CSV_STEP = 1_000;

    private final Pages pages;
    private final ApiTokens apiTokens;
    private final Accounts accounts;
    private final Users users;
    private final Roles roles;
    private final CurrentPolicy policy;
    private final EndpointCatalogue endpoints;
    private final String issuer;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    /** Forms that created a token already: reloading the page with the secret must neither show nor make another. */
    private final Cache<String, Boolean> usedNonces = Caffeine.newBuilder()
            .maximumSize(10_000)
            .expireAfterWrite(Duration.ofHours(24))
            .build();

    TokenPages(
            Pages pages,
            ApiTokens apiTokens,
            Accounts accounts,
            Users users,
            Roles roles,
            CurrentPolicy policy,
            EndpointCatalogue endpoints,
            String issuer,
            Clock clock) {
        this.pages = pages;
        this.apiTokens = apiTokens;
        this.accounts = accounts;
        this.users = users;
        this.roles = roles;
        this.policy = policy;
        this.endpoints = endpoints;
        this.issuer = issuer;
        this.clock = clock;
    }

    void addTo(Routes.Builder routes) {
        routes.add("GET", "/tokens", pages.shown(this::listPage))
                .add("GET", "/tokens/csv", pages.shown(this::csv))
                .add("GET", "/tokens/new", pages.shown(this::generatePage))
                .add("POST", "/tokens", pages.sent(this::generate))
                .add("GET", "/tokens/revoke", pages.shown(this::revokeTogetherPage))
                .add("POST", "/tokens/revoke", pages.sent(this::revokeTogether))
                .add("GET", "/tokens/{clientId}", pages.shown(this::tokenPage))
                .add("POST", "/tokens/{clientId}/save", pages.sent(this::save))
                .add("POST", "/tokens/{clientId}/discard", pages.sent(this::discard))
                .add("POST", "/tokens/{clientId}/env", pages.sent(this::envFile))
                .add("GET", "/tokens/{clientId}/edit", pages.shown(this::editPage))
                .add("POST", "/tokens/{clientId}/edit", pages.sent(this::edit))
                .add("POST", "/tokens/{clientId}/secrets", pages.sent(this::addSecret))
                .add("GET", "/tokens/{clientId}/secrets/{number}/remove", pages.shown(this::removeSecretPage))
                .add("POST", "/tokens/{clientId}/secrets/{number}/remove", pages.sent(this::removeSecret))
                .add("GET", "/tokens/{clientId}/revoke", pages.shown(this::revokePage))
                .add("POST", "/tokens/{clientId}/revoke", pages.sent(this::revoke));
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
            request = Page.Request.bothWays(filter.parameters(), 2);
            ApiTokenQuery query = ApiTokensApi.query(filter.parameters());
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
                roles.visible(caller),
                policy.get(),
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
        ApiTokenQuery query = ApiTokensApi.query(filter.parameters());
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
                        TokenCsv.of(rows, clock.instant()).getBytes(StandardCharsets.UTF_8))
                .with("Content-Disposition", "attachment; filename=\"api-tokens.csv\"")
                .with("Cache-Control", "no-store");
    }

    private Response generatePage(Visit visit) {
        return generatePage(visit, 200, Form.of(visit.request().query()));
    }

    private Response generatePage(Visit visit, int status, Form form) {
        List<Role> assignable = roles.assignable(visit.caller());
        String chosen = form.value("role");
        boolean known = assignable.stream().anyMatch(role -> role.name().equals(chosen));
        Map<String, Object> dialog = new HashMap<>();
        dialog.put("dialog", "generate");
        dialog.put("form", form);
        dialog.put("assignable", assignable);
        dialog.put("nonce", RandomKey.generate(random, NONCE_LENGTH));
        addLimits(dialog);
        if (known) {
            dialog.put("chosen", chosen);
        }
        // Under this dialog the list is the plain first page: the address belongs to the dialog.
        return listPage(visit, status, TokenFilter.ALL, dialog);
    }

    /** What the fields of a token's limits need to know. */
    private void addLimits(Map<String, Object> parameters) {
        parameters.put("apis", List.copyOf(policy.get().apis()));
        Integer longestDays = accounts.get().longestTokenDays();
        if (longestDays != null) {
            parameters.put("longestDays", longestDays);
        }
    }

    /** With a secret it takes a second step, in which it is saved; without one there is nothing to save. */
    private Response generate(Visit visit) {
        String nonce = unusedNonce(visit);
        ApiTokens.Created created;
        try {
            NewApiToken wanted = TokenForm.create(visit, expiry(visit)).read(issuer);
            created = wanted.authentication() instanceof ClientAuthentication.ClientSecret
                    ? apiTokens.draft(visit.caller(), wanted)
                    : apiTokens.create(visit.caller(), wanted, null).value();
        } catch (Problem problem) {
            if (problem.status() != 422 && !problem.code().equals("role_exceeds_yours")) {
                throw problem;
            }
            return generatePage(visit, 422, Form.refused(visit.form(), problem));
        }
        usedNonces.put(nonce, true);
        return created.secret() == null
                ? Response.seeOther("/tokens/" + created.apiToken().clientId() + "?done=created")
                : secretPage(visit, created, created.secret());
    }

    /** Answers with the secret, this once: no redirect, nothing to reload, nothing in the address. */
    private Response secretPage(Visit visit, ApiTokens.Created created, Secret secret) {
        return listPage(
                visit,
                200,
                TokenFilter.ALL,
                Map.of(
                        "dialog",
                        "secret",
                        "created",
                        created,
                        "secret",
                        secret.value(),
                        "sample",
                        sample(created.apiToken().clientId())));
    }

    /** The form's own value, which makes it create something once. */
    private String unusedNonce(Visit visit) {
        String nonce = visit.person().session().id() + " " + visit.field("nonce");
        if (visit.field("nonce").isEmpty() || usedNonces.getIfPresent(nonce) != null) {
            throw new Problem(
                    409,
                    "already_shown",
                    "The secret of this token was shown already, and is never shown again. If you did not save it,"
                            + " generate a new token.");
        }
        return nonce;
    }

    /** Answers with the second secret, this once. */
    private Response addSecret(Visit visit) {
        String nonce = unusedNonce(visit);
        ApiTokens.Created created = apiTokens.addSecret(visit.caller(), visit.path("clientId"));
        usedNonces.put(nonce, true);
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
        List<TokenFacts.SecretRow> secrets =
                TokenFacts.secrets(apiTokens.secrets(visit.caller(), clientId), clock.instant());
        TokenFacts.SecretRow secret = secrets.stream()
                .filter(row -> row.use().number() == number)
                .findFirst()
                .orElseThrow(() -> Problem.notFound("The token has no secret " + number + "."));
        return tokenPage(visit, 200, Map.of("removing", secret));
    }

    private Response removeSecret(Visit visit) {
        String clientId = visit.path("clientId");
        apiTokens.removeSecret(visit.caller(), clientId, ApiTokensApi.secretNumber(visit.request()));
        return Response.seeOther("/tokens/" + clientId + "?done=secret-removed");
    }

    private @Nullable Instant expiry(Visit visit) {
        String days = visit.field("expires");
        if (days.equals("never")) {
            return null;
        }
        if (days.matches("[1-9][0-9]{0,3}")) {
            return clock.instant().plus(Duration.ofDays(Integer.parseInt(days)));
        }
        throw Problem.invalid("expiresAt", "Choose when it expires.");
    }

    private Response save(Visit visit) {
        if (!visit.form().has("saved")) {
            throw new Problem(
                    422,
                    "not_acknowledged",
                    "The token is not saved yet. Go back and tick \"I have saved the secret key\" first.");
        }
        apiTokens.save(visit.caller(), visit.path("clientId"));
        return Response.seeOther("/tokens?done=saved");
    }

    private Response discard(Visit visit) {
        apiTokens.discard(visit.caller(), visit.path("clientId"));
        return Response.seeOther("/tokens?done=discarded");
    }

    /** Hands the secret of the person's own draft back as a file, so that saving it needs no script. */
    private Response envFile(Visit visit) {
        String clientId = visit.path("clientId");
        String secret = visit.field("secret");
        if (!apiTokens.isDraftSecret(visit.caller(), clientId, secret)) {
            throw Problem.notFound("This token is saved or discarded, so its secret is gone.");
        }
        return Response.of(
                        200,
                        "text/plain; charset=utf-8",
                        ("CLIENT_ID=" + clientId + "\nCLIENT_SECRET=" + secret + "\n").getBytes(StandardCharsets.UTF_8))
                .with("Content-Disposition", "attachment; filename=\"latchkey.env\"")
                .with("Cache-Control", "no-store");
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
        parameters.put("policy", policy.get());
        parameters.put("endpoints", endpoints);
        parameters.put("samples", Samples.of(issuer, clientId));
        parameters.put("secrets", TokenFacts.secrets(apiTokens.secrets(visit.caller(), clientId), clock.instant()));
        parameters.put("stillUsed", apiTokens.usesAfterRevocation(visit.caller(), clientId));
        parameters.put("nonce", RandomKey.generate(random, NONCE_LENGTH));
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
            users.list(visit.caller(), UserQuery.ALL, new Page.Request(Page.MAX_SIZE, null))
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
            apiTokens.edit(visit.caller(), clientId, old -> update.applied(old, given, issuer), visit.version("token"));
        } catch (Problem problem) {
            return editPage(visit, RolePages.refusal(problem), now, Form.refused(visit.form(), problem));
        }
        return Response.seeOther("/tokens/" + clientId + "?done=edited");
    }

    private Response revokeTogetherPage(Visit visit) {
        return revokeTogetherPage(visit, 200, visit.request().query(), Form.EMPTY);
    }

    /** Asks about the tokens that are ticked, or about all that the list finds. */
    private Response revokeTogetherPage(Visit visit, int status, Parameters sent, Form form) {
        TokenFilter filter = TokenFilter.of(sent);
        if (sent.has(ALL)) {
            ApiTokenQuery query = ApiTokensApi.query(filter.parameters());
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
                        ApiTokensApi.query(filter.parameters()),
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

    private String sample(String clientId) {
        return Samples.of(issuer, clientId).getFirst().code();
    }
}
