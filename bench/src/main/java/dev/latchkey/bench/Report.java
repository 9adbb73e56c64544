package dev.latchkey.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/** The results of a run, as a table for people and as JSON for programs. */
final class Report {
    private final Map<String, Object> json = new LinkedHashMap<>();
    private final StringBuilder head = new StringBuilder();
    private final Table servers = new Table(
            "Servers", "server", "version", "start to first answer", "resident memory when idle", "after the load");
    private final Table most = new Table(
            "At full load",
            "what",
            "requests/s",
            "range",
            "of the ceiling",
            "p50 ms",
            "p99 ms",
            "p99.9 ms",
            "CPU µs/request",
            "not 2xx");
    private final Table keys = new Table(
            "With API keys, and AuthZEN",
            "what",
            "requests/s",
            "range",
            "of the ceiling",
            "p50 ms",
            "p99 ms",
            "p99.9 ms",
            "CPU µs/request",
            "not 2xx");
    private final Table metricsCost = new Table(
            "What metrics cost",
            "what",
            "CPU µs/request with metrics, lowest and median",
            "without",
            "difference of the lowest",
            "median of the pairs of rounds",
            "pairs",
            "not 2xx");
    private final Table imports = new Table("Import of keys", "keys", "seconds", "keys/s");
    private final Table steady = new Table(
            "In detail",
            "what",
            "requests/s",
            "p50 ms",
            "p99 ms",
            "p99.9 ms",
            "accepted",
            "503",
            "503 p99 ms",
            "other",
            "CPU µs/request");
    private final Table revocations = new Table(
            "From a confirmed revocation to the first refusal, under load",
            "where",
            "tries",
            "median ms",
            "max ms",
            "accepted after");
    /** The measurements, by name and by the number of API tokens. */
    private final Map<String, Map<Integer, String>> scale = new LinkedHashMap<>();

    /** The first row of a table, in requests a second. */
    private final Map<Table, Double> ceilings = new HashMap<>();

    /** A table, row by row. */
    static final class Table {
        private final String title;
        private final List<String> columns;
        private final List<List<String>> rows = new ArrayList<>();

        Table(String title, String... columns) {
            this.title = title;
            this.columns = List.of(columns);
        }

        String title() {
            return title;
        }

        void row(String... cells) {
            rows.add(List.of(cells));
        }

        String markdown() {
            if (rows.isEmpty()) {
                return "";
            }
            StringBuilder text = new StringBuilder("\n## " + title + "\n\n");
            line(text, columns);
            line(text, columns.stream().map(column -> "---").toList());
            rows.forEach(row -> line(text, row));
            return text.toString();
        }

        private static void line(StringBuilder text, List<String> cells) {
            text.append("| ").append(String.join(" | ", cells)).append(" |\n");
        }

        List<Map<String, String>> json() {
            return rows.stream()
                    .map(row -> {
                        Map<String, String> named = new LinkedHashMap<>();
                        for (int i = 0; i < row.size(); i++) {
                            named.put(columns.get(i), row.get(i));
                        }
                        return named;
                    })
                    .toList();
        }
    }

    void settings(Load.Options options, int connections) {
        String machine = machine();
        String how = options.rounds() + " rounds of " + options.seconds() + " s after " + options.warmUpSeconds()
                + " s of warm-up, interleaved; " + connections
                + " kept-alive connections; the load generator shares the"
                + " machine with the servers";
        head.append("Machine: ")
                .append(machine)
                .append(". JDK ")
                .append(Runtime.version())
                .append(". ");
        head.append(how).append(".\n");
        json.put("machine", machine);
        json.put("jdk", Runtime.version().toString());
        json.put("how", how);
    }

    static String machine() {
        return processor() + ", " + Runtime.getRuntime().availableProcessors() + " processors, "
                + System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                + System.getProperty("os.arch");
    }

