package dev.latchkey.bench.chaos;

import dev.latchkey.bench.chaos.Change.Answer;
import dev.latchkey.bench.chaos.Change.Effect;
import dev.latchkey.bench.chaos.Finding.Rule;
import dev.latchkey.bench.chaos.Thing.Kind;
import dev.latchkey.bench.chaos.Use.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Compares the recording with the promises. It sees calls only from outside: a call was decided somewhere between its beginning
 * and its end, and a change takes effect at its confirmation. So a slow machine makes it detect less, but never report a false
 * fault.
 */
final class Checker {
    private final Bounds bounds;
    private final Recorded recorded;
    private final Hearing hearing;
    private final List<Loss> losses;
    private final Map<Thing, List<Change>> changes;

    private Checker(Bounds bounds, Recorded recorded) {
        this.bounds = bounds;
        this.recorded = recorded;
        this.hearing = new Hearing(recorded.breaks(), bounds);
        this.losses = recorded.losses().stream()
                .sorted(Comparator.comparingLong(Loss::from))
                .toList();
        this.changes = recorded.changes().stream()
                .filter(Change::counts)
                .sorted(Comparator.comparingLong(change -> change.time().begin()))
                .collect(Collectors.groupingBy(Change::thing));
    }

    /** All broken promises, in the order of the rules. */
    static List<Finding> check(Bounds bounds, Recorded recorded, Ending ending) {
        Checker checker = new Checker(bounds, recorded);
        List<Finding> findings = new ArrayList<>();
        checker.acceptances(findings);
        checker.refusals(findings);
        ending.unwell().forEach(node -> findings.add(new Finding(Rule.NODE_UNWELL, node, List.of())));
        if (!ending.standing().isEmpty()) {
            checker.endings(ending, findings);
        }
        if (ending.verifyStatus() != 0) {
            findings.add(new Finding(
                    Rule.CHAIN_BROKEN,
                    "audit verify ended with " + ending.verifyStatus(),
                    List.of(ending.verifyText())));
        }
        for (Ending.Count count : ending.counts()) {
            if (count.kept() != count.listed()) {
                findings.add(new Finding(
                        Rule.COUNT_WRONG,
                        "role " + count.role() + " is said to have " + count.kept()
                                + " active tokens, and the list has " + count.listed(),
                        List.of()));
            }
        }
        return findings;
    }

    private List<Change> of(Thing thing) {
        return changes.getOrDefault(thing, List.of());
    }

    private void acceptances(List<Finding> findings) {
        Permission permission = new Permission(hearing, bounds, losses);
        for (Use use : recorded.uses()) {
            if (!use.accepted()) {
                continue;
            }
            Span decided = new Span(
                    hearing.firstDecision(use.node(), use.time().begin()),
                    use.time().end());
            use.restsOn().stream()
                    .flatMap(thing -> of(thing).stream())
                    .filter(change -> change.effect() == Effect.ENDS && change.answer() == Answer.DONE)
                    .filter(change -> !isRestored(change, use))
                    .filter(change -> !permission.covers(use.node(), change, decided))
                    .findFirst()
                    .ifPresent(change -> findings.add(new Finding(
                            Rule.ENDED_AND_ACCEPTED,
                            Span.seconds(decided.begin() - change.time().end()) + " after the end of " + change.thing(),
                            calls(use, List.of(change)))));
        }
    }

    private boolean isRestored(Change end, Use use) {
        return !end.thing().endsForGood()
                && of(end.thing()).stream()
                        .anyMatch(change -> change.effect() != Effect.ENDS
                                && change.time().begin() >= end.time().begin()
                                && change.time().begin() < use.time().end());
    }

