package dev.latchkey.apitoken;

import static dev.latchkey.access.ManagementApi.TOKENS_CREATE;
import static dev.latchkey.access.ManagementApi.TOKENS_READ;
import static dev.latchkey.access.ManagementApi.TOKENS_REVOKE;

import dev.latchkey.access.Caller;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.apitoken.ApiTokenJson.CreateToken;
import dev.latchkey.apitoken.ApiTokenJson.TokenReply;
import dev.latchkey.apitoken.ApiTokenJson.UpdateToken;
import dev.latchkey.crypto.Secret;
import dev.latchkey.http.Paging;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.management.Doc;
import dev.latchkey.management.ETag;
import dev.latchkey.management.Idempotency;
import dev.latchkey.management.Operation;
import dev.latchkey.management.Tag;
import dev.latchkey.problem.Page;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The management API's calls for API tokens. */
public final class ApiTokensApi {
    private final ApiTokens apiTokens;
    private final String issuer;

    /** @param issuer Latchkey's own public base URL, the default audience of outside tokens */
    public ApiTokensApi(ApiTokens apiTokens, String issuer) {
        this.apiTokens = apiTokens;
        this.issuer = issuer;
    }

    /** A page of API tokens. */
    public record TokenPage(
            List<TokenReply> items, @Nullable String nextPageToken) {}

    /** Which API tokens are revoked, and why. */
    public record RevokeTokens(
            @Doc("1 to 100 client ids") List<String> clientIds,
            @Doc("At most 200 characters") @Nullable String reason) {}

    /** API tokens, in the requested order. */
    public record TokenList(List<TokenReply> items) {}

    /** Why an API token is revoked. */
    public record RevokeToken(
            @Doc("At most 200 characters") @Nullable String reason) {}

    public List<Operation> operations() {
        return List.of(
                Operation.get("/tokens")
                        .id("listTokens")
                        .tag(Tag.TOKENS)
                        .needs(TOKENS_READ)
                        .summary("List API tokens")
                        .query("search", "Part of a description or a client id")
                        .query("status", "active or revoked, regardless of their times")
                        .query(
                                "state",
                                "Whether they work now: active (including those that are expiring), expiring, expired,"
                                        + " not_yet_valid or revoked")
                        .query(
                                "only",
                                "never_used, idle (neither used nor created in the last 45 days, or as many as the setting"
                                        + " idle-token-days says), powerful (the role may change who may do what), powerful_little_used"
                                        + " (powerful, older than 7 days, with all calls known, and called at most "
                                        + LastWeek.FEW_ENDPOINTS
                                        + " endpoints in the last 7 days), refused_often (at least " + LastWeek.OFTEN
                                        + " calls of the last 7 days were refused, and more than a tenth of all, not counting ended access"
                                        + " tokens), limited (a limit refused"
                                        + " calls in the last 7 days) or still_used (revoked, and refused in the last 7 days, as far as the node"
                                        + " knows); repeat it for tokens that match each. Calls are known as of the last hour")
                        .query("role", "The assigned role")
                        .query(
                                "owner",
                                "The user id of the owner; none for tokens without one, departed for owners who were disabled or"
                                        + " removed")
                        .query(
                                "sort",
                                "created, lastAccess, lastWeek (the calls of the last 7 days), expires, description, role, status or"
                                        + " clientId; descending with - in front; -created when absent")
                        .paged()
                        .answers(TokenPage.class)
                        .by(this::list),
                Operation.post("/tokens")
                        .id("createToken")
                        .tag(Tag.TOKENS)
                        .needs(TOKENS_CREATE)
                        .summary("Create an API token")
                        .description(
                                "The only reply that contains the client secret. With an Idempotency-Key, a repeated request"
                                        + " creates nothing, and its reply has no secret.")
                        .takes(CreateToken.class)
                        .creates(TokenReply.class)
                        .versioned()
                        .idempotent()
                        .by(this::create),
                Operation.get("/tokens/{clientId}")
                        .id("getToken")
                        .tag(Tag.TOKENS)
                        .needs(TOKENS_READ)
                        .summary("Get an API token")
                        .answers(TokenReply.class)
                        .versioned()
                        .by((caller, request) -> reply(200, apiTokens.find(caller, clientId(request)))),
                Operation.patch("/tokens/{clientId}")
                        .id("updateToken")
                        .tag(Tag.TOKENS)
                        .needs(TOKENS_CREATE)
                        .summary("Change an API token")
                        .description(
                                "Absent fields stay as they are; null clears a field. The caller must be able to assign the token's"
                                        + " role. A new expiry takes effect at once, also for a token that has expired.")
                        .takes(UpdateToken.class)
                        .answers(TokenReply.class)
                        .versioned()
                        .ifMatch()
                        .by(this::update),
                Operation.post("/tokens/{clientId}/revoke")
                        .id("revokeToken")
                        .tag(Tag.TOKENS)
                        .needs(TOKENS_REVOKE)
                        .summary("Revoke an API token")
                        .description(
                                "Once this is answered, the token gets no further access tokens, and those that it has are refused."
                                        + " Revoking a revoked token is not an error. The body is optional.")
                        .takes(RevokeToken.class)
                        .answers(TokenReply.class)
                        .versioned()
                        .ends()
                        .by(this::revoke),
                Operation.post("/tokens/revoke")
                        .id("revokeTokens")
                        .tag(Tag.TOKENS)
                        .needs(TOKENS_REVOKE)
                        .summary("Revoke several API tokens")
                        .description("All at the same moment, or none when one does not exist.")
                        .takes(RevokeTokens.class)
                        .answers(TokenList.class)
                        .ends()
                        .by(this::revokeAll));
    }

