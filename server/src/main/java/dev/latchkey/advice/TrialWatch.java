package dev.latchkey.advice;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Api;
import dev.latchkey.access.Caller;
import dev.latchkey.advice.Trial.Ending;
import dev.latchkey.advice.Trial.State;
import dev.latchkey.advice.Trial.StopReason;
import dev.latchkey.database.Database;
import dev.latchkey.event.Actor;
import dev.latchkey.event.Change;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventType;
import dev.latchkey.registry.CurrentPolicy;
import dev.latchkey.registry.RoleFacts;
import dev.latchkey.registry.Roles;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Looks at the trials of roles every few minutes: ends those of which something would have been refused, and lets the others pass when their
 * time has come. Each node looks, and the row's state decides which of them leaves the event.
 */
public final class TrialWatch {
    private static final Caller SELF = Caller.system(Trial.WATCH);

    /** What another node counted is written this much later, at most: for a day it keeps what cannot be written. */
    private static final Duration LATE = Duration.ofHours(25);

    /** Other work waits for a turn, so trials take turns: all {@link NewTrials#MOST} are looked at within five minutes. */
    private static final int MOST_AT_ONCE = 20;

    private final Database database;
    private final EventLog events;
    private final Advisor advisor;
    private final CurrentPolicy policy;
    private final Roles roles;
    private final Runnable counted;
    private final Clock clock;
    private final TrialStore store = new TrialStore();

    /** How this node has last looked at a trial, by role and beginning. What was seen then need not be read again. */
    private final Map<String, Look> looked = new HashMap<>();

    /** The role whose turn it was last. */
    private String last = "";

    /** @param apis in their versions: with other endpoints the same calls may need something else */
    private record Look(Instant at, List<String> apis) {}

    /** @param counted writes the calls that are counted and not yet written */
    public TrialWatch(
            Database database,
            EventLog events,
            Advisor advisor,
            CurrentPolicy policy,
            Roles roles,
            Runnable counted,
            Clock clock) {
        this.database = database;
        this.events = events;
        this.advisor = advisor;
        this.policy = policy;
        this.roles = roles;
        this.counted = counted;
        this.clock = clock;
    }

    /** Looks at the trials whose turn it is. One that cannot be looked at does not keep the others from it. */
    public synchronized void keepUp() {
        List<Trial> open = database.read(store::open);
        looked.keySet().retainAll(open.stream().map(TrialWatch::key).toList());
        if (open.isEmpty()) {
            return;
        }
        counted.run();
        AccessPolicy now = policy.get();
        RuntimeException failure = null;
        for (Trial trial : turn(open)) {
            last = trial.role();
            try {
                look(trial, now);
            } catch (RuntimeException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** The next few after the role whose turn it was last. */
    private List<Trial> turn(List<Trial> open) {
        String before = last;
        return open.stream()
                .sorted(Comparator.comparing((Trial trial) -> trial.role().compareTo(before) <= 0)
                        .thenComparing(Trial::role))
                .limit(MOST_AT_ONCE)
                .toList();
    }

    private static String key(Trial trial) {
        return trial.role() + " " + trial.begunAt().toEpochMilli();
    }

    private void look(Trial trial, AccessPolicy now) {
        if (now.role(trial.role()).isEmpty()) {
            return;
        }
        if (!trial.isAbout(now)) {
            stop(trial, StopReason.ROLE_EDITED, List.of());
            return;
        }
        Instant at = clock.instant();
        List<String> apis = now.apis().stream().map(TrialWatch::version).toList();
        TrialFindings lately = advisor.lately(SELF, trial.role(), trial.without(), trial.begunAt(), from(trial, apis));
        if (stops(trial, lately)) {
            return;
        }
        if (trial.state() == State.RUNNING && !at.isBefore(trial.until())) {
            // Everything again: what an endpoint needs may have changed since an earlier look.
            TrialFindings all = advisor.since(SELF, trial.role(), trial.without(), trial.begunAt());
            if (!stops(trial, all)) {
                pass(trial, all);
            }
            return;
        }
        looked.put(key(trial), new Look(at, apis));
    }

    private static String version(Api api) {
        return api.name() + " " + api.createdAt() + " " + api.version();
    }

    /** From when on calls have not been looked at yet. */
    private Instant from(Trial trial, List<String> apis) {
        Look before = looked.get(key(trial));
        if (before == null || !before.apis().equals(apis)) {
            return trial.begunAt();
        }
        Instant from = before.at().minus(LATE);
        return from.isBefore(trial.begunAt()) ? trial.begunAt() : from;
    }

    private boolean stops(Trial trial, TrialFindings findings) {
        if (!findings.refused().isEmpty()) {
            stop(trial, StopReason.WOULD_REFUSE, findings.refused());
            return true;
        }
        if (findings.doubts().stream().anyMatch(doubt -> doubt.reason() == Reason.TOO_MANY_TOKENS)) {
            stop(trial, StopReason.TOO_MANY_TOKENS, List.of());
            return true;
        }
        return false;
    }

    private void pass(Trial trial, TrialFindings findings) {
        advance(trial, trial.passed(), EventType.ROLE_PASS_TRIAL, TrialEvent.passed(trial, findings));
    }

    private void stop(Trial trial, StopReason reason, List<RefusedCalls> refused) {
        List<RefusedCalls> kept = refused.subList(0, Math.min(refused.size(), RefusedCalls.MOST_KEPT));
        Trial stopped = trial.ended(State.STOPPED, new Ending(clock.instant(), Trial.WATCH, reason), kept);
        advance(trial, stopped, EventType.ROLE_STOP_TRIAL, TrialEvent.stopped(reason, kept));
    }

    private void advance(Trial trial, Trial becomes, EventType type, List<Change> why) {
        database.change(transaction -> {
            // The policy that this node knows may be a moment behind a change on another one.
            boolean edited = !trial.isAbout(roles.graph(transaction));
            if (edited == becomes.stoppedBecause(StopReason.ROLE_EDITED)
                    && store.advance(transaction, trial, becomes)) {
                events.append(
                        transaction, new Actor.System(Trial.WATCH, null), type, RoleFacts.target(trial.role()), why);
            }
        });
    }
}
