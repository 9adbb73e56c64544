package dev.latchkey.apitoken;

import static dev.latchkey.access.ManagementApi.TOKENS_CREATE;

import dev.latchkey.access.Caller;
import dev.latchkey.http.Response;
import dev.latchkey.management.Doc;
import dev.latchkey.management.Operation;
import dev.latchkey.management.Tag;
import dev.latchkey.problem.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The management API's call that hands API tokens over to another person. */
public final class HandoverApi {
    private final Handover handover;

    public HandoverApi(Handover handover) {
        this.handover = handover;
    }

    /** Whose API tokens are handed over to whom. */
    public record HandOver(
            @Doc(
                    "The user id of their current owner, who may be disabled or removed: all of that person's active tokens, instead of"
                            + " clientIds")
            @Nullable String from,

            @Doc("1 to 100 client ids, instead of from; tokens that are revoked or have this owner stay as they are")
            @Nullable List<String> clientIds,

            @Doc(
                    "The user id of their new owner; with clientIds the email address will do as well. Naming anyone but yourself needs"
                            + " users:read")
            String to) {}

    /** The result of a hand-over. */
    public record HandedOver(
            @Doc("How many active API tokens this call handed over")
            int tokens,

            @Doc("Whether there are more: then repeat the call")
            boolean more) {}

    public List<Operation> operations() {
        return List.of(Operation.post("/tokens/hand-over")
                .id("handOverTokens")
                .tag(Tag.TOKENS)
                .needs(TOKENS_CREATE)
                .summary("Hand API tokens over to another person")
                .description(
                        "Hands over all active tokens of a person or all those that are named, or none: the caller must be able to assign their roles. Each has an event of"
                                + " its own. At most " + Handover.MOST
                                + " in one call; repeat it while there are more.")
                .takes(HandOver.class)
                .answers(HandedOver.class)
                .by((caller, request) -> {
                    HandOver body = request.json(HandOver.class);
                    Handover.Outcome outcome = handOver(caller, body);
                    return Response.json(200, new HandedOver(outcome.tokens(), outcome.more()));
                }));
    }

    private Handover.Outcome handOver(Caller caller, HandOver body) {
        String from = body.from();
        List<String> clientIds = body.clientIds();
        if (from != null && clientIds == null) {
            return handover.handOver(caller, from, body.to());
        }
        if (from == null && clientIds != null) {
            return handover.handOver(caller, clientIds, body.to());
        }
        throw Problem.invalid("from", "Send either from or clientIds.");
    }
}
