package dev.latchkey.advice;

import static dev.latchkey.access.ManagementApi.ROLES_MANAGE;
import static dev.latchkey.access.ManagementApi.ROLES_READ;

import dev.latchkey.access.Caller;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import dev.latchkey.advice.AdviceReplies.DoubtReply;
import dev.latchkey.advice.AdviceReplies.RefusedReply;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.management.Doc;
import dev.latchkey.management.ETag;
import dev.latchkey.management.Operation;
import dev.latchkey.management.Tag;
import dev.latchkey.problem.Problem;
import dev.latchkey.registry.CurrentPolicy;
import dev.latchkey.registry.PrivilegeGrant;
import dev.latchkey.registry.RoleReply;
import dev.latchkey.registry.Roles;
import java.time.Instant;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The management API's calls for trials of roles. */
public final class TrialApi {
    private static final String PATH = "/roles/{name}/advice/trial";

    private final NewTrials beginnings;
    private final Trials trials;
    private final Roles roles;
    private final CurrentPolicy policy;

    public TrialApi(NewTrials beginnings, Trials trials, Roles roles, CurrentPolicy policy) {
        this.beginnings = beginnings;
        this.trials = trials;
        this.roles = roles;
        this.policy = policy;
    }

    /** What is tried: what the advice for a window proposes, or chosen privileges. */
    public record BeginTrial(
            @Doc("In days, as in the advice that was read: 30, 90 or 365; the trial is of what it proposes") @Nullable Integer window,

            @Doc("Instead of a window: privileges that the role itself allows, each with the effect allow") @Nullable List<PrivilegeGrant> remove) {}

    /** A trial of a role. */
    public record TrialReply(
            String role,
            @Doc("running, passed, stopped or applied") String state,
            @Doc("What the tried role lacks") List<PrivilegeGrant> remove,

            @Doc("For how many days that had not been used; absent when a caller chose it") @Nullable Integer window,

            @Doc("The version of the role at the beginning") long roleVersion,
            Instant begunAt,
            String begunBy,
            @Doc("When it passes") Instant until,

            @Doc("How many calls were looked at so far; absent when it has ended") @Nullable Long calls,

            @Doc("How many API tokens made them; absent when it has ended") @Nullable Integer tokens,

            @Doc("What would have been refused, the newest first, at most 20")
            List<RefusedReply> refused,

            @Doc("Why calls may not have been seen. As long as there is one, a trial that passed cannot be applied")
            List<DoubtReply> doubts,

            @Nullable Instant endedAt,
            @Nullable String endedBy,

            @Doc(
                    "Why it stopped: would_refuse, role_edited (the role, or a role below it, allows or includes something else),"
                            + " too_many_tokens or by_hand")
            @Nullable String reason) {

        static TrialReply of(Trial trial, @Nullable TrialFindings findings) {
            Trial.Ending ending = trial.ending();
            Trial.StopReason reason = ending == null ? null : ending.reason();
            return new TrialReply(
                    trial.role(),
                    trial.state().text(),
                    trial.without().stream().map(PrivilegeGrant::allow).toList(),
                    trial.windowDays(),
                    trial.version(),
                    trial.begunAt(),
                    trial.begunBy(),
                    trial.until(),
                    findings == null ? null : findings.calls(),
                    findings == null ? null : findings.tokens(),
                    RefusedReply.of(findings == null ? trial.refused() : findings.refused()),
                    findings == null ? List.of() : DoubtReply.of(findings.doubts()),
                    ending == null ? null : ending.at(),
                    ending == null ? null : ending.by(),
                    reason == null ? null : reason.text());
        }
    }

