package dev.latchkey.bench;

import dev.latchkey.bench.Disturbance.Going;
import dev.latchkey.bench.Disturbance.Scene;
import dev.latchkey.bench.Ground.Engine;
import dev.latchkey.bench.Latchkey.Credentials;
import dev.latchkey.bench.RoughReport.Cell;
import dev.latchkey.bench.Steady.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/**
 * How fast tokens are issued and checked while people do heavy work, on few and on more processors and on both databases. The
 * load is light, so that a slow reply shows that the request was held up, not crowded out.
 */
final class Rough {
    /** For full load, as in the other tables. */
    private static final int CONNECTIONS = 16;

    /**
     * For a steady rate. With only a few, a server that takes several milliseconds for each reply could not be called at the
     * intended rate, and the generator would have a queue of its own.
     */
    private static final int STEADY_CONNECTIONS = 64;

    private static final int HEALTH_PER_SECOND = 20;
    private static final long MICROS = 1_000_000;

    private static final int PROMPT_MILLIS = 50;
    private static final int PROMPT_ANSWERS = 20;

    private final Path project;
    private final Path folder;
    private final RoughOptions options;
    private final RoughReport report = new RoughReport();
    private final Generator generator;
    private final List<Integer> cpus = Processors.all();

    private Rough(Path project, Path folder, RoughOptions options) {
        this.project = project;
        this.folder = folder;
        this.options = options;
        this.generator = new Generator(folder);
    }

    /** The calls: each request is by a different program. */
    private record Calls(List<byte[]> token, List<byte[]> gate, byte[] health) {}

    static void measure(Path project, Path results, RoughOptions options) throws IOException {
        if (!Generator.has("wrk") || !Generator.has("taskset")) {
            throw new IllegalStateException("wrk and taskset are needed (Debian: wrk, util-linux)");
        }
        try (TemporaryFolder folder = new TemporaryFolder("latchkey-rough")) {
            Rough rough = new Rough(project, folder.path(), options);
            try {
                rough.everything();
            } finally {
                Processors.move(ProcessHandle.current().pid(), rough.cpus);
                rough.report.write(results);
            }
        }
    }

    private void everything() {
        boolean[] first = {false};
        Thread asking = Thread.ofPlatform().start(() -> first[0] = Steady.goFirst());
        join(asking);
        report.settings(options, first[0]);
        for (Engine engine : options.engines()) {
            Ground ground;
            try {
                ground = Ground.open(engine, folder);
            } catch (RuntimeException e) {
                report.missing(
                        engine,
                        String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
                continue;
            }
            try (ground) {
                String account = prepare(ground);
                for (int number : options.processors()) {
                    Processors processors = Processors.share(number, cpus);
                    processors.moveAway(ProcessHandle.current().pid());
                    ground.processes().forEach(process -> processors.moveAway(process.pid()));
                    try (Latchkey latchkey = start(ground, processors)) {
                        measure(latchkey, ground, processors, account);
                    }
                }
            }
        }
    }

    /** The data that all servers on this database find. */
    private String prepare(Ground ground) {
        try (Latchkey latchkey = start(ground, Processors.share(cpus.size(), cpus))) {
            latchkey.registerApi();
            latchkey.registerEmptyApi(Imports.API);
        }
        long start = System.nanoTime();
        String account = Masses.fill(
                ground,
                options.size().tokens(),
                options.size().callers(),
                options.size().events());
        System.err.printf("filled %s in %d s%n", ground.engine().text(), (System.nanoTime() - start) / 1_000_000_000);
        return account;
    }

    private Latchkey start(Ground ground, Processors processors) {
        Map<String, String> settings = new HashMap<>(SignIns.SETTINGS);
        settings.putAll(ground.settings());
        List<String> command = new ArrayList<>(processors.prefix());
        if (options.built()) {
            command.addAll(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    processors.option(),
                    "-jar",
                    project.resolve("server/target/latchkey.jar").toString()));
        } else {
            command.add(project.resolve("latchkey").toString());
            settings.put("LATCHKEY_JAVA_OPTIONS", processors.option());
        }
        return Latchkey.start(command, ground.data(), settings);
    }

