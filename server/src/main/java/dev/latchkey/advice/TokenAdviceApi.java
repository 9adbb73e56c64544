package dev.latchkey.advice;

import static dev.latchkey.access.ManagementApi.TOKENS_READ;

import dev.latchkey.access.Caller;
import dev.latchkey.advice.AdviceReplies.DoubtReply;
import dev.latchkey.advice.AdviceReplies.PrivilegeAdviceReply;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.management.Doc;
import dev.latchkey.management.Operation;
import dev.latchkey.management.Tag;
import dev.latchkey.registry.PrivilegeGrant;
import java.time.Instant;
import java.util.List;

/** The management API's call for what a token used of its role. */
final class TokenAdviceApi {
    private final Advisor advisor;

    TokenAdviceApi(Advisor advisor) {
        this.advisor = advisor;
    }

    /** Another token with the same role. */
    public record OtherToken(String clientId, String description) {}

    /** What a token used of what its role allows. */
    public record TokenAdviceReply(
            String clientId,
            String role,
            @Doc("In days") int window,
            @Doc("When the window begins") Instant from,

            @Doc("What the token did not use in the window, as far as calls are counted")
            List<PrivilegeGrant> unused,

            @Doc("Everything that the role has, and how this token used it")
            List<PrivilegeAdviceReply> privileges,

            @Doc("Why a use may not have been counted") List<DoubtReply> doubts,

            @Doc("How many counted calls of the token were looked at")
            long calls,

            @Doc("Since when all calls are counted") Instant since,

            @Doc("At most 10 of the other active tokens with the role")
            List<OtherToken> sharedWith,

            @Doc("How many other active tokens have the role")
            long otherTokens) {

        static TokenAdviceReply of(TokenAdvice advice) {
            RoleAdvice review = advice.review();
            return new TokenAdviceReply(
                    advice.clientId(),
                    review.role(),
                    review.window().days(),
                    review.from(),
                    advice.unused().stream()
                            .map(PrivilegeAdvice::privilege)
                            .map(PrivilegeGrant::allow)
                            .toList(),
                    review.privileges().stream().map(PrivilegeAdviceReply::of).toList(),
                    DoubtReply.of(review.doubts()),
                    review.evidence().calls(),
                    review.evidence().since(),
                    advice.others().stream()
                            .map(other -> new OtherToken(other.clientId(), other.description()))
                            .toList(),
                    advice.sharing());
        }
    }

    Operation operation() {
        return Operation.get("/tokens/{clientId}/advice")
                .id("getTokenAdvice")
                .tag(Tag.TOKENS)
                .needs(TOKENS_READ)
                .summary("See which privileges of its role a token did not use")
                .description(
                        "Needs roles:read as well. A token can do what its role allows, so nothing can be removed for the token"
                                + " alone: give it another role, or see the advice on its role, which looks at all tokens that share"
                                + " it. The window and the doubts mean the same as for a role.")
                .query("window", AdviceReplies.WINDOW)
                .answers(TokenAdviceReply.class)
                .by(this::ofToken);
    }

    private Response ofToken(Caller caller, Request request) {
        return Response.json(
                200,
                TokenAdviceReply.of(
                        advisor.onToken(caller, request.pathParameter("clientId"), AdviceReplies.window(request))));
    }
}
