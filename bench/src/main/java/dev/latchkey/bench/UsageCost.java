package dev.latchkey.bench;

import dev.latchkey.bench.Latchkey.Credentials;
import dev.latchkey.bench.Report.Table;
import dev.latchkey.database.Database;
import dev.latchkey.database.DatabaseAddress;
import dev.latchkey.usage.UsageRetention;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What the counting of calls costs: processor time while a server is saturated; and, with many API tokens and a year of calls on
 * SQLite, the growth of the file, pages, and the deletion of what is over. {@code bench/load --usage} runs it and writes
 * {@code usage.md}.
 */
final class UsageCost {
    private static final int CONNECTIONS = 16;

    /** The thread that writes the numbers, as the kernel names it. */
    private static final String WRITER = "usage";

    /** Pairs of token and endpoint in each period, as many as a node counts exactly in an hour. */
    private static final int ENDPOINTS = 5;

    private static final int DAYS = 400;
    private static final int HOURS = 14 * 24;
    private static final int PAGES = 200;

    /** More than a node leaves in an hour. */
    private static final int OVER = 100_000;

    private final List<String> command;
    private final Path folder;
    private final Load.Options options;
    private final Table table = new Table("What usage costs", "what", "result");

    /**
     * How much there is.
     *
     * @param callers how many of the tokens called
     * @param calls how many calls all of them made
     */
    record Size(int tokens, int callers, long calls) {
        static Size parse(List<String> arguments) {
            boolean smoke = arguments.contains("--smoke");
            return new Size(
                    Load.Options.number(arguments, "tokens", smoke ? 1_000 : 10_000_000),
                    Load.Options.number(arguments, "callers", smoke ? 10 : 2_000),
                    Long.parseLong(Load.Options.text(arguments, "calls", smoke ? "100000" : "1000000000")));
        }

        /** Rows for one period. */
        int pairs() {
            return callers * ENDPOINTS;
        }
    }

    private UsageCost(List<String> command, Path folder, Load.Options options) {
        this.command = command;
        this.folder = folder;
        this.options = options;
    }

    static void measure(List<String> command, Path folder, Load.Options options, Size size, Path results)
            throws IOException {
        UsageCost cost = new UsageCost(command, folder, options);
        cost.saturated();
        cost.atScale(size);
        String text = Report.machine() + "\n" + cost.table.markdown();
        Files.writeString(results.resolve("usage.md"), text);
        System.out.println(text);
    }

    private void row(String what, String result) {
        table.row(what, result);
        System.err.println(what + ": " + result);
    }

    /** The processor time of the thread that writes, as a part of the whole server's, while a thousand tokens call. */
    private void saturated() {
        Generator generator = new Generator(folder);
        try (Latchkey latchkey = Latchkey.start(command, folder.resolve("saturated"), Map.of())) {
            latchkey.registerApi();
            List<byte[]> requests = new ArrayList<>();
            Call first = null;
            for (int i = 0; i < (options.warmUpSeconds() < 5 ? 20 : 1_000); i++) {
                Credentials program = latchkey.createToken("\"role\":\"caller\"");
                Call call = latchkey.gate(latchkey.accessTokenForApi(program));
                first = first == null ? call : first;
                requests.add(Wire.request(call));
            }
            Call plain = Call.get("gate check", first.url(), Map.of());
            String lua = generator.inTurn("usage", requests);
            generator.most(latchkey.served(), plain, CONNECTIONS, Math.max(1, options.warmUpSeconds()), lua);
            double writer = latchkey.served().cpuSeconds(WRITER);
            double all = latchkey.served().cpuSeconds();
            List<Sample> samples = new ArrayList<>();
            for (int i = 0; i < options.rounds(); i++) {
                samples.add(generator.most(latchkey.served(), plain, CONNECTIONS, options.seconds(), lua));
            }
            writer = latchkey.served().cpuSeconds(WRITER) - writer;
            all = latchkey.served().cpuSeconds() - all;
            row(
                    String.format(Locale.ROOT, "gate checks of %,d tokens in turn", requests.size()),
                    Report.whole(Report.median(samples, Sample::perSecond)) + " requests/s, CPU "
                            + Report.number(Report.median(samples, Sample::cpuMicros)) + " µs/request, "
                            + samples.stream().mapToLong(Sample::other).sum() + " not 2xx");
            row("of that, the writing of usage", String.format(Locale.ROOT, "%.2f %%", writer / all * 100));
        }
    }

    private void atScale(Size size) throws IOException {
        Path data = folder.resolve("usage");
        Latchkey.start(command, data, Map.of()).close();
        String account = Filling.fill(data, size.tokens());
        Path file = data.resolve("latchkey.db");
        long before = Files.size(file);
        long rows = fill(file, account, size);
        long bytes = Files.size(file) - before;
        row(
                String.format(
                        Locale.ROOT,
                        "%,d API tokens, of which %,d called %d endpoints each day for %d days",
                        size.tokens(),
                        size.callers(),
                        ENDPOINTS,
                        DAYS),
                String.format(
                        Locale.ROOT,
                        "%,d calls in %,d rows, %,d MiB of a file of %,d MiB; %d bytes a row",
                        size.calls(),
                        rows,
                        bytes >> 20,
                        Files.size(file) >> 20,
                        bytes / rows));
        deletion(file, account);
        try (Latchkey latchkey = Latchkey.start(command, data, Map.of())) {
            pages(latchkey, account, size);
        }
    }