    private void measure(Latchkey latchkey, Ground ground, Processors processors, String account) {
        Calls calls = calls(latchkey, account);
        double token = most(latchkey, "token", calls.token());
        double gate = most(latchkey, "gate", calls.gate());
        Scene scene;
        URI uri = URI.create(latchkey.served().url());
        InetSocketAddress server = new InetSocketAddress("127.0.0.1", uri.getPort());
        try (Management management = new Management(latchkey.served().url(), latchkey.authorization())) {
            scene = new Scene(latchkey, server, management, ground, options.size(), options.seconds());
            double part = options.load() / 100.0;
            if (options.warmUpSeconds() > 0) {
                // This also warms up the generator's own code.
                run(scene, calls, token * part, gate * part, Disturbance.ALL.getFirst());
            }
            Cell quiet = null;
            for (Disturbance disturbance : options.during()) {
                if (disturbance.isPossible(ground.engine())) {
                    Row row = run(scene, calls, token * part, gate * part, disturbance);
                    if (quiet == null) {
                        quiet = row.cell();
                        report.most(processors, ground.engine(), token, gate, options.load(), quiet);
                    }
                    String after = recover(latchkey);
                    report.row(
                            processors,
                            ground.engine(),
                            disturbance.title(options.size()),
                            row.cell(),
                            quiet,
                            row.doing(),
                            after);
                    System.err.printf(
                            "%s, %s, %s: done%n",
                            processors.text(), ground.engine().text(), disturbance.name());
                }
            }
        }
    }

    private Calls calls(Latchkey latchkey, String account) {
        List<Credentials> callers = IntStream.range(0, options.size().callers())
                .mapToObj(i -> new Credentials(Filling.clientId(account, i), Filling.secret(i)))
                .toList();
        return new Calls(
                callers.stream()
                        .map(caller -> Wire.request(latchkey.token(caller)))
                        .toList(),
                callers.stream()
                        .map(caller -> Wire.request(latchkey.gate(latchkey.accessTokenForApi(caller))))
                        .toList(),
                Wire.request(latchkey.health()));
    }

    /** How many a second, without any other load. */
    private double most(Latchkey latchkey, String name, List<byte[]> requests) {
        String inTurn = generator.inTurn(name, requests);
        Call call = Call.get(name, latchkey.served().url(), Map.of());
        if (options.warmUpSeconds() > 0) {
            generator.most(latchkey.served(), call, CONNECTIONS, options.warmUpSeconds(), inTurn);
        }
        int seconds = Math.max(1, options.warmUpSeconds());
        Sample sample = generator.most(latchkey.served(), call, CONNECTIONS, seconds, inTurn);
        if (sample.other() > 0) {
            throw new IllegalStateException(name + ": " + sample.other() + " answers were not 2xx");
        }
        return sample.perSecond();
    }

    private record Row(Cell cell, String doing) {}

    private Row run(Scene scene, Calls calls, double token, double gate, Disturbance disturbance) {
        Usage before = Usage.now(scene);
        long start = System.nanoTime();
        CompletableFuture<Outcome> tokens = started(scene, calls.token(), token);
        CompletableFuture<Outcome> gates = started(scene, calls.gate(), gate);
        CompletableFuture<Outcome> lives = started(scene, List.of(calls.health()), HEALTH_PER_SECOND);
        Going going = disturbance.begin(scene);
        sleepUntil(start + scene.seconds() * 1_000 * MICROS);
        Usage busy = Usage.now(scene).since(before);
        String doing = going.stop();
        return new Row(new Cell(tokens.join(), gates.join(), lives.join(), busy), doing);
    }

    private CompletableFuture<Outcome> started(Scene scene, List<byte[]> requests, double perSecond) {
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        Thread.ofPlatform().name("measuring").start(() -> {
            try {
                Steady.goFirst();
                outcome.complete(
                        new Steady(scene.server(), List.of("127.0.0.1"), requests, perSecond, STEADY_CONNECTIONS)
                                .run(Duration.ofSeconds(scene.seconds()), options.patience()));
            } catch (RuntimeException e) {
                outcome.completeExceptionally(e);
            }
        });
        return outcome;
    }

    /** Waits until the server responds as before, and returns a remark about that. */
    private String recover(Latchkey latchkey) {
        long start = System.nanoTime();
        int prompt = 0;
        while (prompt < PROMPT_ANSWERS) {
            long asked = System.nanoTime();
            if (asked - start > options.recovery().toNanos()) {
                return options.recovery().toSeconds() + " s later the server was not as before";
            }
            boolean isAnswered = isAnswered(latchkey.health()) && isAnswered(latchkey.signInPage());
            boolean isPrompt = isAnswered && System.nanoTime() - asked < PROMPT_MILLIS * MICROS;
            prompt = isPrompt ? prompt + 1 : 0;
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        return seconds < 2 ? "" : "the server was as before after " + Report.number(seconds) + " s";
    }

    private static boolean isAnswered(Call call) {
        try {
            return Http.answer(call).statusCode() == 200;
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    private static void sleepUntil(long nanoTime) {
        try {
            Thread.sleep(Duration.ofNanos(Math.max(0, nanoTime - System.nanoTime())));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
