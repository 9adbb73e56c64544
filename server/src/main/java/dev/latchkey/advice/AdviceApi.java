package dev.latchkey.advice;

import static dev.latchkey.access.ManagementApi.ROLES_MANAGE;
import static dev.latchkey.access.ManagementApi.ROLES_READ;

import dev.latchkey.access.Caller;
import dev.latchkey.access.Role;
import dev.latchkey.advice.AdviceReplies.DoubtReply;
import dev.latchkey.advice.AdviceReplies.PrivilegeAdviceReply;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.management.Doc;
import dev.latchkey.management.ETag;
import dev.latchkey.management.Operation;
import dev.latchkey.management.Tag;
import dev.latchkey.registry.CurrentPolicy;
import dev.latchkey.registry.PrivilegeGrant;
import dev.latchkey.registry.RoleReply;
import dev.latchkey.registry.Roles;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The management API's calls for advice on a role, and for what a token used of its role. */
public final class AdviceApi {
    private final Advisor advisor;
    private final AdviceChanges changes;
    private final TrialApi trials;
    private final Roles roles;
    private final CurrentPolicy policy;

    public AdviceApi(Advisor advisor, AdviceChanges changes, TrialApi trials, Roles roles, CurrentPolicy policy) {
        this.advisor = advisor;
        this.changes = changes;
        this.trials = trials;
        this.roles = roles;
        this.policy = policy;
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

    /** One of two groups of tokens that use different parts of the role. */
    public record HalfReply(
            @Doc("Up to 100 of them, by client ID") List<HalfTokenReply> tokens,
            @Doc("How many tokens are in the group") int size,

            @Doc("What a role for them would itself allow") List<PrivilegeGrant> privileges,

            @Doc("What it would lack that the other group uses")
            List<PrivilegeGrant> without,

            @Doc("How many counted calls of the group it would allow: all of them")
            long calls) {
        private static final int MOST_NAMED = 100;

        static HalfReply of(Half half) {
            return new HalfReply(
                    half.tokens().stream()
                            .limit(MOST_NAMED)
                            .map(token -> new HalfTokenReply(token.clientId(), token.name()))
                            .toList(),
                    half.tokens().size(),
                    half.privileges().stream().map(PrivilegeGrant::allow).toList(),
                    half.without().stream().map(PrivilegeGrant::allow).toList(),
                    half.calls());
        }
    }

    /** An API token in a group. */
    public record HalfTokenReply(String clientId, String description) {}

    /** Which advice is applied. */
    public record ApplyAdvice(
            @Doc("In days, as in the advice that was read: 30, 90 or 365")
            Integer window) {}

    /** Advice that was applied to the role and was not undone. */
    public record AppliedReply(
            @Doc("The sequence of its event") long event,
            Instant at,
            @Doc("What it removed") List<PrivilegeGrant> removed,

            @Doc("Whether it can be undone: nothing has edited the role since")
            boolean undoable) {

        static AppliedReply of(AppliedAdvice applied) {
            return new AppliedReply(
                    applied.event(),
                    applied.at(),
                    applied.removed().stream().map(PrivilegeGrant::allow).toList(),
                    applied.undoable());
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

            EvidenceReply evidence,

            @Doc(
                    "Two groups of tokens that use different parts of what stays; empty when the tokens cannot be divided, and for a role"
                            + " that includes others or denies anything")
            List<HalfReply> halves,

            @Doc(
                    "Absent when no advice was applied lately or it was undone, and for callers with neither roles:manage nor audit:read")
            @Nullable AppliedReply applied) {

        static RoleAdviceReply of(RoleAdvice advice, @Nullable AppliedAdvice applied) {
            Evidence evidence = advice.evidence();
            return new RoleAdviceReply(
                    advice.role(),
                    advice.window().days(),
                    advice.from(),
                    advice.privileges().stream().map(PrivilegeAdviceReply::of).toList(),
                    DoubtReply.of(advice.doubts()),
                    advice.hasProposal() ? ProposalReply.of(advice) : null,
                    new EvidenceReply(evidence.calls(), evidence.refused(), evidence.tokens(), evidence.since()),
                    advice.halves().stream().map(HalfReply::of).toList(),
                    applied == null ? null : AppliedReply.of(applied));
        }
    }

    public List<Operation> operations() {
        List<Operation> operations = new ArrayList<>(List.of(
                Operation.get("/roles/{name}/advice")
                        .id("getRoleAdvice")
                        .tag(Tag.ROLES)
                        .needs(ROLES_READ)
                        .summary("See which privileges of a role no program used")
                        .description(
                                "Needs tokens:read as well. A privilege is proposed for removal only if no counted call of a token"
                                        + " with the role, or with a role above it, ever needed it, and if nothing makes that doubtful; the"
                                        + " doubts are listed. Calls that an API checks without asking Latchkey are not known, nor is what an"
                                        + " API does with the privileges that it is told. What happens less often than calls are counted is not"
                                        + " known either. Nothing is changed. The ETag names what is proposed, and stays the same while only"
                                        + " the numbers of calls change. Where two groups of tokens use different parts of the role, halves"
                                        + " says which two smaller roles would be enough; a token keeps its role, so that takes new tokens.")
                        .query("window", AdviceReplies.WINDOW)
                        .answers(RoleAdviceReply.class)
                        .versioned()
                        .by(this::ofRole),
                Operation.post("/roles/{name}/advice/apply")
                        .id("applyRoleAdvice")
                        .tag(Tag.ROLES)
                        .needs(ROLES_MANAGE)
                        .summary("Apply the advice on a role")
                        .description(
                                "Removes from the role what the advice proposes. Needs roles:read and tokens:read as well, and the caller"
                                        + " must have what is removed, as for every change of a role. If-Match must have the ETag of the advice"
                                        + " that was read: the advice is computed again, and if it proposes something else by now, nothing is"
                                        + " changed and the reply is 412, with its ETag and with what it proposes to remove. If it proposes"
                                        + " nothing, the reply is 409 and has the doubts. The event says that it was advice, for which window,"
                                        + " and how many calls of how many tokens were looked at.")
                        .takes(ApplyAdvice.class)
                        .answers(RoleReply.class)
                        .versioned()
                        .ifMatch()
                        .by(this::apply),
                Operation.post("/roles/{name}/advice/undo")
                        .id("undoRoleAdvice")
                        .tag(Tag.ROLES)
                        .needs(ROLES_MANAGE)
                        .summary("Undo the advice that was applied to a role")
                        .description(
                                "Restores the role as it was before. The caller must have what comes back, as for every change of a role."
                                        + " Refused with 409 when no advice was applied lately, or when the role was edited since. The event"
                                        + " names the event that it undoes.")
                        .answers(RoleReply.class)
                        .versioned()
                        .ifMatch()
                        .by(this::undo),
                new TokenAdviceApi(advisor).operation()));
        operations.addAll(trials.operations());
        return operations;
    }

    private Response ofRole(Caller caller, Request request) {
        String name = request.pathParameter("name");
        RoleAdvice advice = advisor.on(caller, name, AdviceReplies.window(request));
        AppliedAdvice applied = policy.get()
                .role(name)
                .flatMap(role -> changes.lastOn(caller, role))
                .orElse(null);
        return ETag.on(Response.json(200, RoleAdviceReply.of(advice, applied)), advice.tag());
    }

    private Response apply(Caller caller, Request request) {
        Window window =
                Window.of(Integer.toString(request.json(ApplyAdvice.class).window()));
        return reply(changes.apply(caller, request.pathParameter("name"), window, ETag.expected(request)));
    }

    private Response undo(Caller caller, Request request) {
        return reply(changes.undo(caller, request.pathParameter("name"), ETag.expected(request)));
    }

    private Response reply(Role role) {
        return ETag.on(Response.json(200, RoleReply.of(role, policy.get(), roles.usage(role.name()))), role.version());
    }
}
