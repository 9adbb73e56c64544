package dev.latchkey.bench.chaos;

import dev.latchkey.bench.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** Breaks things under running servers for a while, and says which promises did not hold. */
public final class Chaos {
    private static final int PROGRAMS_PER_NODE = 3;
    private static final int PEOPLE = 5;
    private static final Duration PROGRAMS_PAUSE = Duration.ofMillis(70);
    private static final Duration PEOPLE_PAUSE = Duration.ofMillis(220);

    /** How long programs continue once everything is repaired: long enough for every bound. */
    private static final Duration REST = Duration.ofSeconds(3);

    private final ChaosOptions options;
    private final Path jar;
    private final Path folder;
    private final History history = new History();
    private final Queue<Step> done = new ConcurrentLinkedQueue<>();
    private final AtomicReference<RuntimeException> failure = new AtomicReference<>();

    private Chaos(Path project, Path folder, ChaosOptions options) {
        this.jar = project.resolve("server/target/latchkey.jar");
        this.folder = folder;
        this.options = options;
    }

    /** @param arguments the project's folder, the folder for logs, and options */
    public static void main(String[] arguments) throws IOException {
        List<String> wanted = Arrays.asList(arguments).subList(2, arguments.length);
        if (wanted.contains("--help")) {
            System.out.println(ChaosOptions.HELP);
            return;
        }
        ChaosOptions options;
        try {
            options = ChaosOptions.parse(wanted);
        } catch (IllegalArgumentException e) {
            System.err.println("chaos: " + e.getMessage() + "\n" + ChaosOptions.HELP);
            System.exit(2);
            return;
        }
        System.out.println("Seed " + options.seed());
        ChaosReport report = run(
                Path.of(arguments[0]).toAbsolutePath().normalize(),
                Path.of(arguments[1]).toAbsolutePath(),
                options);
        System.out.print(report.text());
        System.exit(report.findings().isEmpty() ? 0 : 1);
    }

