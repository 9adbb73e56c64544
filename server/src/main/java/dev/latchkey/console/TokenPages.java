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
import dev.latchkey.apitoken.ApiTokens;
import dev.latchkey.apitoken.ApiTokens.NewApiToken;
import dev.latchkey.apitoken.ApiTokensApi;
import dev.latchkey.apitoken.ApiTokensApi.UpdateToken;
import dev.latchkey.apitoken.ClientAuthentication;
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
        routes.add("GET", "/tokens", pages.shown(visit -> listPage(visit, 200, Map.of())))
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

    private Response listPage(Visit visit, int status, Map<String, Object> dialog) {
        Map<String, Object> parameters = new HashMap<>(dialog);
        parameters.put("list", list(visit));
        return pages.page(visit, status, "API auth tokens", SECTION, "tokens/list", parameters);
    }

    private TokenList list(Visit visit) {
        Caller caller = visit.caller();
        // Under a dialog the list is the plain first page: the address belongs to the dialog.
        Parameters query = visit.request().path().equals("/tokens")
                        && visit.request().method().equals("GET")
                ? visit.request().query()
                : Parameters.NONE;
        Page.Request page = Page.Request.from(query, 2);
        Page<ApiToken> listed = apiTokens.list(caller, ApiTokensApi.query(query), page);
        return new TokenList(
                listed,
                query,
                apiTokens.departedOwners(listed.items()),
                apiTokens.counts(caller),
                roles.visible(caller),
                policy.get(),
                endpoints,
                page.size());
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
        return listPage(visit, status, dialog);
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
        return revokeTogetherPage(visit, 200, visit.request().query().all("id"), Form.EMPTY);
    }

    private Response revokeTogetherPage(Visit visit, int status, List<String> clientIds, Form form) {
        List<ApiToken> active = clientIds.stream()
                .distinct()
                .limit(Page.MAX_SIZE)
                .map(clientId -> apiTokens.find(visit.caller(), clientId))
                .filter(apiToken -> apiToken.status() == ApiToken.Status.ACTIVE)
                .toList();
        return active.isEmpty()
                ? Response.seeOther("/tokens")
                : listPage(visit, status, Map.of("dialog", "revoke together", "revokedTogether", active, "form", form));
    }

    private Response revokeTogether(Visit visit) {
        List<String> clientIds = visit.form().all("id");
        try {
            apiTokens.revoke(visit.caller(), clientIds, visit.field("reason"));
        } catch (Problem problem) {
            return revokeTogetherPage(
                    visit, RolePages.refusal(problem), clientIds, Form.refused(visit.form(), problem));
        }
        return Response.seeOther("/tokens?done=revoked-together");
    }

    private Response revokePage(Visit visit) {
        return revokePage(visit, 200, Form.EMPTY);
    }

    private Response revokePage(Visit visit, int status, Form form) {
        ApiToken apiToken = apiTokens.find(visit.caller(), visit.path("clientId"));
        if (apiToken.status() == ApiToken.Status.REVOKED) {
            return Response.seeOther("/tokens/" + apiToken.clientId());
        }
        return listPage(visit, status, Map.of("dialog", "revoke", "revoked", apiToken, "form", form));
    }

    private Response revoke(Visit visit) {
        try {
            apiTokens.revoke(visit.caller(), visit.path("clientId"), visit.field("reason"));
        } catch (Problem problem) {
            if (problem.status() != 422) {
                throw problem;
            }
            return revokePage(visit, 422, Form.refused(visit.form(), problem));
        }
        return Response.seeOther("/tokens?done=revoked");
    }

    private String sample(String clientId) {
        return Samples.of(issuer, clientId).getFirst().code();
    }
}
