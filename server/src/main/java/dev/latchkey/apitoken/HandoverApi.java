package dev.latchkey.apitoken;

import static dev.latchkey.access.ManagementApi.TOKENS_CREATE;

import dev.latchkey.http.Response;
import dev.latchkey.management.Doc;
import dev.latchkey.management.Operation;
import dev.latchkey.management.Tag;
import java.util.List;

/** The management API's call that makes another person answer for somebody's API tokens. */
public final class HandoverApi {
    private final Handover handover;

    public HandoverApi(Handover handover) {
        this.handover = handover;
    }

    /** Whose API tokens go over to whom. */
    public record HandOver(
            @Doc("The user id of who answers for them now, who may be disabled or removed")
            String from,

            @Doc("The user id of who answers for them from now on. Naming somebody else than yourself needs users:read")
            String to) {}

    /** What became of it. */
    public record HandedOver(
            @Doc("How many active API tokens this call handed over")
            int tokens,

            @Doc("Whether there are more: then ask again") boolean more) {}

    public List<Operation> operations() {
        return List.of(Operation.post("/tokens/hand-over")
                .id("handOverTokens")
                .tag(Tag.TOKENS)
                .needs(TOKENS_CREATE)
                .summary("Make another person answer for somebody's API tokens")
                .description(
                        "All active ones at once, or none: the caller must be able to assign their roles. Each leaves an event of its"
                                + " own. At most " + Handover.MOST + " in one call; ask again while there are more.")
                .takes(HandOver.class)
                .answers(HandedOver.class)
                .by((caller, request) -> {
                    HandOver body = request.json(HandOver.class);
                    Handover.Outcome outcome = handover.handOver(caller, body.from(), body.to());
                    return Response.json(200, new HandedOver(outcome.tokens(), outcome.more()));
                }));
    }
}
