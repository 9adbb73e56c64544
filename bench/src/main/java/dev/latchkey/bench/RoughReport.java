package dev.latchkey.bench;

import dev.latchkey.bench.Report.Table;
import dev.latchkey.bench.Steady.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/** How calls fared during each disturbance, and whether that is acceptable. */
final class RoughReport {
    /** Up to here a p99 is good, whatever it was without a disturbance. */
    private static final double GOOD_MILLIS = 50;

    /** Above that, it may be this many times what it was then. */
    private static final double TIMES = 3;

    private static final double HEALTH_MILLIS = 100;

    private final Map<String, Object> json = new LinkedHashMap<>();
    private final StringBuilder head = new StringBuilder();
    private final Table most = new Table(
            "What the servers can do when nothing else runs",
            "processors",
            "database",
            "token endpoint/s",
            "gate/s",
            "requested of each",
            "generator's own delay, p99 ms");
    private final Table rows = new Table(
            "During heavy work",
            "processors",
            "database",
            "during",
            "token endpoint: p50, p99, max ms",
            "gate: p50, p99, max ms",
            "not 2xx",
            "`/health/live`: p99, max ms",
            "CPUs busy: server, database, generator, others",
            "verdict");
    private final Table doings = new Table("Results of the heavy work", "processors", "database", "during", "result");

    /** A row of the table. */
    record Cell(Outcome token, Outcome gate, Outcome health, Usage busy) {
        long refused() {
            return token.refused() + gate.refused();
        }

        double lateness() {
            return Math.max(token.latenessMillis(0.99), gate.latenessMillis(0.99));
        }

        /** What is not acceptable, in words; empty if everything is. */
        List<String> misses(Cell quiet) {
            List<String> misses = new ArrayList<>();
            if (isSlow(token, quiet.token)) {
                misses.add("token endpoint");
            }
            if (isSlow(gate, quiet.gate)) {
                misses.add("gate");
            }
            if (refused() > 0) {
                misses.add("refusals");
            }
            if (health.most() > HEALTH_MILLIS || health.refused() > 0) {
                misses.add("`/health/live`");
            }
            return misses;
        }

        private static boolean isSlow(Outcome outcome, Outcome quiet) {
            return outcome.millis(0.99) > Math.max(GOOD_MILLIS, TIMES * quiet.millis(0.99));
        }
    }

    void settings(RoughOptions options, boolean first) {
        String machine = Report.machine();
        String how = "Token endpoint and gate are called at once for " + options.seconds() + " s, each at "
                + options.load()
                + "% of the maximum that the same server reaches on its own, with "
                + Report.whole(options.size().callers())
                + " API tokens in turn; `/health/live` is called 20 times a second at the same time."
                + " A latency is measured from the moment at which a"
                + " request was due. The database holds "
                + Report.whole(options.size().tokens()) + " API tokens and "
                + Report.whole(options.size().events()) + " events. The load generator's measuring threads "
                + (first
                        ? "have a higher priority (nice -10)"
                        : "have no higher priority, because this user may not raise it")
                + "; where a row says \"shared\", server, generator and database share the CPUs, otherwise the server has its"
                + " own.";
        head.append("Machine: ").append(machine).append(". ").append(how).append('\n');
        json.put("machine", machine);
        json.put("how", how);
    }

    void most(Processors processors, Ground.Engine engine, double token, double gate, int load, Cell quiet) {
        most.row(
                processors.text(),
                engine.text(),
                Report.whole(token),
                Report.whole(gate),
                load + " %",
                Report.number(quiet.lateness()));
    }

    void missing(Ground.Engine engine, String why) {
        doings.row("", engine.text(), "", "not available: " + why.replace('|', '/'));
    }

    void row(
            Processors processors,
            Ground.Engine engine,
            String during,
            Cell cell,
            Cell quiet,
            String doing,
            String after) {
        List<String> misses = cell.misses(quiet);
        rows.row(
                processors.text(),
                engine.text(),
                during,
                times(cell.token),
                times(cell.gate),
                Long.toString(cell.refused()),
                Report.number(cell.health.millis(0.99)) + ", " + Report.number(cell.health.most()),
                cell.busy.text(),
                misses.isEmpty() ? "met" : "missed: " + String.join(", ", misses));
        String all = Stream.of(
                        doing,
                        bad("token endpoint", cell.token),
                        bad("gate", cell.gate),
                        bad("`/health/live`", cell.health),
                        after)
                .filter(part -> !part.isEmpty())
                .collect(Collectors.joining("; "));
        if (!all.isEmpty()) {
            doings.row(processors.text(), engine.text(), during, all);
        }
    }

    private static String times(Outcome outcome) {
        return Report.number(outcome.millis(0.5)) + ", " + Report.number(outcome.millis(0.99)) + ", "
                + Report.number(outcome.most());
    }

    /** The replies other than 2xx; empty if there were none. */
    private static String bad(String what, Outcome outcome) {
        Map<String, Long> bad = new LinkedHashMap<>();
        outcome.statuses().forEach((status, number) -> {
            if (!Outcome.isGood(status)) {
                bad.put(status == 0 ? "no answer" : status.toString(), number);
            }
        });
        return bad.isEmpty() ? "" : what + " " + Repeated.text(bad);
    }

    /** Writes {@code rough.md} and {@code rough.json}, and prints the former. */
    void write(Path folder) throws IOException {
        StringBuilder text = new StringBuilder(head);
        for (Table table : List.of(most, rows, doings)) {
            text.append(table.markdown());
            json.put(table.title(), table.json());
        }
        Files.writeString(folder.resolve("rough.md"), text);
        Files.writeString(
                folder.resolve("rough.json"),
                new JsonMapper().writerWithDefaultPrettyPrinter().writeValueAsString(json));
        System.out.println(text);
    }
}
