package dev.latchkey.bench.chaos;

import dev.latchkey.bench.chaos.Change.Answer;
import dev.latchkey.bench.chaos.Change.Effect;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The steps, the responses, and the findings.
 *
 * @param done the steps that were carried out
 */
record ChaosReport(
        ChaosOptions options,
        List<String> leftOut,
        List<Step> done,
        Recorded recorded,
        Ending ending,
        List<Finding> findings) {
    private static final int SHOWN = 20;
    private static final int REASONS = 8;

    String text() {
        StringBuilder text = new StringBuilder();
        text.append("Seed ")
                .append(options.seed())
                .append(" on ")
                .append(options.engine().text());
        text.append(", ").append(options.time().toSeconds()).append(" s\n");
        leftOut.forEach(each -> text.append("Left out: ").append(each).append('\n'));
        Map<Step.Kind, Long> kinds =
                done.stream().collect(Collectors.groupingBy(Step::kind, TreeMap::new, Collectors.counting()));
        text.append("Broken: ").append(counted(kinds)).append('\n');
        Map<Answer, Long> answers = recorded.changes().stream()
                .filter(change -> change.thing().kind() != Thing.Kind.SIGNING_KEY || change.effect() == Effect.ENDS)
                .collect(Collectors.groupingBy(Change::answer, TreeMap::new, Collectors.counting()));
        text.append("Changes: ").append(counted(answers));
        text.append("; the longest took ")
                .append(Span.seconds(recorded.changes().stream()
                        .map(Change::time)
                        .mapToLong(time -> time.end() - time.begin())
                        .max()
                        .orElse(0)))
                .append('\n');
        Map<String, Long> open = recorded.changes().stream()
                .filter(change -> change.answer() == Answer.UNKNOWN)
                .collect(Collectors.groupingBy(Change::said, TreeMap::new, Collectors.counting()));
        open.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .limit(REASONS)
                .forEach(entry -> text.append("  left open ")
                        .append(entry.getValue())
                        .append(" times: ")
                        .append(entry.getKey().startsWith("0") ? "no answer" : entry.getKey())
                        .append('\n'));
        Map<Use.Verdict, Long> verdicts = recorded.uses().stream()
                .collect(Collectors.groupingBy(Use::verdict, TreeMap::new, Collectors.counting()));
        text.append("Uses: ").append(counted(verdicts)).append('\n');
        text.append("Listed as lost: ").append(ending.lost().size()).append('\n');
        text.append(ending.verifyText().lines().reduce("", (first, second) -> second))
                .append('\n');
        text.append(findings.isEmpty() ? "No fault was found.\n" : findings.size() + " findings:\n");
        Map<Finding.Rule, List<Finding>> byRule =
                findings.stream().collect(Collectors.groupingBy(Finding::rule, TreeMap::new, Collectors.toList()));
        byRule.forEach((rule, found) -> {
            text.append(rule).append(": ").append(found.size()).append('\n');
            found.stream()
                    .limit(SHOWN)
                    .forEach(each -> text.append("  ").append(each).append('\n'));
        });
        return text.toString();
    }

    private static String counted(Map<?, Long> numbers) {
        List<String> parts = new ArrayList<>();
        numbers.entrySet().stream()
                .sorted(Comparator.comparing(entry -> entry.getKey().toString()))
                .forEach(entry -> parts.add(entry.getKey() + " " + entry.getValue()));
        return String.join(", ", parts);
    }
}
