package dev.latchkey.advice;

import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import dev.latchkey.event.Change;
import dev.latchkey.event.Event;
import dev.latchkey.event.EventType;
import dev.latchkey.registry.RoleFacts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the event of a role says when advice was the reason of the edit. An event has every difference, from what to what, so undoing
 * the edit needs nothing else.
 */
public final class AdviceEvent {
    private static final String WINDOW = "advice window";
    private static final String TRIED = "tried for";
    private static final String CALLS = "counted calls";
    private static final String TOKENS = "counted tokens";
    private static final String VERSION = "role version";
    private static final String UNDOES = "undoes event";

    private AdviceEvent() {}

    /** What the event says about the advice that is applied. */
    static List<Change> applying(RoleAdvice advice, Role becomes) {
        List<Change> changes = new ArrayList<>();
        changes.add(Change.set(WINDOW, advice.window().days() + " days"));
        changes.addAll(counted(advice.evidence().calls(), advice.evidence().tokens()));
        changes.add(Change.set(VERSION, Long.toString(becomes.version())));
        return changes;
    }

    /** What the event says about the trial that is applied. */
    static List<Change> applying(Trial trial, TrialFindings findings, Role becomes) {
        List<Change> changes = new ArrayList<>();
        changes.add(Change.set(
                TRIED, Duration.between(trial.begunAt(), trial.until()).toDays() + " days"));
        changes.addAll(counted(findings.calls(), findings.tokens()));
        changes.add(Change.set(VERSION, Long.toString(becomes.version())));
        return changes;
    }

    /** On how many calls a judgement rests. */
    static List<Change> counted(long calls, int tokens) {
        return List.of(Change.set(CALLS, Long.toString(calls)), Change.set(TOKENS, Integer.toString(tokens)));
    }

    /** What the event says that undoes another one. */
    static List<Change> undoing(long event) {
        return List.of(Change.set(UNDOES, Long.toString(event)));
    }

    /** Whether the event is that of advice that was applied. */
    public static boolean isApplied(Event event) {
        return event.type() == EventType.ROLE_UPDATE
                && (value(event, WINDOW).isPresent() || value(event, TRIED).isPresent());
    }

    /** Whether the event undid advice that had been applied. */
    public static boolean isUndone(Event event) {
        return event.type() == EventType.ROLE_UPDATE && value(event, UNDOES).isPresent();
    }

    /** "never used in at least 90 days", or "tried for 14 days". */
    static String evidence(Event event) {
        return value(event, TRIED)
                .map(days -> "tried for " + days)
                .orElseGet(
                        () -> "never used in at least " + value(event, WINDOW).orElse(""));
    }

    /** The version of the role after the event; 0 when it does not say that. */
    static long version(Event event) {
        return value(event, VERSION)
                .filter(text -> text.matches("[0-9]{1,18}"))
                .map(Long::valueOf)
                .orElse(0L);
    }

    /** The privileges that the event removed. */
    static List<Privilege> removed(Event event) {
        return event.changes().stream()
                .filter(change -> RoleFacts.ALLOW.equals(change.before()) && change.after() == null)
                .map(RoleFacts::privilege)
                .flatMap(Stream::ofNullable)
                .toList();
    }

    private static Optional<String> value(Event event, String field) {
        return event.changes().stream()
                .filter(change -> change.field().equals(field))
                .map(Change::after)
                .flatMap(Stream::ofNullable)
                .findFirst();
    }
}
