package dev.latchkey.bench.chaos;

import dev.latchkey.bench.chaos.Break.Cause;
import dev.latchkey.bench.chaos.Change.Answer;
import dev.latchkey.bench.chaos.Change.Effect;
import dev.latchkey.bench.chaos.Ending.Count;
import dev.latchkey.bench.chaos.Ending.LostChange;
import dev.latchkey.bench.chaos.Finding.Rule;
import dev.latchkey.bench.chaos.Use.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A made-up history, in milliseconds, of what a person did on the nodes {@code one} and {@code two}. */
final class MadeUp {
    static final Thing TOKEN = Thing.token("t");
    static final Thing GRANT = Thing.grant("r", "p");

    private final List<Use> uses = new ArrayList<>();
    private final List<Change> changes = new ArrayList<>();
    private final List<Break> breaks = new ArrayList<>();
    private final List<Loss> losses = new ArrayList<>();
    private final Map<Thing, Boolean> standing = new HashMap<>(Map.of(Thing.token("another"), true));
    private final List<LostChange> lost = new ArrayList<>();
    private final List<Count> counts = new ArrayList<>();
    private final List<String> unwell = new ArrayList<>();
    private int verifyStatus;

    private static Span span(long begin, long end) {
        return new Span(begin * 1_000, end * 1_000);
    }

    MadeUp made(String node, Thing thing, long begin, long end) {
        return changed(node, thing, Effect.MAKES, Answer.DONE, begin, end);
    }

    MadeUp ended(String node, Thing thing, long begin, long end) {
        return changed(node, thing, Effect.ENDS, Answer.DONE, begin, end);
    }

    MadeUp changed(String node, Thing thing, Effect effect, Answer answer, long begin, long end) {
        changes.add(new Change(span(begin, end), node, operation(thing, effect), thing, effect, answer, ""));
        return this;
    }

    static String operation(Thing thing, Effect effect) {
        return (thing.kind() + "." + effect).toLowerCase(java.util.Locale.ROOT);
    }

    MadeUp accepted(String node, Thing thing, long begin, long end) {
        uses.add(new Use(span(begin, end), node, "gate", List.of(thing), Verdict.ACCEPTED, ""));
        return this;
    }

    MadeUp refused(String node, Thing thing, long begin, long end) {
        uses.add(new Use(span(begin, end), node, "gate", List.of(thing), Verdict.REFUSED, ""));
        return this;
    }

    MadeUp unanswered(String node, Thing thing, long begin, long end) {
        uses.add(new Use(span(begin, end), node, "gate", List.of(thing), Verdict.UNANSWERED, ""));
        return this;
    }

    MadeUp broken(String node, Cause cause, long from, long to) {
        breaks.add(new Break(node, cause, from * 1_000, from * 1_000, to * 1_000, to * 1_000));
        return this;
    }

    MadeUp lost(long keeps, long from, long to) {
        losses.add(new Loss("made up", keeps * 1_000, from * 1_000, to * 1_000));
        return this;
    }

    MadeUp atTheEnd(Thing thing, boolean counts) {
        standing.put(thing, counts);
        return this;
    }

    MadeUp listedAsLost(Thing thing, Effect effect) {
        lost.add(new LostChange(operation(thing, effect), thing.owner()));
        return this;
    }

    MadeUp verified(int status) {
        verifyStatus = status;
        return this;
    }

    MadeUp counted(long kept, long listed) {
        counts.add(new Count("r", kept, listed));
        return this;
    }

    MadeUp unwell(String node) {
        unwell.add(node);
        return this;
    }

    List<Finding> findings(Duration slack) {
        return Checker.check(
                Bounds.promised(slack),
                new Recorded(uses, changes, breaks, losses),
                new Ending(standing, lost, verifyStatus, "", counts, unwell));
    }

    /** The rules that were broken. */
    List<Rule> rules() {
        return findings(Duration.ZERO).stream().map(Finding::rule).toList();
    }
}
