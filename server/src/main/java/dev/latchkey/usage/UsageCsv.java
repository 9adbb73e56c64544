package dev.latchkey.usage;

import dev.latchkey.problem.Csv;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/** Usage as a table for spreadsheets. */
final class UsageCsv {
    private static final List<String> KEYS = List.of("client_id", "description", "role", "api", "endpoint", "address");
    private static final List<Outcome> REFUSALS = Arrays.stream(Outcome.values())
            .filter(outcome -> outcome != Outcome.ALLOWED)
            .toList();

    private UsageCsv() {}

    /** A row for each period. */
    static Csv ofPeriods(Usage usage) {
        Csv csv = new Csv("at", "allowed", "refused");
        usage.points().forEach(point -> csv.row(point.at(), point.allowed(), point.refused()));
        return csv;
    }

    /** A row for each group, and one for all groups that are not listed, which says how many they are. */
    static Csv of(Usage.Grouping grouping) {
        Csv csv = new Csv(Stream.of(
                        KEYS.stream(),
                        Stream.of("allowed", "refused"),
                        REFUSALS.stream().map(Outcome::text),
                        Stream.of("first_at", "last_at", "other_groups"))
                .flatMap(names -> names)
                .toArray(String[]::new));
        grouping.groups().forEach(group -> csv.row(cells(group)));
        Usage.Rest rest = grouping.rest();
        if (rest.groups() > 0) {
            List<Object> cells = new ArrayList<>(Collections.nCopies(KEYS.size(), ""));
            cells.add(rest.allowed());
            cells.add(rest.refused());
            cells.addAll(Collections.nCopies(REFUSALS.size() + 2, ""));
            cells.add(rest.groups());
            csv.row(cells.toArray());
        }
        return csv;
    }

    private static Object[] cells(Usage.Group group) {
        Usage.Key key = group.key();
        List<Object> cells = new ArrayList<>(
                List.of(key.clientId(), key.description(), key.role(), key.api(), key.endpoint(), key.address()));
        cells.add(group.allowed());
        cells.add(group.refused());
        REFUSALS.forEach(outcome -> cells.add(group.calls().getOrDefault(outcome, 0L)));
        cells.add(group.firstAt());
        cells.add(group.lastAt());
        cells.add("");
        return cells.toArray();
    }
}
