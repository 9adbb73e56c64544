package dev.latchkey.apitoken;

import static dev.latchkey.access.ManagementApi.TOKENS_READ;

import dev.latchkey.access.Caller;
import dev.latchkey.audit.AuditApi;
import dev.latchkey.http.Paging;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.management.Doc;
import dev.latchkey.management.Operation;
import dev.latchkey.management.Tag;
import java.time.Instant;
import java.util.List;

/** The management API's calls for the traces that API tokens leave: their events, and uses after their revocation. */
public final class ApiTokenTracesApi {
    private final ApiTokens apiTokens;

    public ApiTokenTracesApi(ApiTokens apiTokens) {
        this.apiTokens = apiTokens;
    }

    /** The refused uses from one address after the revocation. */
    public record RefusedUse(
            String address,
            @Doc("The User-Agent of the last one") String userAgent,
            long count,
            Instant firstAt,
            Instant lastAt) {}

    /** Where a revoked API token is still used from. */
    public record RefusedUses(
            @Doc("When the answering node began to count: its start")
            Instant since,

            @Doc("The latest first; at most 10 addresses") List<RefusedUse> items,

            @Doc("How many more uses came from other addresses")
            long elsewhere) {}

    public List<Operation> operations() {
        return List.of(
                Operation.get("/tokens/{clientId}/uses-after-revocation")
                        .id("listTokenUsesAfterRevocation")
                        .tag(Tag.TOKENS)
                        .needs(TOKENS_READ)
                        .summary("See where a revoked API token is still used from")
                        .description(
                                "Requests that proved possession of the token, or presented one of its access tokens, and were"
                                        + " refused because it is revoked. Each node knows what it refused since it started.")
                        .answers(RefusedUses.class)
                        .by(this::usesAfterRevocation),
                Operation.get("/tokens/{clientId}/events")
                        .id("listTokenEvents")
                        .tag(Tag.TOKENS)
                        .needs(TOKENS_READ)
                        .summary("List an API token's events")
                        .description("The newest first.")
                        .paged()
                        .answers(AuditApi.EventPage.class)
                        .by((caller, request) -> Response.json(
                                200,
                                AuditApi.EventPage.of(apiTokens.events(
                                        caller, ApiTokensApi.clientId(request), Paging.of(request.query(), 1))))));
    }

    private Response usesAfterRevocation(Caller caller, Request request) {
        UsesAfterRevocation.Known known = apiTokens.usesAfterRevocation(caller, ApiTokensApi.clientId(request));
        return Response.json(
                200,
                new RefusedUses(
                        known.since(),
                        known.uses().stream()
                                .map(use -> new RefusedUse(
                                        use.address(), use.userAgent(), use.count(), use.firstAt(), use.lastAt()))
                                .toList(),
                        known.elsewhere()));
    }
}
