package dev.latchkey.apitoken;

import static dev.latchkey.access.ManagementApi.TOKENS_REVOKE;

import dev.latchkey.access.Caller;
import dev.latchkey.audit.AuditApi;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.management.Doc;
import dev.latchkey.management.Operation;
import dev.latchkey.management.Tag;
import dev.latchkey.problem.Problem;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The management API's calls to count and revoke API tokens that were used or created recently. */
public final class RevocationSinceApi {
    private final RevocationSince revocation;

    public RevocationSinceApi(RevocationSince revocation) {
        this.revocation = revocation;
    }

    /** Which API tokens are revoked, and why. */
    public record RevokeSince(
            @Doc("Revokes every token that was used or created at this time or later")
            Instant since,

            @Doc("At most 200 characters") @Nullable String reason) {}

    /** The result of a call. */
    public record RevokedSince(
            @Doc("How many API tokens this call revoked") int revoked,

            @Doc("Whether there are more: then repeat the call")
            boolean more) {}

    /** How many API tokens would be revoked. */
    public record CountSince(
            long number,

            @Doc("Whether there are more than that: counting stops there")
            boolean more) {}

    public List<Operation> operations() {
        return List.of(
                Operation.get("/tokens/revoke-since")
                        .id("countTokensSince")
                        .tag(Tag.TOKENS)
                        .needs(TOKENS_REVOKE)
                        .summary("Count the API tokens that were used or created since a given time")
                        .description(
                                "How many tokens the call that revokes them would revoke. Needs account:manage as well.")
                        .query("since", "The earliest time, inclusive (RFC 3339)")
                        .answers(CountSince.class)
                        .by(this::count),
                Operation.post("/tokens/revoke-since")
                        .id("revokeTokensSince")
                        .tag(Tag.TOKENS)
                        .needs(TOKENS_REVOKE)
                        .summary("Revoke every API token that was used or created since a given time")
                        .description(
                                "For a database that was restored from a copy, when no one knows what had been revoked since."
                                        + " Needs account:manage as well. Each token is revoked as if alone, with an event of its"
                                        + " own. Uses on other nodes are known after a second. One call revokes about 5,000; repeat"
                                        + " it while there are more. The caller's own API token is among them and is revoked last,"
                                        + " which also ends its access tokens.")
                        .takes(RevokeSince.class)
                        .answers(RevokedSince.class)
                        .ends()
                        .by(this::revoke));
    }

    private Response count(Caller caller, Request request) {
        Instant since = AuditApi.time(request.query(), "since");
        if (since == null) {
            throw Problem.invalid("since", "Send a time such as 2026-01-31T12:00:00Z.");
        }
        RevocationSince.Count count = revocation.count(caller, since);
        return Response.json(200, new CountSince(count.number(), count.atLeast()));
    }

    private Response revoke(Caller caller, Request request) {
        RevokeSince body = request.json(RevokeSince.class);
        RevocationSince.Outcome outcome = revocation.revoke(caller, body.since(), body.reason());
        return Response.json(200, new RevokedSince(outcome.revoked(), outcome.more()));
    }
}