    private static long fill(Path file, String account, Size size) {
        Instant now = Instant.now();
        long day = now.truncatedTo(ChronoUnit.DAYS).toEpochMilli();
        long hour = now.truncatedTo(ChronoUnit.HOURS).toEpochMilli();
        long perDay = Math.max(1, size.calls() / ((long) DAYS * size.pairs()));
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("pragma cache_size = -500000");
                statement.execute("pragma synchronous = off");
            }
            connection.setAutoCommit(false);
            for (int i = DAYS - 1; i >= 0; i--) {
                period(connection, "usage_day", day - i * 86_400_000L, account, size.callers(), perDay);
            }
            for (int i = HOURS - 1; i >= 0; i--) {
                period(connection, "usage_hour", hour - i * 3_600_000L, account, size.callers(), perDay / 24 + 1);
            }
            connection.commit();
            connection.setAutoCommit(true);
            try (Statement statement = connection.createStatement()) {
                statement.execute("pragma wal_checkpoint(truncate)");
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return (long) (DAYS + HOURS) * size.pairs();
    }

    private static void period(Connection connection, String table, long at, String account, int callers, long calls)
            throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("insert into " + table
                + " (at, client_id, api_name, endpoint, outcome, calls, first_at, last_at)"
                + " with recursive number(i) as (select 0 union all select i + 1 from number where i + 1 < ?)"
                + " select ?, ? || substr(cast(10000000000000000 + i / " + ENDPOINTS + " as text), 2), 'bench',"
                + " 'GET /invoices/{id}/part-' || (i % " + ENDPOINTS + "), 'allowed', ?, ?, ? from number")) {
            insert.setInt(1, callers * ENDPOINTS);
            insert.setLong(2, at);
            insert.setString(3, account + ".");
            insert.setLong(4, calls);
            insert.setLong(5, at);
            insert.setLong(6, at);
            insert.execute();
        }
    }

    /** What the minute's housekeeping does with an hour that is over. */
    private void deletion(Path file, String account) {
        int over = options.warmUpSeconds() < 5 ? OVER / 100 : OVER;
        long at = Instant.now()
                .truncatedTo(ChronoUnit.HOURS)
                .minus(20, ChronoUnit.DAYS)
                .toEpochMilli();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
            period(connection, "usage_hour", at, account, over / ENDPOINTS, 1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        try (Database database = Database.open(new DatabaseAddress.SqliteFile(file))) {
            long start = System.nanoTime();
            new UsageRetention(database, () -> 14, () -> DAYS, () -> 30, Clock.systemUTC()).deleteOld();
            double seconds = (System.nanoTime() - start) / 1e9;
            row(
                    String.format(Locale.ROOT, "deleting an hour of %,d rows that is over", over),
                    Report.number(seconds) + " s");
        }
    }

    private void pages(Latchkey latchkey, String account, Size size) {
        String cookie = latchkey.signIn();
        Map<String, String> windows = new LinkedHashMap<>();
        windows.put("24 hours", "24h");
        windows.put("30 days", "30d");
        windows.put("13 months", "13m");
        windows.forEach((name, window) -> row(
                "a token's page with its usage of " + name,
                timed(
                        size,
                        number -> Call.get(
                                "",
                                latchkey.served().url() + "/tokens/" + Filling.clientId(account, number) + "?usage="
                                        + window,
                                Map.of("Cookie", cookie)))));
        Instant now = Instant.now();
        row(
                "a token's usage of 400 days as JSON, by endpoint",
                timed(
                        size,
                        number -> Call.get(
                                "",
                                latchkey.served().url() + "/api/v1/tokens/" + Filling.clientId(account, number)
                                        + "/usage?step=day&groupBy=endpoint&from=" + now.minus(399, ChronoUnit.DAYS)
                                        + "&to=" + now,
                                Map.of("Authorization", latchkey.authorization()))));
    }

    /** Another token each time, so that what was read for one does not help the next. */
    private static String timed(Size size, IntFunction<Call> call) {
        List<Integer> numbers = IntStream.range(0, size.callers()).boxed().collect(Collectors.toList());
        Collections.shuffle(numbers, new Random(7));
        int warmUp = Math.min(PAGES, numbers.size()) / 4;
        double[] times = new double[Math.min(PAGES, numbers.size()) - warmUp];
        for (int i = 0; i < warmUp + times.length; i++) {
            long start = System.nanoTime();
            int status = Http.answer(call.apply(numbers.get(i))).statusCode();
            if (status != 200) {
                return "status " + status;
            }
            if (i >= warmUp) {
                times[i - warmUp] = (System.nanoTime() - start) / 1_000_000.0;
            }
        }
        Arrays.sort(times);
        return "median " + Report.number(times[times.length / 2]) + " ms, p99 "
                + Report.number(times[(int) (times.length * 0.99)]) + " ms";
    }
}
