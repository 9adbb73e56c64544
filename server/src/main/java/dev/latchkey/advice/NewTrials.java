package dev.latchkey.advice;

import static dev.latchkey.access.ManagementApi.ROLES_MANAGE;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Caller;
import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import dev.latchkey.advice.Trial.State;
import dev.latchkey.advice.Trial.StopReason;
import dev.latchkey.database.Database;
import dev.latchkey.database.Transaction;
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
import java.util.SortedSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Begins trials of roles: of what advice proposes, or of what a caller chooses. */
public final class NewTrials {
    /** The most trials that are watched at the same time. */
    static final int MOST = 100;

    /** What a caller chooses to try must have been visible for so long. */
    private static final Duration VISIBLE = Duration.ofDays(Window.MONTH.days());

    private final Database database;
    private final EventLog events;
    private final Advisor advisor;
    private final AdviceChanges changes;
    private final CurrentPolicy policy;
    private final Roles roles;
    private final Supplier<Integer> days;
    private final Supplier<Integer> kept;
    private final Clock clock;
    private final TrialStore store = new TrialStore();

    /**
     * @param days how long a trial lasts
     * @param kept for how many days usage is kept by the day
     */
    public NewTrials(
            Database database,
            EventLog events,
            Advisor advisor,
            AdviceChanges changes,
            CurrentPolicy policy,
            Roles roles,
            Supplier<Integer> days,
            Supplier<Integer> kept,
            Clock clock) {
        this.database = database;
        this.events = events;
        this.advisor = advisor;
        this.changes = changes;
        this.policy = policy;
        this.roles = roles;
        this.days = days;
        this.kept = kept;
        this.clock = clock;
    }

    /** How long a trial lasts that begins now, in days. */
    public int days() {
        return days.get();
    }

    /**
     * Begins to try what the advice proposes, if it is still the advice that the caller has read.
     *
     * @throws Problem 412 when something else is proposed by now, 409 when nothing is proposed or another trial has not ended, 400 without
     *     a tag
     */
    public Trial begin(Caller caller, String name, Window window, ETag.@Nullable Expected read) {
        requirePrivileges(caller);
        requireKept();
        RoleAdvice advice = changes.proposed(caller, name, window, read);
        return begin(caller, name, advice.removed(), window, ETag.Expected.of(advice.version()));
    }

    /**
     * Begins to try the role without privileges that the caller chooses, whether or not they were used before.
     *
     * @param expectedVersion of the role; null for any
     * @throws Problem 422 for privileges that the role itself does not allow, 409 when calls that need them may not be seen, or when
     *     another trial has not ended
     */
    public Trial begin(
            Caller caller, String name, SortedSet<Privilege> without, ETag.@Nullable Expected expectedVersion) {
        requirePrivileges(caller);
        requireAllowed(Roles.existing(policy.get(), name), without);
        requireKept();
        List<Doubt> doubts = advisor
                .since(caller, name, without, clock.instant().minus(VISIBLE))
                .doubts()
                .stream()
                // What was lost before does not matter to what comes.
                .filter(doubt -> doubt.reason() != Reason.LOST_CHANGES)
                .toList();
        if (!doubts.isEmpty()) {
            throw Problem.conflict(
                            "cannot_be_tried",
                            "Trying the role " + name
                                    + " would prove nothing: calls that need these privileges may not be" + " seen. "
                                    + doubts.getFirst().sentence())
                    .with("doubts", AdviceChanges.sentences(doubts));
        }
        return begin(caller, name, without, null, expectedVersion);
    }

    /**
     * Makes sure that the caller may begin trials.
     *
     * @throws Problem 403 without {@code roles:manage}, {@code roles:read} and {@code tokens:read}
     */
    static void requirePrivileges(Caller caller) {
        caller.require(ROLES_MANAGE);
        Advisor.requireReading(caller);
    }

    private static void requireAllowed(Role role, SortedSet<Privilege> without) {
        if (without.isEmpty()) {
            throw Problem.invalid("remove", "Send at least one privilege.");
        }
        for (Privilege privilege : without) {
            if (!role.allowed().contains(privilege)) {
                throw Problem.invalid(
                        "remove", "The role " + role.name() + " itself does not allow " + privilege + ".");
            }
        }
    }

    /** What was called at the beginning must still be known at the end. */
    private void requireKept() {
        if (kept.get() < days.get()) {
            throw Problem.conflict(
                    "usage_not_kept",
                    "A trial takes " + days.get() + " days (advice-trial-days), but what tokens call is kept for "
                            + kept.get() + " days (usage-days-days). Keep it for longer, or shorten the trial.");
        }
    }

    private Trial begin(
            Caller caller,
            String name,
            SortedSet<Privilege> without,
            @Nullable Window window,
            ETag.@Nullable Expected expectedVersion) {
        // What is called from now on is counted from now on.
        changes.writeCounted();
        Instant at = clock.instant();
        return database.write(transaction -> {
            // The policy that this node knows may be a moment behind a change on another one.
            AccessPolicy now = roles.graph(transaction);
            Role role = Roles.existing(now, name);
            ETag.require(expectedVersion, role.version(), "The role " + name);
            requireAllowed(role, without);
            Trial trial = new Trial(
                    name,
                    at,
                    caller.name(),
                    at.plus(Duration.ofDays(days.get())),
                    window == null ? null : window.days(),
                    without,
                    role.version(),
                    Trial.about(now, name),
                    State.RUNNING,
                    null,
                    List.of());
            int others = 0;
            for (Trial other : store.open(transaction.handle())) {
                if (other.role().equals(name)) {
                    replace(transaction, caller, other.asOf(now, at), other);
                } else {
                    others++;
                }
            }
            if (others >= MOST) {
                throw Problem.conflict(
                        "too_many_trials", "There are already " + MOST + " trials of roles. Apply or stop one first.");
            }
            store.save(transaction, trial);
            append(transaction, caller, EventType.ROLE_BEGIN_TRIAL, name, TrialEvent.begun(trial));
            return trial;
        });
    }

    /** Makes room for another trial of a role whose last one has ended, although the watch has not noticed yet. */
    private void replace(Transaction transaction, Caller caller, Trial over, Trial known) {
        if (over.isOpen()) {
            throw Problem.conflict(
                    "trial_not_over", "The role " + known.role() + " is being tried already. Stop that trial first.");
        }
        if (store.advance(transaction, known, over)) {
            List<Change> why = TrialEvent.stopped(StopReason.ROLE_EDITED, List.of());
            append(transaction, caller, EventType.ROLE_STOP_TRIAL, known.role(), why);
        }
    }

    private void append(Transaction transaction, Caller caller, EventType type, String role, List<Change> why) {
        events.append(transaction, caller.actingWith(ROLES_MANAGE), type, RoleFacts.target(role), why);
    }
}
