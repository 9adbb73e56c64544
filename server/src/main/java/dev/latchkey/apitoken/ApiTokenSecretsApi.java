package dev.latchkey.apitoken;

import static dev.latchkey.access.ManagementApi.TOKENS_CREATE;
import static dev.latchkey.access.ManagementApi.TOKENS_READ;
import static dev.latchkey.access.ManagementApi.TOKENS_REVOKE;

import dev.latchkey.access.Caller;
import dev.latchkey.apitoken.ApiTokenJson.TokenReply;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.management.Operation;
import dev.latchkey.management.Tag;
import dev.latchkey.problem.Problem;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The management API's calls for the secrets of API tokens. */
public final class ApiTokenSecretsApi {
    private final ApiTokens apiTokens;
    private final Secrets secrets;

    public ApiTokenSecretsApi(ApiTokens apiTokens, Secrets secrets) {
        this.apiTokens = apiTokens;
        this.secrets = secrets;
    }

    /** When a secret was created and last used. */
    public record SecretReply(
            long number, Instant createdAt, @Nullable Instant lastUsedAt) {}

    /** The live secrets of an API token, the oldest first. */
    public record SecretList(List<SecretReply> items) {}

    public List<Operation> operations() {
        return List.of(
                Operation.get("/tokens/{clientId}/secrets")
                        .id("listTokenSecrets")
                        .tag(Tag.TOKENS)
                        .needs(TOKENS_READ)
                        .summary("List an API token's secrets")
                        .description(
                                "Not the secrets themselves, but when each was created and last used. One that has not been used for"
                                        + " days while the other has is safe to remove.")
                        .answers(SecretList.class)
                        .by((caller, request) -> Response.json(
                                200,
                                new SecretList(secrets.list(caller, ApiTokensApi.clientId(request)).stream()
                                        .map(use -> new SecretReply(use.number(), use.createdAt(), use.lastUsedAt()))
                                        .toList()))),
                Operation.post("/tokens/{clientId}/secrets")
                        .id("addTokenSecret")
                        .tag(Tag.TOKENS)
                        .needs(TOKENS_CREATE)
                        .summary("Add a second secret to an API token")
                        .description(
                                "For changing secrets without downtime. Only this reply contains the secret. A token has at most"
                                        + " two live secrets.")
                        .answers(201, TokenReply.class)
                        .by(this::addSecret),
                Operation.delete("/tokens/{clientId}/secrets/{number}")
                        .id("removeTokenSecret")
                        .tag(Tag.TOKENS)
                        .needs(TOKENS_REVOKE)
                        .summary("Remove one of an API token's secrets")
                        .description(
                                "Once this is answered, the secret gets no further access tokens. Those that it got stay valid for up to"
                                        + " ten minutes; revoke the token if that is too long. The last secret cannot be removed.")
                        .answersNothing()
                        .by(this::removeSecret));
    }

    private Response addSecret(Caller caller, Request request) {
        ApiTokens.Created created = secrets.add(caller, ApiTokensApi.clientId(request));
        return Response.json(201, ApiTokensApi.reply(apiTokens, created.apiToken(), created.secret()))
                .with("Cache-Control", "no-store");
    }

    private Response removeSecret(Caller caller, Request request) {
        secrets.remove(caller, ApiTokensApi.clientId(request), number(request));
        return Response.noContent();
    }

    /**
     * The number of a secret in the path.
     *
     * @throws Problem 404 when it is not a number
     */
    public static long number(Request request) {
        try {
            return Long.parseLong(request.pathParameter("number"));
        } catch (NumberFormatException e) {
            throw Problem.notFound("There is no such secret. Secrets are numbered 1, 2 and so on.");
        }
    }
}