    public List<Operation> operations() {
        return List.of(
                Operation.post(PATH)
                        .id("tryRoleAdvice")
                        .tag(Tag.ROLES)
                        .needs(ROLES_MANAGE)
                        .summary("Try a role without some of its privileges")
                        .description(
                                "For 14 days (advice-trial-days) the role stays as it is, and what its tokens call is compared with what"
                                        + " would be left of it. As soon as a call would have been refused, the trial stops and says which;"
                                        + " otherwise it passes and can be applied. Needs roles:read and tokens:read as well. With window,"
                                        + " the trial is of what the advice proposes, and If-Match must have the ETag of the advice that was"
                                        + " read: 412 with what is proposed now, 409 when nothing is. With remove, it is of these"
                                        + " privileges, whether or not they were used before; If-Match may have the ETag of the role, and the"
                                        + " reply is 409 with the doubts when calls that need them may not be seen. A role has one trial at a"
                                        + " time: 409 until the last one has ended. It is also 409 when usage is kept for fewer days than a"
                                        + " trial takes (usage-days-days).")
                        .takes(BeginTrial.class)
                        .creates(TrialReply.class)
                        .versioned()
                        .ifMatch()
                        .by(this::begin),
                Operation.get(PATH)
                        .id("getRoleTrial")
                        .tag(Tag.ROLES)
                        .needs(ROLES_READ)
                        .summary("See how the trial of a role goes")
                        .description(
                                "The last trial of the role, even when it has ended. Needs tokens:read as well. The ETag names the trial"
                                        + " and its state, and stays the same while only the numbers of calls change.")
                        .answers(TrialReply.class)
                        .versioned()
                        .by(this::find),
                Operation.delete(PATH)
                        .id("stopRoleTrial")
                        .tag(Tag.ROLES)
                        .needs(ROLES_MANAGE)
                        .summary("Stop trying a role")
                        .description(
                                "The role stays as it is, and the trial can still be read. Needs roles:read and tokens:read as"
                                        + " well. If-Match may have the ETag of the trial, so that no other one is stopped.")
                        .answersNothing()
                        .ifMatch()
                        .by(this::stop),
                Operation.post(PATH + "/apply")
                        .id("applyRoleTrial")
                        .tag(Tag.ROLES)
                        .needs(ROLES_MANAGE)
                        .summary("Apply the trial of a role")
                        .description(
                                "Takes from the role exactly what was tried, once the trial has passed, as one event that POST"
                                        + " /roles/{name}/advice/undo reverses. Needs roles:read and tokens:read as well, and the caller must"
                                        + " have what is removed, as for every change of a role. If-Match must have the ETag of the trial. All"
                                        + " calls since the beginning are looked at again: the reply is 409, with refused or with"
                                        + " doubts, when one would be refused or may not have been seen.")
                        .answers(RoleReply.class)
                        .versioned()
                        .ifMatch()
                        .by(this::apply));
    }

    private Response begin(Caller caller, Request request) {
        NewTrials.requirePrivileges(caller);
        BeginTrial wanted = request.json(BeginTrial.class);
        String name = request.pathParameter("name");
        if ((wanted.window() == null) == (wanted.remove() == null)) {
            throw Problem.invalid("window", "Send either window or remove.");
        }
        Trial trial = wanted.remove() == null
                ? beginnings.begin(caller, name, Window.of(String.valueOf(wanted.window())), ETag.expected(request))
                : beginnings.begin(caller, name, privileges(wanted.remove()), ETag.expected(request));
        return ETag.on(Response.json(201, reply(caller, trial)), trial.tag())
                .with("Location", ManagementApi.BASE_PATH + "/roles/" + name + "/advice/trial");
    }

    private static SortedSet<Privilege> privileges(List<PrivilegeGrant> grants) {
        SortedSet<Privilege> privileges = new TreeSet<>();
        for (PrivilegeGrant grant : grants) {
            if (!grant.equals(PrivilegeGrant.allow(grant.of()))) {
                throw Problem.invalid("remove", "Send privileges with the effect allow: a trial removes only those.");
            }
            privileges.add(grant.of());
        }
        return privileges;
    }

    private Response find(Caller caller, Request request) {
        Trial trial = trials.existing(caller, request.pathParameter("name"));
        return ETag.on(Response.json(200, reply(caller, trial)), trial.tag());
    }

    private TrialReply reply(Caller caller, Trial trial) {
        return TrialReply.of(trial, trial.isOpen() ? trials.findings(caller, trial) : null);
    }

    private Response stop(Caller caller, Request request) {
        trials.stop(caller, request.pathParameter("name"), ETag.expected(request));
        return Response.noContent();
    }

    private Response apply(Caller caller, Request request) {
        Role role = trials.apply(caller, request.pathParameter("name"), ETag.expected(request));
        return ETag.on(Response.json(200, RoleReply.of(role, policy.get(), roles.usage(role.name()))), role.version());
    }
}
