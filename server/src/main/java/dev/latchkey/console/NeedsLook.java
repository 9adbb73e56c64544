package dev.latchkey.console;

import static dev.latchkey.access.ManagementApi.ACCOUNT_MANAGE;
import static dev.latchkey.access.ManagementApi.AUDIT_READ;
import static dev.latchkey.access.ManagementApi.TOKENS_READ;

import dev.latchkey.access.Caller;
import dev.latchkey.advice.Trial;
import dev.latchkey.advice.Trials;
import dev.latchkey.apitoken.ApiToken.State;
import dev.latchkey.apitoken.ApiTokenQuery;
import dev.latchkey.apitoken.ApiTokenQuery.Trait;
import dev.latchkey.apitoken.ApiTokens;
import dev.latchkey.apitoken.Count;
import dev.latchkey.apitoken.LastWeek;
import dev.latchkey.audit.HistoryApi;
import dev.latchkey.console.Overview.Look;
import dev.latchkey.event.Attention;
import dev.latchkey.health.Finding;
import dev.latchkey.health.Health;
import dev.latchkey.problem.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds what needs a look: of the installation, of its history, of its tokens, and of roles that are tried. Each leads to a list that shows exactly that. */
final class NeedsLook {
    private static final String WARN = "warn";

    /** A filter of the list of tokens, and why it is worth a look; %s in the text is how long an idle one is unused. */
    private record Reason(String label, String text, String css, TokenFilter filter) {}

    private static final List<Reason> REASONS = List.of(
            new Reason(
                    "Revoked and still used",
                    "Programs that were forgotten, or thieves, presented them in the last 7 days, as far as this node knows.",
                    "bad",
                    filter(State.REVOKED, "only", Trait.STILL_USED.text())),
            new Reason(
                    "Owner has left",
                    "No one answers for them. Choose another owner, or revoke them.",
                    WARN,
                    filter(State.ACTIVE, "owner", ApiTokenQuery.DEPARTED)),
            new Reason(
                    "Expiring",
                    "They stop working within 14 days.",
                    WARN,
                    new TokenFilter(Map.of("state", List.of(State.EXPIRING.text())))),
            new Reason(
                    "Idle",
                    "Not used for %s. Revoke what no program needs.",
                    WARN,
                    filter(State.ACTIVE, "only", Trait.IDLE.text())),
            new Reason(
                    "Refused often",
                    "In the last 7 days, at least " + LastWeek.OFTEN
                            + " of a token's calls were refused, and more than a tenth, not counting ended access tokens. Its page"
                            + " says which: the program needs another role, or a look.",
                    WARN,
                    filter(State.ACTIVE, "only", Trait.REFUSED_OFTEN.text())),
            new Reason(
                    "Powerful and little used",
                    "Their roles may change who may do what, and they called at most " + LastWeek.FEW_ENDPOINTS
                            + " endpoints in the last 7 days. Give them less, or revoke them.",
                    WARN,
                    filter(State.ACTIVE, "only", Trait.POWERFUL_LITTLE_USED.text())),
            new Reason(
                    "Powerful",
                    "Their roles may change who may do what.",
                    "off",
                    filter(State.ACTIVE, "only", Trait.POWERFUL.text())));

    private final ApiTokens apiTokens;
    private final HistoryApi history;
    private final Trials trials;
    private final Health health;

    NeedsLook(ApiTokens apiTokens, HistoryApi history, Trials trials, Health health) {
        this.apiTokens = apiTokens;
        this.history = history;
        this.trials = trials;
        this.health = health;
    }

    private static TokenFilter filter(State state, String name, String value) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        values.put("state", List.of(state.text()));
        values.put(name, List.of(value));
        return new TokenFilter(values);
    }

    /** Null for a person who may not see any of it. */
    @Nullable List<Look> of(Caller caller) {
        List<Look> looks = new ArrayList<>();
        boolean managesAccount = caller.has(ACCOUNT_MANAGE);
        if (managesAccount) {
            health.report(caller).findings().stream()
                    .filter(finding -> finding.toDo() != null)
                    .map(NeedsLook::look)
                    .forEach(looks::add);
        } else if (caller.has(AUDIT_READ)) {
            Attention attention = history.attention(caller);
            if (attention.isNeeded()) {
                looks.add(new Look(
                        "Lost changes",
                        Amounts.number(attention.open()),
                        "The database has lost changes, or its history has changed.",
                        Links.lostChanges(attention),
                        "bad"));
            }
        }
        if (caller.has(TOKENS_READ)) {
            REASONS.forEach(reason -> add(looks, caller, reason));
            trials.ready(caller).forEach(trial -> looks.add(look(trial)));
        }
        return managesAccount || caller.has(AUDIT_READ) || caller.has(TOKENS_READ) ? List.copyOf(looks) : null;
    }

    private static Look look(Finding finding) {
        String page = HealthWords.page(finding.topic());
        return new Look(
                HealthWords.of(finding.topic()),
                HealthWords.of(finding.status()),
                finding.found(),
                page == null ? Links.HEALTH : page,
                HealthWords.css(finding.status()));
    }

    private static Look look(Trial trial) {
        boolean passed = trial.state() == Trial.State.PASSED;
        return new Look(
                "Tried role " + trial.role(),
                passed ? "Passed" : "Stopped",
                passed
                        ? "Its trial has passed, and is ready to be looked at."
                        : "Without what was tried it would have refused calls.",
                Links.trial(trial.role()),
                passed ? "ok" : "off");
    }

    private void add(List<Look> looks, Caller caller, Reason reason) {
        String idle = Amounts.of(apiTokens.idleDays(), "day");
        String count = "Not counted";
        try {
            Count found =
                    apiTokens.count(caller, ApiTokenQuery.from(reason.filter().parameters()));
            if (found.number() == 0 && found.isExact()) {
                return;
            }
            count = found.words();
        } catch (Problem problem) {
            // Counting took too long. The list can be shown all the same.
            if (problem.status() != 422) {
                throw problem;
            }
        }
        looks.add(new Look(
                reason.label(),
                count,
                reason.text().formatted(idle),
                reason.filter().link(),
                reason.css()));
    }
}
