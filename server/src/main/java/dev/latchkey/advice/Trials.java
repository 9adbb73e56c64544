package dev.latchkey.advice;

import static dev.latchkey.access.ManagementApi.ROLES_MANAGE;
import static dev.latchkey.access.ManagementApi.ROLES_READ;
import static dev.latchkey.access.ManagementApi.TOKENS_READ;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Caller;
import dev.latchkey.access.Role;
import dev.latchkey.advice.Trial.Ending;
import dev.latchkey.advice.Trial.State;
import dev.latchkey.advice.Trial.StopReason;
import dev.latchkey.database.Database;
import dev.latchkey.event.Change;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventType;
import dev.latchkey.management.ETag;
import dev.latchkey.problem.Problem;
import dev.latchkey.registry.CurrentPolicy;
import dev.latchkey.registry.RoleFacts;
import dev.latchkey.registry.Roles;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Trials of roles: how they are, and how they are stopped and applied. During a trial the role stays as it is, so nothing happens on the
 * path of a request; {@link TrialWatch} looks at what was counted.
 */
public final class Trials {
    /** People are told for so long that something would have been refused. */
    private static final Duration LATELY = Duration.ofDays(14);

    private static final int MOST_TOLD = 10;

    private final Database database;
    private final EventLog events;
    private final Advisor advisor;
    private final AdviceChanges changes;
    private final Roles roles;
    private final CurrentPolicy policy;
    private final Clock clock;
    private final TrialStore store = new TrialStore();

    public Trials(
            Database database,
            EventLog events,
            Advisor advisor,
            AdviceChanges changes,
            Roles roles,
            CurrentPolicy policy,
            Clock clock) {
        this.database = database;
        this.events = events;
        this.advisor = advisor;
        this.changes = changes;
        this.roles = roles;
        this.policy = policy;
        this.clock = clock;
    }

    /**
     * The last trial of the role.
     *
     * @throws Problem 403 without {@code roles:read} and {@code tokens:read}; 404 when there is no such role
     */
    public Optional<Trial> find(Caller caller, String name) {
        Advisor.requireReading(caller);
        Roles.existing(policy.get(), name);
        return database.read(handle -> store.find(handle, name))
                .map(trial -> trial.asOf(policy.get(), clock.instant()));
    }

    /**
     * The last trial of the role.
     *
     * @throws Problem 404 when there is none
     */
    public Trial existing(Caller caller, String name) {
        return find(caller, name).orElseThrow(() -> noTrial(name));
    }

    private static Problem noTrial(String name) {
        return Problem.notFound("The role " + name + " has had no trial.");
    }

    /** What became of the calls since the trial began. */
    public TrialFindings findings(Caller caller, Trial trial) {
        return advisor.since(caller, trial.role(), trial.without(), trial.begunAt());
    }

    /** A few trials that passed, and that stopped lately because something would have been refused; none for a caller who may not see them. */
    public List<Trial> ready(Caller caller) {
        if (!caller.has(ROLES_READ) || !caller.has(TOKENS_READ)) {
            return List.of();
        }
        AccessPolicy now = policy.get();
        List<Trial> found =
                database.read(handle -> store.ready(handle, clock.instant().minus(LATELY), MOST_TOLD));
        return found.stream()
                .map(trial -> trial.asOf(now, clock.instant()))
                .filter(trial -> !trial.stoppedBecause(StopReason.ROLE_EDITED))
                .toList();
    }

    /** Whether a page should still show the trial. */
    public boolean isOfInterest(Trial trial) {
        Ending ending = trial.ending();
        return ending == null
                || (trial.state() == State.STOPPED
                        && ending.reason() != StopReason.BY_HAND
                        && ending.at().plus(LATELY).isAfter(clock.instant()));
    }

    /**
     * Stops the role's trial; nothing happens when it has ended.
     *
     * @param read the tag of the trial that the caller has read; null for any
     * @throws Problem 412 when it is another trial or in another state by now
     */
    public void stop(Caller caller, String name, ETag.@Nullable Expected read) {
        caller.require(ROLES_MANAGE);
        Advisor.requireReading(caller);
        Roles.existing(policy.get(), name);
        database.change(transaction -> {
            Trial trial = store.find(transaction.handle(), name).orElseThrow(() -> noTrial(name));
            Instant at = clock.instant();
            ETag.require(read, trial.asOf(roles.graph(transaction), at).tag(), about(name));
            Ending ending = new Ending(at, caller.name(), StopReason.BY_HAND);
            if (trial.isOpen() && store.advance(transaction, trial, trial.ended(State.STOPPED, ending, List.of()))) {
                List<Change> why = TrialEvent.stopped(StopReason.BY_HAND, List.of());
                events.append(
                        transaction,
                        caller.actingWith(ROLES_MANAGE),
                        EventType.ROLE_STOP_TRIAL,
                        RoleFacts.target(name),
                        why);
            }
        });
    }

    /**
     * Takes from the role exactly what was tried, as one edit that can be undone like applied advice.
     *
     * @param read the tag of the trial that the caller has read
     * @throws Problem 412 when it is another trial or in another state by now, 409 when it has not passed or calls would be refused
     *     after all, 400 without a tag, and what editing the role refuses
     */
    public Role apply(Caller caller, String name, ETag.@Nullable Expected read) {
        caller.require(ROLES_MANAGE);
        Advisor.requireReading(caller);
        if (read == null) {
            throw Problem.badRequest(
                    "Send If-Match with the ETag of the trial that you have read, so that nothing else is applied.");
        }
        AccessPolicy now = policy.get();
        Trial trial = existing(caller, name);
        ETag.require(read, trial.tag(), about(name));
        if (trial.state() != State.PASSED) {
            throw Problem.conflict(
                    "trial_not_passed", "The trial of the role " + name + " has not passed, so it cannot be applied.");
        }
        changes.writeCounted();
        TrialFindings findings = findings(caller, trial);
        if (!findings.refused().isEmpty()) {
            throw Problem.conflict(
                            "would_refuse",
                            "The role " + name + " would now refuse calls that it allows: "
                                    + findings.refused().getFirst().sentence() + ".")
                    .with("refused", AdviceReplies.RefusedReply.of(findings.refused()));
        }
        if (!findings.doubts().isEmpty()) {
            throw Problem.conflict(
                            "not_certain",
                            "Calls that the role " + name + " would refuse may not have been seen. "
                                    + findings.doubts().getFirst().sentence())
                    .with("doubts", AdviceChanges.sentences(findings.doubts()));
        }
        return roles.edit(
                caller,
                name,
                trial::terms,
                (transaction, becomes) -> {
                    Ending ending = new Ending(clock.instant(), caller.name(), null);
                    if (!trial.isAbout(roles.graph(transaction))
                            || !store.advance(transaction, trial, trial.ended(State.APPLIED, ending, List.of()))) {
                        throw Problem.conflict(
                                "trial_not_passed", "The trial of the role " + name + " has ended since you read it.");
                    }
                    return AdviceEvent.applying(trial, findings, becomes);
                },
                ETag.Expected.of(Roles.existing(now, name).version()));
    }

    private static String about(String name) {
        return "The trial of the role " + name;
    }
}
