package dev.latchkey.apitoken;

import static dev.latchkey.access.ManagementApi.TOKENS_CREATE;

import dev.latchkey.http.Response;
import dev.latchkey.management.Doc;
import dev.latchkey.management.Operation;
import dev.latchkey.management.Tag;
import java.util.List;

/** The management API's call that hands someone's API tokens over to another person. */
public final class HandoverApi {
    private final Handover handover;

    public HandoverApi(Handover handover) {
        this.handover = handover;
    }

    /** Whose API tokens are handed over to whom. */
    public record HandOver(
            @Doc("The user id of their current owner, who may be disabled or removed")
            String from,

            @Doc("The user id of their new owner. Naming anyone but yourself needs users:read")
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
                .summary("Hand someone's API tokens over to another person")
                .description(
                        "Hands over all active tokens, or none: the caller must be able to assign their roles. Each has an event of"
                                + " its own. At most " + Handover.MOST
                                + " in one call; repeat it while there are more.")
                .takes(HandOver.class)
                .answers(HandedOver.class)
                .by((caller, request) -> {
                    HandOver body = request.json(HandOver.class);
                    Handover.Outcome outcome = handover.handOver(caller, body.from(), body.to());
                    return Response.json(200, new HandedOver(outcome.tokens(), outcome.more()));
                }));
    }
}