    private Response list(Caller caller, Request request) {
        Page<ApiToken> page =
                apiTokens.list(caller, ApiTokenQuery.from(request.query()), Paging.of(request.query(), 2));
        return Response.json(200, new TokenPage(replies(page.items()), page.nextPageToken()));
    }

    private Response create(Caller caller, Request request) {
        CreateToken body = request.json(CreateToken.class);
        var result = apiTokens.create(caller, body.role(), body.terms(issuer), Idempotency.attempt(request));
        ApiToken apiToken = result.value().apiToken();
        Response response = ETag.on(
                        Response.json(
                                201, reply(apiTokens, apiToken, result.value().secret())),
                        apiToken.version())
                .with("Location", ManagementApi.BASE_PATH + "/tokens/" + apiToken.clientId())
                .with("Cache-Control", "no-store");
        return result.replayed() ? response.with("Idempotency-Replayed", "true") : response;
    }

    private Response update(Caller caller, Request request) {
        UpdateToken body = request.json(UpdateToken.class);
        Set<String> given = request.jsonNames();
        return reply(
                200,
                apiTokens.edit(
                        caller,
                        clientId(request),
                        terms -> body.applied(terms, given, issuer),
                        ETag.expected(request)));
    }

    private Response revokeAll(Caller caller, Request request) {
        RevokeTokens body = request.json(RevokeTokens.class);
        return Response.json(200, new TokenList(replies(apiTokens.revoke(caller, body.clientIds(), body.reason()))));
    }

    private Response revoke(Caller caller, Request request) {
        RevokeToken body = request.jsonIfPresent(RevokeToken.class);
        return reply(200, apiTokens.revoke(caller, clientId(request), body == null ? null : body.reason()));
    }

    private Response reply(int status, ApiToken apiToken) {
        return ETag.on(Response.json(status, reply(apiTokens, apiToken, null)), apiToken.version());
    }

    /** The reply that shows the token, and a secret that was just created. */
    static TokenReply reply(ApiTokens apiTokens, ApiToken apiToken, @Nullable Secret secret) {
        return TokenReply.of(apiToken, secret, apiTokens.departedOwners(List.of(apiToken)), apiTokens.now());
    }

    private List<TokenReply> replies(List<ApiToken> listed) {
        Set<String> departed = apiTokens.departedOwners(listed);
        Instant now = apiTokens.now();
        return listed.stream()
                .map(apiToken -> TokenReply.of(apiToken, null, departed, now))
                .toList();
    }

    /** The client id in the path. */
    public static String clientId(Request request) {
        return request.pathParameter("clientId");
    }
}
