package dev.latchkey.bench;

import com.sun.net.httpserver.HttpServer;
import dev.latchkey.bench.Latchkey.Credentials;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * What seeing inside costs: the same calls to servers that differ in one setting, in alternating rounds, compared by the
 * processor time of a request. {@code bench/load --observed} runs it and writes {@code observed.md}.
 */
final class Observed {
    private static final int CONNECTIONS = 16;

    private final Path folder;
    private final List<String> command;
    private final Load.Options options;
    private final Generator generator;

    private Observed(Path folder, List<String> command, Load.Options options) {
        this.folder = folder;
        this.command = command;
        this.options = options;
        this.generator = new Generator(folder);
    }

    /** The settings of each server; the first is what the others are compared with. */
    private static Map<String, Map<String, String>> settings(int collector) {
        Map<String, String> traces = Map.of("LATCHKEY_OTLP_ENDPOINT", "http://127.0.0.1:" + collector);
        Map<String, Map<String, String>> settings = new LinkedHashMap<>();
        settings.put("off", Map.of());
        settings.put("traces of 1 %", traces);
        settings.put("request log in JSON", Map.of("LATCHKEY_REQUEST_LOG", "json"));
        return settings;
    }

    /** A server with one call, and what was measured. */
    private record Subject(String setting, String call, Served served, Call request, List<Sample> rounds) {}

    static void measure(Path folder, List<String> command, Load.Options options, Path results) throws IOException {
        HttpServer collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext("/", exchange -> {
            exchange.getRequestBody().transferTo(OutputStream.nullOutputStream());
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        collector.start();
        List<Latchkey> started = new ArrayList<>();
        try {
            String table = new Observed(folder, command, options)
                    .table(started, settings(collector.getAddress().getPort()));
            Files.writeString(results.resolve("observed.md"), table);
            System.out.println(table);
        } finally {
            started.forEach(Latchkey::close);
            collector.stop(0);
        }
    }

    private String table(List<Latchkey> started, Map<String, Map<String, String>> settings) {
        List<Subject> subjects = new ArrayList<>();
        settings.forEach((setting, environment) -> {
            Latchkey latchkey = Latchkey.start(command, folder.resolve("data-" + started.size()), environment);
            started.add(latchkey);
            latchkey.registerApi();
            Credentials program = latchkey.createToken("\"role\":\"caller\"");
            Function<Call, Subject> on =
                    call -> new Subject(setting, call.name(), latchkey.served(), call, new ArrayList<>());
            subjects.add(on.apply(latchkey.gate(latchkey.accessTokenForApi(program))));
            subjects.add(on.apply(latchkey.token(program)));
        });
        if (options.warmUpSeconds() > 0) {
            subjects.forEach(subject -> load(subject, options.warmUpSeconds()));
        }
        for (int round = 0; round < options.rounds(); round++) {
            subjects.forEach(subject -> subject.rounds().add(load(subject, options.seconds())));
        }
        return Report.machine() + "; " + options.rounds() + " rounds of " + options.seconds() + " s after "
                + options.warmUpSeconds() + " s of warm-up, alternating; " + CONNECTIONS + " connections\n\n"
                + "| call | setting | requests/s | CPU µs/request | of off | not 2xx |\n| --- | --- | --- | --- | --- | --- |\n"
                + String.join("", rows(subjects));
    }

    private Sample load(Subject subject, int seconds) {
        return generator.most(subject.served(), subject.request(), CONNECTIONS, seconds, "");
    }

    private static List<String> rows(List<Subject> subjects) {
        Map<String, Double> off = new LinkedHashMap<>();
        List<String> rows = new ArrayList<>();
        for (Subject subject : subjects) {
            double micros = Report.median(subject.rounds(), Sample::cpuMicros);
            double plain = off.computeIfAbsent(subject.call(), call -> micros);
            long other = subject.rounds().stream().mapToLong(Sample::other).sum();
            rows.add(String.format(
                    Locale.ROOT,
                    "| %s | %s | %,.0f | %.2f | %.1f %% | %d |%n",
                    subject.call(),
                    subject.setting(),
                    Report.median(subject.rounds(), Sample::perSecond),
                    micros,
                    micros / plain * 100,
                    other));
        }
        rows.sort(String.CASE_INSENSITIVE_ORDER);
        return rows;
    }
}
