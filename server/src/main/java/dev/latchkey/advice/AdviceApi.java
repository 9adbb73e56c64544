package dev.latchkey.advice;

import static dev.latchkey.access.ManagementApi.ROLES_READ;

import dev.latchkey.access.Caller;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.management.Doc;
import dev.latchkey.management.Operation;
import dev.latchkey.management.Tag;
import dev.latchkey.registry.PrivilegeGrant;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The management API's call for advice on a role. */
public final class AdviceApi {
    private final Advisor advisor;

    public AdviceApi(Advisor advisor) {
        this.advisor = advisor;
    }

    /** Why something may have been used although no use was counted. */
    public record DoubtReply(
            @Doc("For programs, such as young_token") String code,
            @Doc("For people") String detail) {
        static List<DoubtReply> of(List<Doubt> doubts) {
            return doubts.stream()
                    .map(doubt -> new DoubtReply(doubt.reason().text(), doubt.sentence()))
                    .toList();
        }
    }

    /** A privilege that the role has, and its use. */
    public record PrivilegeAdviceReply(
            String api,
            String privilege,

            @Doc("Whether the role itself allows it") boolean own,

            @Doc("The roles below it that allow it as well") List<String> through,

            @Doc("used; rarely_used (on at most two days of the window, or only before it); never_used; not_known")
            String verdict,

            @Doc("How many allowed calls in the window needed it")
            long calls,

            @Doc("How many API tokens made them") int tokens,

            @Doc("The last of all counted calls that needed it, to the second") @Nullable Instant lastAt,

            @Doc("Why it is not known whether it was used") List<DoubtReply> doubts) {

        static PrivilegeAdviceReply of(PrivilegeAdvice advice) {
            return new PrivilegeAdviceReply(
                    advice.privilege().api(),
                    advice.privilege().name(),
                    advice.own(),
                    List.copyOf(advice.through()),
                    advice.verdict().text(),
                    advice.calls(),
                    advice.tokens(),
                    advice.lastAt(),
                    DoubtReply.of(advice.doubts()));
        }
    }

    /** All counted calls, decided again with the proposed role. */
    public record EvidenceReply(
            @Doc("How many calls were decided again") long calls,

            @Doc("How many of them the proposed role would have refused: 0 for a proposal")
            long refused,

            @Doc("How many API tokens made the calls") int tokens,

            @Doc("Since when all calls are counted") Instant since) {}

    /** A tighter role. */
    public record ProposalReply(
            @Doc("What it lacks") List<PrivilegeGrant> remove,

            @Doc("What is left of the role's own privileges, as PATCH /roles/{name} takes it")
            List<PrivilegeGrant> privileges) {

        static ProposalReply of(RoleAdvice advice) {
            List<PrivilegeGrant> left = new ArrayList<>();
            advice.terms().allowed().forEach(privilege -> left.add(PrivilegeGrant.allow(privilege)));
            advice.terms().denied().forEach(privilege -> left.add(PrivilegeGrant.deny(privilege)));
            return new ProposalReply(
                    advice.removed().stream().map(PrivilegeGrant::allow).toList(), left);
        }
    }

    /** What a role allows, what of it was used, and what can be removed. */
    public record RoleAdviceReply(
            String role,
            @Doc("In days") int window,
            @Doc("When the window begins") Instant from,
            List<PrivilegeAdviceReply> privileges,

            @Doc("Why nothing is proposed, whatever was used")
            List<DoubtReply> doubts,

            @Doc("Absent when nothing can be removed safely") @Nullable ProposalReply proposal,

            EvidenceReply evidence) {

        static RoleAdviceReply of(RoleAdvice advice) {
            Evidence evidence = advice.evidence();
            return new RoleAdviceReply(
                    advice.role(),
                    advice.window().days(),
                    advice.from(),
                    advice.privileges().stream().map(PrivilegeAdviceReply::of).toList(),
                    DoubtReply.of(advice.doubts()),
                    advice.hasProposal() ? ProposalReply.of(advice) : null,
                    new EvidenceReply(evidence.calls(), evidence.refused(), evidence.tokens(), evidence.since()));
        }
    }

    public List<Operation> operations() {
        return List.of(Operation.get("/roles/{name}/advice")
                .id("getRoleAdvice")
                .tag(Tag.ROLES)
                .needs(ROLES_READ)
                .summary("See which privileges of a role no program used")
                .description(
                        "Needs tokens:read as well. A privilege is proposed for removal only if no counted call of a token"
                                + " with the role, or with a role above it, ever needed it, and if nothing makes that doubtful; the"
                                + " doubts are listed. Calls that an API checks without asking Latchkey are not known, nor is what an"
                                + " API does with the privileges that it is told. What happens less often than calls are counted is not"
                                + " known either. Nothing is changed.")
                .query("window", "For how many days a privilege must not have been used: 30, 90 or 365; 90 when absent")
                .answers(RoleAdviceReply.class)
                .by(this::ofRole));
    }

    private Response ofRole(Caller caller, Request request) {
        Window window = request.query().text("window").map(Window::of).orElse(Window.QUARTER);
        return Response.json(200, RoleAdviceReply.of(advisor.on(caller, request.pathParameter("name"), window)));
    }
}