    /**
     * The whole run. If something was found, or the bench itself fails, the logs are kept.
     *
     * @param logs the folder for them
     */
    static ChaosReport run(Path project, Path logs, ChaosOptions options) throws IOException {
        // The database server runs as a different user, which needs access.
        Path folder = Files.createTempDirectory(
                "latchkey-chaos", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
        // The system's mask may have removed some permissions.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        boolean good = false;
        try {
            ChaosReport report = new Chaos(project, folder, options).run();
            good = report.findings().isEmpty();
            if (!good) {
                Files.writeString(
                        folder.resolve("report.log"),
                        report.text() + "\nListed as lost: " + report.ending().lost() + "\n");
            }
            return report;
        } finally {
            if (!good) {
                Path kept = logs.resolve(options.engine().text() + "-" + options.seed());
                Files.createDirectories(kept);
                Command.of("sh", "-c", "find '" + folder + "' -name '*.log' -exec cp {} '" + kept + "' ';'")
                        .run();
                System.err.println("The logs are in " + kept + "; the seed was " + options.seed() + ".");
            }
            Command.of("rm", "-rf", folder.toString()).run();
        }
    }

    private ChaosReport run() {
        Path bootstrap = folder.resolve("bootstrap.env");
        List<Integer> ports = Ports.free(3);
        Map<String, String> settings = new HashMap<>(Map.of(
                // The same for all nodes, because access tokens contain it.
                "LATCHKEY_ISSUER",
                "http://127.0.0.1:" + ports.getFirst(),
                "LATCHKEY_MASTER_KEY_FILE",
                folder.resolve("master.key").toString(),
                "LATCHKEY_ADMIN_EMAIL",
                "chaos@example.com",
                "LATCHKEY_ADMIN_PASSWORD",
                "a password for the chaos",
                "LATCHKEY_BOOTSTRAP_TOKEN_FILE",
                bootstrap.toString(),
                "LATCHKEY_TRUSTED_PROXIES",
                "127.0.0.1"));
        try (Ground ground = switch (options.engine()) {
            case SQLITE -> new SqliteGround(jar, folder, ports.getFirst(), settings, history);
            case POSTGRESQL -> {
                Path programs = PostgresServer.programs();
                if (programs == null) {
                    throw new IllegalStateException("PostgreSQL is needed (Debian: postgresql)");
                }
                yield new PostgresqlGround(programs, jar, folder, ports, settings, history);
            }
        }) {
            Credentials administrator = Stage.administrator(bootstrap);
            List<Client> clients = ground.actors().stream()
                    .map(actor -> new Client(actor.node(), history))
                    .toList();
            Stage.registerApi(clients.getFirst(), administrator);
            play(ground, clients, administrator);
            RuntimeException failed = failure.get();
            if (failed != null) {
                throw failed;
            }
            Recorded recorded = history.recorded();
            Command.Result verified =
                    ground.actors().getFirst().node().command("audit", "verify").result();
            Ending ending = FinalReading.read(clients, administrator, recorded, verified);
            clients.forEach(Client::close);
            if (!ending.unwell().isEmpty()) {
                ground.actors().forEach(actor -> actor.node().dump());
            }
            return new ChaosReport(
                    options,
                    ground.leftOut(),
                    List.copyOf(done),
                    recorded,
                    ending,
                    Checker.check(Bounds.promised(options.slack()), recorded, ending));
        }
    }

    private void play(Ground ground, List<Client> clients, Credentials administrator) {
        Inventory inventory = new Inventory();
        AtomicBoolean peopleAtWork = new AtomicBoolean(true);
        AtomicBoolean programsAtWork = new AtomicBoolean(true);
        List<Thread> people = new ArrayList<>();
        for (int i = 0; i < PEOPLE; i++) {
            Random random = new Random(options.seed() * 7 + i);
            Person person = new Person("person" + i, clients, administrator, inventory, history, random);
            people.add(repeated("person " + i, peopleAtWork, PEOPLE_PAUSE, person::act));
        }
        List<Thread> programs = new ArrayList<>();
        for (Programs each : Programs.of(clients, inventory, history, administrator)) {
            for (int i = 0; i < PROGRAMS_PER_NODE; i++) {
                Random random = new Random(options.seed() * 13 + programs.size());
                programs.add(repeated("programs", programsAtWork, PROGRAMS_PAUSE, () -> each.use(random)));
            }
        }
        List<Thread> lanes = new ArrayList<>();
        Duration gap = Duration.ofMillis(Math.clamp(options.time().toMillis() / 6, 2_000, 20_000));
        lanes.add(lane(Schedule.of(options.seed(), 0, ground.kinds(), gap, options.time()), ground::perform));
        ground.actors()
                .forEach(actor -> lanes.add(lane(
                        Schedule.of(options.seed(), lanes.size(), actor.kinds(), gap, options.time()),
                        actor::perform)));
        join(lanes);
        peopleAtWork.set(false);
        join(people);
        Actor.sleep(REST.plus(options.slack()).toMillis());
        programsAtWork.set(false);
        join(programs);
    }

    /** Carries out the steps of a lane in order, until the time is up. */
    private Thread lane(List<Step> steps, Consumer<Step> how) {
        long start = System.nanoTime();
        long end = start + options.time().toNanos();
        return Thread.ofVirtual().start(() -> {
            try {
                for (Step step : steps) {
                    long wait = start + TimeUnit.MILLISECONDS.toNanos(step.at()) - System.nanoTime();
                    Actor.sleep(Math.max(0, TimeUnit.NANOSECONDS.toMillis(wait)));
                    if (System.nanoTime() > end || failure.get() != null) {
                        break;
                    }
                    how.accept(step);
                    done.add(step);
                }
                long rest = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                Actor.sleep(failure.get() == null ? Math.max(0, rest) : 0);
            } catch (RuntimeException e) {
                failure.compareAndSet(null, e);
            }
        });
    }

    /** Does something again and again, with a pause that keeps its rate bounded. */
    private Thread repeated(String name, AtomicBoolean goingOn, Duration pause, Runnable what) {
        return Thread.ofVirtual().name(name).start(() -> {
            try {
                while (goingOn.get() && failure.get() == null) {
                    what.run();
                    Thread.sleep(pause);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                failure.compareAndSet(null, e);
            }
        });
    }

    private static void join(List<Thread> threads) {
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