    private void refusals(List<Finding> findings) {
        for (Use use : recorded.uses()) {
            if (use.accepted()
                    || !hearing.isUndisturbed(use.node(), use.time())
                    || losses.stream().anyMatch(loss -> isAmid(loss, use))) {
                continue;
            }
            if (use.verdict() == Verdict.UNANSWERED) {
                findings.add(new Finding(Rule.UNANSWERED, use.door() + " at " + use.node(), calls(use)));
            } else if (use.restsOn().stream().allMatch(thing -> isGood(thing, use))) {
                findings.add(new Finding(
                        Rule.GOOD_AND_REFUSED,
                        use.door() + " at " + use.node(),
                        calls(
                                use,
                                use.restsOn().stream()
                                        .flatMap(thing -> of(thing).stream())
                                        .toList())));
            }
        }
    }

    /** After a loss a node refuses until it has read everything again. */
    private boolean isAmid(Loss loss, Use use) {
        return loss.from() <= use.time().end() && use.time().begin() <= hearing.knownBy(use.node(), loss.to(), true);
    }

    /** Whether every node must know that the thing is valid: created long enough before, not ended since, and not lost. */
    private boolean isGood(Thing thing, Use use) {
        List<Change> before = of(thing).stream()
                .filter(change -> change.time().begin() < use.time().end())
                .toList();
        // A signing key is first seen when it has signed, which may be while its withdrawal is being answered.
        if (thing.endsForGood()
                && before.stream()
                        .anyMatch(change -> change.effect() == Effect.ENDS && change.answer() != Answer.REFUSED)) {
            return false;
        }
        Optional<Change> last = before.isEmpty() ? Optional.empty() : Optional.of(before.getLast());
        return last.isPresent()
                && last.get().effect() != Effect.ENDS
                && last.get().answer() == Answer.DONE
                && hearing.knownBy(use.node(), last.get().time().end(), false)
                        <= use.time().begin()
                && losses.stream()
                        .noneMatch(loss -> loss.keeps() < last.get().time().end()
                                && loss.to() > last.get().time().begin()
                                && loss.from() < use.time().end());
    }

    private void endings(Ending ending, List<Finding> findings) {
        changes.forEach((thing, ofThing) -> {
            Boolean standing = ending.standing().get(thing);
            boolean counts = Boolean.TRUE.equals(standing);
            Change last = ofThing.getLast();
            Optional<Change> end = ofThing.stream()
                    .filter(change -> change.effect() == Effect.ENDS && change.answer() == Answer.DONE)
                    .findFirst();
            if (thing.endsForGood() && end.isPresent()) {
                if (counts) {
                    findings.add(new Finding(Rule.ENDED_AND_BACK, thing.toString(), calls(end.get())));
                }
            } else if (ofThing.stream().allMatch(change -> change.answer() == Answer.DONE)
                    // The service itself creates signing keys; the bench only saw what they signed.
                    && thing.kind() != Kind.SIGNING_KEY
                    && counts != (last.effect() != Effect.ENDS)
                    && !isListed(last, ending)) {
                findings.add(new Finding(
                        Rule.ANSWERED_AND_MISSING,
                        thing + (standing == null ? " is missing" : counts ? " counts" : " is not valid"),
                        calls(last)));
            }
        });
    }

    private static boolean isListed(Change change, Ending ending) {
        return ending.lost().stream()
                .anyMatch(lost -> lost.operation().equals(change.operation())
                        && lost.target().equals(change.thing().owner()));
    }

    /** @param changes of what the call rests on, at least one */
    private List<String> calls(Use use, List<Change> changes) {
        List<String> calls = new ArrayList<>();
        changes.forEach(change -> calls.add(change.toString()));
        calls.add(use.toString());
        hearing.around(
                        use.node(),
                        new Span(changes.getFirst().time().begin(), use.time().end()))
                .forEach(each -> calls.add(each.toString()));
        losses.forEach(loss -> calls.add(loss.toString()));
        return calls;
    }

    private List<String> calls(Use use) {
        List<String> calls = new ArrayList<>(List.of(use.toString()));
        hearing.around(use.node(), use.time()).forEach(each -> calls.add(each.toString()));
        return calls;
    }

    private List<String> calls(Change change) {
        List<String> calls = new ArrayList<>(List.of(change.toString()));
        losses.forEach(loss -> calls.add(loss.toString()));
        return calls;
    }
}
