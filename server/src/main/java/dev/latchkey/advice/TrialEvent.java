package dev.latchkey.advice;

import dev.latchkey.access.Privilege;
import dev.latchkey.event.Change;
import dev.latchkey.event.Event;
import dev.latchkey.event.EventType;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/** What the events say about a trial of a role. None of them changes the role. */
final class TrialEvent {
    private static final Set<EventType> TYPES =
            Set.of(EventType.ROLE_BEGIN_TRIAL, EventType.ROLE_PASS_TRIAL, EventType.ROLE_STOP_TRIAL);

    private static final String WITHOUT = "without";
    private static final String REASON = "reason";

    /** An event names so many of the calls that would have been refused. */
    private static final int MOST_NAMED = 10;

    private TrialEvent() {}

    static boolean isOne(Event event) {
        return TYPES.contains(event.type());
    }

    static List<Change> begun(Trial trial) {
        List<Change> changes = new ArrayList<>(without(trial.without()));
        changes.add(Change.set(
                "until", trial.until().truncatedTo(ChronoUnit.SECONDS).toString()));
        Integer window = trial.windowDays();
        if (window != null) {
            changes.add(Change.set("not used for", window + " days"));
        }
        return changes;
    }

    static List<Change> passed(Trial trial, TrialFindings findings) {
        List<Change> changes = new ArrayList<>(without(trial.without()));
        changes.addAll(AdviceEvent.counted(findings.calls(), findings.tokens()));
        return changes;
    }

    static List<Change> stopped(Trial.StopReason reason, List<RefusedCalls> refused) {
        List<Change> changes = new ArrayList<>();
        changes.add(Change.set(REASON, reason.text()));
        refused.stream().limit(MOST_NAMED).forEach(calls -> changes.add(Change.set("would refuse", calls.sentence())));
        return changes;
    }

    private static List<Change> without(Collection<Privilege> privileges) {
        return privileges.stream()
                .map(privilege -> Change.set(WITHOUT, privilege.toString()))
                .toList();
    }
}
