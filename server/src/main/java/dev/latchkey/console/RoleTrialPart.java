package dev.latchkey.console;

import dev.latchkey.access.Caller;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Role;
import dev.latchkey.advice.Advisor;
import dev.latchkey.advice.Reason;
import dev.latchkey.advice.RefusedCalls;
import dev.latchkey.advice.Trial;
import dev.latchkey.advice.Trial.StopReason;
import dev.latchkey.advice.TrialFindings;
import dev.latchkey.advice.Trials;
import dev.latchkey.registry.Roles;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a role's page says about its trial.
 *
 * @param findings what became of the calls since it began; null when it has ended or they were not looked at
 */
public record RoleTrialPart(Trial trial, @Nullable TrialFindings findings) {
    private static final int MOST_SHOWN = 20;

    /** Empty when there is nothing to tell, and for a viewer who may not see tokens. */
    static Optional<RoleTrialPart> of(Visit visit, Role role, Trials trials, Roles roles) {
        Caller caller = visit.caller();
        if (!caller.has(ManagementApi.TOKENS_READ)) {
            return Optional.empty();
        }
        boolean looks = Links.asksForTrial(visit.request().query()) || Advisor.isQuick(roles.usage(role.name()));
        return trials.find(caller, role.name())
                .filter(trials::isOfInterest)
                .map(trial ->
                        new RoleTrialPart(trial, looks && trial.isOpen() ? trials.findings(caller, trial) : null));
    }

    /** Whether its calls are only looked at when someone asks. */
    public boolean isUnread() {
        return trial.isOpen() && findings == null;
    }

    public boolean isPassed() {
        return trial.state() == Trial.State.PASSED;
    }

    /** What the tried role lacks, in words. */
    public String without() {
        return RoleAdvicePart.names(List.copyOf(trial.without()), RoleAdvicePart.MOST_REMOVED);
    }

    /** What was or would have been refused, the newest first. */
    public List<RefusedCalls> refused() {
        List<RefusedCalls> all = findings == null ? trial.refused() : findings.refused();
        return all.subList(0, Math.min(all.size(), MOST_SHOWN));
    }

    /** "none of 3,020 counted calls of 1 token would have been refused." */
    public String looked() {
        if (findings == null) {
            return "";
        }
        if (findings.doubts().stream().anyMatch(doubt -> doubt.reason() == Reason.TOO_MANY_TOKENS)) {
            return "not all calls of its tokens were looked at.";
        }
        if (findings.calls() == 0) {
            return "no call of its tokens was counted.";
        }
        return (refused().isEmpty() ? "none of " : "some of ") + Amounts.of(findings.calls(), "counted call") + " of "
                + Amounts.of(findings.tokens(), "token") + " would have been refused.";
    }

    /** Why calls may not have been seen. */
    public List<String> doubts() {
        return findings == null
                ? List.of()
                : findings.doubts().stream().map(doubt -> doubt.sentence()).toList();
    }

    /** Whether it can be applied now. */
    public boolean isReady() {
        return isPassed() && !isUnread() && refused().isEmpty() && doubts().isEmpty();
    }

    /** How long it takes: "14 days". */
    public String length() {
        return Amounts.of(Duration.between(trial.begunAt(), trial.until()).toDays(), "day");
    }

    /** Whether its time has come, although it has not passed yet. */
    public boolean isDue(Instant now) {
        return !now.isBefore(trial.until());
    }

    /** How long it still takes: "13 more days". */
    public String left(Instant now) {
        long days = Duration.between(now, trial.until()).toDays();
        return days > 0 ? Amounts.of(days, "more day") : "less than a day";
    }

    /** Why it stopped, in a sentence. */
    public String stopped() {
        Trial.Ending ending = trial.ending();
        StopReason reason = ending == null ? null : ending.reason();
        return switch (reason) {
            case WOULD_REFUSE -> "The role without " + without() + " would have refused calls. They were allowed.";
            case ROLE_EDITED ->
                "The role, or a role that it includes, was edited during the trial, so the trial says nothing about it.";
            case TOO_MANY_TOKENS ->
                "The role has too many tokens, or they made too many calls, to look at all of them.";
            case BY_HAND -> "It was stopped by hand.";
            case OTHER -> "Another version of Latchkey stopped it.";
            case null -> "";
        };
    }
}
