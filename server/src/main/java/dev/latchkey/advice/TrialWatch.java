package dev.latchkey.advice;

import dev.latchkey.access.AccessPolicy;
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
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the trials of roles every minute: ends those of which something would have been refused, and lets the others pass when their
 * time has come. Each node looks, and the row's state decides which of them leaves the event.
 */
public final class TrialWatch {
    private static final Caller SELF = Caller.system(Trial.WATCH);

    /** What another node counted is written this much later, at most. */
    private static final Duration LATE = Duration.ofHours(1);

    private final Database database;
    private final EventLog events;
    private final Advisor advisor;
    private final CurrentPolicy policy;
    private final Runnable counted;
    private final Clock clock;
    private final TrialStore store = new TrialStore();

    /** When this node has last looked at a trial, by role and beginning. What was seen then need not be read again. */
    private Map<String, Instant> looked = new HashMap<>();

    /** @param counted writes the calls that are counted and not yet written */
    public TrialWatch(
            Database database, EventLog events, Advisor advisor, CurrentPolicy policy, Runnable counted, Clock clock) {
        this.database = database;
        this.events = events;
        this.advisor = advisor;
        this.policy = policy;
        this.counted = counted;
        this.clock = clock;
    }

    /** Looks at all trials. One that cannot be looked at does not keep the others from it. */
    public synchronized void keepUp() {
        List<Trial> open = database.read(store::open);
        Map<String, Instant> before = looked;
        looked = new HashMap<>();
        if (open.isEmpty()) {
            return;
        }
        counted.run();
        AccessPolicy now = policy.get();
        RuntimeException failure = null;
        for (Trial trial : open) {
            try {
                look(trial, now, before.get(key(trial)));
            } catch (RuntimeException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static String key(Trial trial) {
        return trial.role() + " " + trial.begunAt().toEpochMilli();
    }

    private void look(Trial trial, AccessPolicy now, @Nullable Instant last) {
        if (now.role(trial.role()).isEmpty()) {
            return;
        }
        if (!trial.isAbout(now)) {
            stop(trial, StopReason.ROLE_EDITED, List.of());
            return;
        }
        Instant at = clock.instant();
        Instant from = last == null || last.minus(LATE).isBefore(trial.begunAt()) ? trial.begunAt() : last.minus(LATE);
        TrialFindings lately = advisor.lately(SELF, trial.role(), trial.without(), trial.begunAt(), from);
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
        looked.put(key(trial), at);
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
            if (store.advance(transaction, trial, becomes)) {
                events.append(
                        transaction, new Actor.System(Trial.WATCH, null), type, RoleFacts.target(trial.role()), why);
            }
        });
    }
}