    private static String processor() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown processor");
        } catch (IOException e) {
            return "unknown processor";
        }
    }

    /** @param starts milliseconds to the first response, of each start */
    void server(Served served, List<Long> starts, long idleMib, long loadedMib) {
        List<Long> sorted = starts.stream().sorted().toList();
        String start = sorted.get(sorted.size() / 2) + " ms"
                + (sorted.size() == 1 ? "" : " (" + sorted.getFirst() + " to " + sorted.getLast() + ")");
        servers.row(served.name(), served.version(), start, idleMib + " MiB", loadedMib + " MiB");
    }

    void missing(String name, String why) {
        servers.row(name, "not available: " + why.replace('|', '/'), "", "", "");
    }

    /** A row of a full load; the first is the ceiling. */
    void most(String what, List<Sample> rounds) {
        most(most, what, rounds);
    }

    /** @param took how long the command needed */
    void imported(int keys, Duration took) {
        imports.row(
                String.format(Locale.ROOT, "%,d", keys),
                number(took.toMillis() / 1000.0),
                whole(keys / (took.toMillis() / 1000.0)));
    }

    /** The same for the table about API keys and AuthZEN. */
    void keys(String what, List<Sample> rounds) {
        most(keys, what, rounds);
    }

    private void most(Table table, String what, List<Sample> rounds) {
        double perSecond = median(rounds, Sample::perSecond);
        double ceiling = ceilings.computeIfAbsent(table, unused -> perSecond);
        double[] each = rounds.stream().mapToDouble(Sample::perSecond).sorted().toArray();
        table.row(
                what,
                whole(perSecond),
                whole(each[0]) + " to " + whole(each[each.length - 1]),
                whole(perSecond / ceiling * 100) + " %",
                number(median(rounds, Sample::p50)),
                number(median(rounds, Sample::p99)),
                number(median(rounds, Sample::p999)),
                number(median(rounds, Sample::cpuMicros)),
                Long.toString(rounds.stream().mapToLong(Sample::other).sum()));
    }

    /** A call with and without metrics. Whatever else the machine does can only add to the time of a round. */
    void metricsCost(String what, MetricsCost.Cost cost) {
        double[] differences = IntStream.range(0, cost.on().size())
                .mapToDouble(
                        i -> cost.on().get(i).cpuMicros() / cost.off().get(i).cpuMicros())
                .sorted()
                .toArray();
        metricsCost.row(
                what,
                micros(cost.on()),
                micros(cost.off()),
                percent(lowest(cost.on()) / lowest(cost.off())),
                percent(differences[differences.length / 2]),
                Integer.toString(differences.length),
                Long.toString(Stream.concat(cost.on().stream(), cost.off().stream())
                        .mapToLong(Sample::other)
                        .sum()));
    }

    private static double lowest(List<Sample> samples) {
        return samples.stream().mapToDouble(Sample::cpuMicros).min().orElseThrow();
    }

    private static String micros(List<Sample> samples) {
        return String.format(Locale.ROOT, "%.2f, %.2f", lowest(samples), median(samples, Sample::cpuMicros));
    }

    private static String percent(double ratio) {
        return String.format(Locale.ROOT, "%+.1f %%", (ratio - 1) * 100);
    }

    void steady(String what, List<Sample> rounds) {
        steady.row(
                what,
                whole(median(rounds, Sample::perSecond)),
                number(median(rounds, Sample::p50)),
                number(median(rounds, Sample::p99)),
                number(median(rounds, Sample::p999)),
                Long.toString(rounds.stream().mapToLong(Sample::good).sum()),
                Long.toString(rounds.stream().mapToLong(Sample::busy).sum()),
                number(median(rounds, Sample::busyP99)),
                Long.toString(rounds.stream().mapToLong(Sample::other).sum()),
                number(median(rounds, Sample::cpuMicros)));
    }

    void revocation(Revocations.Result result) {
        revocation("token endpoint", result.tokenEndpoint(), result.acceptedAfter());
        revocation("gate", result.gate(), result.acceptedAfter());
    }

    private void revocation(String where, List<Double> times, int accepted) {
        double[] sorted =
                times.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        revocations.row(
                where,
                Integer.toString(sorted.length),
                number(sorted[sorted.length / 2]),
                number(sorted[sorted.length - 1]),
                Integer.toString(accepted));
    }

    void scale(int tokens, String what, String result) {
        scale.computeIfAbsent(what, unused -> new TreeMap<>()).put(tokens, result);
    }

    private Table byNumber() {
        List<Integer> numbers = scale.values().stream()
                .flatMap(results -> results.keySet().stream())
                .distinct()
                .sorted()
                .toList();
        List<String> columns = new ArrayList<>(List.of("API tokens"));
        numbers.forEach(number -> columns.add(String.format(Locale.ROOT, "%,d", number)));
        Table table = new Table("By the number of API tokens", columns.toArray(String[]::new));
        scale.forEach((what, results) -> {
            List<String> row = new ArrayList<>(List.of(what));
            numbers.forEach(number -> row.add(results.getOrDefault(number, "")));
            table.row(row.toArray(String[]::new));
        });
        return table;
    }

    static double median(List<Sample> samples, ToDoubleFunction<Sample> part) {
        double[] sorted = samples.stream().mapToDouble(part).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    static String whole(double number) {
        return String.format(Locale.ROOT, "%,.0f", number);
    }

    static String number(double number) {
        return String.format(Locale.ROOT, number < 10 ? "%.2f" : "%.0f", number);
    }

    /** Writes {@code load.md} and {@code load.json}, and prints the former. */
    void write(Path folder) throws IOException {
        StringBuilder text = new StringBuilder(head);
        for (Table table : List.of(servers, most, keys, imports, metricsCost, steady, revocations, byNumber())) {
            text.append(table.markdown());
            json.put(table.title, table.json());
        }
        Files.writeString(folder.resolve("load.md"), text);
        Files.writeString(
                folder.resolve("load.json"),
                new JsonMapper().writerWithDefaultPrettyPrinter().writeValueAsString(json));
        System.out.println(text);
    }
}
