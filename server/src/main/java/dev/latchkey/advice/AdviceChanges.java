package dev.latchkey.advice;

import static dev.latchkey.access.ManagementApi.AUDIT_READ;
import static dev.latchkey.access.ManagementApi.ROLES_MANAGE;

import dev.latchkey.access.Caller;
import dev.latchkey.access.Role;
import dev.latchkey.event.Event;
import dev.latchkey.event.EventFilter;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventType;
import dev.latchkey.event.TargetKind;
import dev.latchkey.management.ETag;
import dev.latchkey.problem.Page;
import dev.latchkey.problem.Problem;
import dev.latchkey.registry.CurrentPolicy;
import dev.latchkey.registry.RoleFacts;
import dev.latchkey.registry.Roles;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Applies advice to a role, and undoes it. Both are edits of the role like any other: the same rules, one event. What undoing needs
 * is in the event alone.
 */
public final class AdviceChanges {
    /** Behind so many other events of the role, advice that was applied is history. */
    private static final Page.Request FEW = new Page.Request(25, null);

    private static final Duration LATELY = Duration.ofDays(14);

    private final Advisor advisor;
    private final Roles roles;
    private final CurrentPolicy policy;
    private final EventLog events;
    private final Runnable counted;
    private final Clock clock;

    /** @param counted writes the calls that are counted and not yet written */
    public AdviceChanges(
            Advisor advisor, Roles roles, CurrentPolicy policy, EventLog events, Runnable counted, Clock clock) {
        this.advisor = advisor;
        this.roles = roles;
        this.policy = policy;
        this.events = events;
        this.counted = counted;
        this.clock = clock;
    }

    /**
     * Gives the role the proposed terms, if the proposal is still the one that the caller has read.
     *
     * @param read the tag of the advice that the caller has read
     * @throws Problem 412 when something else is proposed by now, 409 when nothing is proposed, 400 without a tag, and what editing
     *     the role refuses
     */
    public Role apply(Caller caller, String name, Window window, ETag.@Nullable Expected read) {
        caller.require(ROLES_MANAGE);
        RoleAdvice advice = proposed(caller, name, window, read);
        return roles.edit(
                caller,
                name,
                old -> advice.terms(),
                (transaction, becomes) -> AdviceEvent.applying(advice, becomes),
                ETag.Expected.of(advice.version()));
    }

    /**
     * The advice that the caller has read, if it is still the same and proposes something.
     *
     * @throws Problem 412 when something else is proposed by now, 409 when nothing is proposed, 400 without a tag
     */
    RoleAdvice proposed(Caller caller, String name, Window window, ETag.@Nullable Expected read) {
        if (read == null) {
            throw Problem.badRequest(
                    "Send If-Match with the ETag of the advice that you have read, so that nothing else is applied.");
        }
        // What was called a moment ago matters as well.
        counted.run();
        RoleAdvice advice = advisor.on(caller, name, window);
        requireRead(advice, read);
        if (!advice.hasProposal()) {
            throw Problem.conflict("nothing_proposed", "There is no advice on the role " + name + " to apply.")
                    .with("doubts", sentences(advice.doubts()));
        }
        return advice;
    }

    /** Writes what was called a moment ago. */
    void writeCounted() {
        counted.run();
    }

    static List<String> sentences(List<Doubt> doubts) {
        return doubts.stream().map(Doubt::sentence).toList();
    }

    private static void requireRead(RoleAdvice advice, ETag.Expected read) {
        try {
            ETag.require(read, advice.tag(), "The advice on the role " + advice.role());
        } catch (Problem problem) {
            throw problem.with(
                            "remove",
                            advice.removed().stream().map(Object::toString).toList())
                    .withHeader("ETag", "\"" + advice.tag() + "\"");
        }
    }

    /**
     * Gives the role the terms that it had before advice was applied to it.
     *
     * @throws Problem 409 when no advice was applied, or when the role was edited since, and what editing the role refuses
     */
    public Role undo(Caller caller, String name, ETag.@Nullable Expected expectedVersion) {
        caller.require(ROLES_MANAGE);
        Role role = Roles.existing(policy.get(), name);
        ETag.require(expectedVersion, role.version(), "The role " + name);
        AppliedAdvice applied = lastOn(role)
                .orElseThrow(() -> Problem.conflict(
                        "no_advice_applied", "There is no applied advice on the role " + name + " to undo."));
        if (!applied.undoable()) {
            throw Problem.conflict(
                    "role_edited_since",
                    "The role " + name
                            + " was edited after the advice was applied, so it cannot be undone as a whole. Look at"
                            + " the history of the role, and change it by hand.");
        }
        return roles.edit(
                caller,
                name,
                now -> RoleFacts.before(now, applied.changes()),
                (transaction, becomes) -> AdviceEvent.undoing(applied.event()),
                ETag.Expected.of(applied.version()));
    }

    /** Whether people should still be told: it can be undone, or was applied lately. */
    public boolean isOfInterest(AppliedAdvice applied) {
        return applied.undoable() || applied.at().plus(LATELY).isAfter(clock.instant());
    }

    /** The advice that was applied to the role last and was not undone, for callers who may undo it or read the log. */
    public Optional<AppliedAdvice> lastOn(Caller caller, Role role) {
        return caller.has(ROLES_MANAGE) || caller.has(AUDIT_READ) ? lastOn(role) : Optional.empty();
    }

    /** The advice that was applied to the role last, if that was not undone and is among the role's newest events. */
    private Optional<AppliedAdvice> lastOn(Role role) {
        List<Event> newest = events.list(EventFilter.about(TargetKind.ROLE, role.name()), FEW).items().stream()
                .filter(event -> !TrialEvent.isOne(event))
                .toList();
        for (Event event : newest) {
            if (AdviceEvent.isApplied(event)) {
                // The version also counts edits that are part of another event, such as that of an API.
                boolean last = event.equals(newest.getFirst()) && AdviceEvent.version(event) == role.version();
                return Optional.of(new AppliedAdvice(
                        event.sequence(),
                        event.at(),
                        AdviceEvent.evidence(event),
                        AdviceEvent.removed(event),
                        event.changes(),
                        AdviceEvent.version(event),
                        last));
            }
            if (AdviceEvent.isUndone(event) || event.type() != EventType.ROLE_UPDATE) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }
}
