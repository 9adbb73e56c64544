package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.Database;
import dev.latchkey.database.DatabaseAddress;
import dev.latchkey.database.TestEngine;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import tools.jackson.databind.json.JsonMapper;

/**
 * Two nodes behind HAProxy are replaced by a newer version, one after the other, and one of them goes back, while programs
 * call all the time.
 *
 * <p>The newer version is this one with a migration that widens every table. The older one is this one as well, or the one whose
 * class path is in the system property {@code latchkey.previous} (see {@code bench/upgrade}); then the newer one is this one as
 * it is.
 */
@DisabledOnOs(OS.WINDOWS)
class RollingUpgradeTest {
    private static final String THIS = System.getProperty("java.class.path");
    private static final Optional<String> PREVIOUS = Optional.ofNullable(System.getProperty("latchkey.previous"));
    private static final long NEXT = 9_001;
    private static final int CALLS = 100;

    private final Path folder = TestRun.newFolder("upgrade");
    private final String database = ((DatabaseAddress.PostgresqlUrl) TestEngine.POSTGRESQL.newAddress()).url();
    private final List<Process> processes = new ArrayList<>();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final AtomicInteger answered = new AtomicInteger();
    private final ConcurrentLinkedQueue<String> lost = new ConcurrentLinkedQueue<>();
    private volatile boolean isOver;

    @AfterEach
    void end() throws Exception {
        isOver = true;
        for (Process process : processes) {
            process.destroyForcibly().waitFor();
        }
        http.close();
    }

    private static String older() {
        return PREVIOUS.orElse(THIS);
    }

    private String newer() throws IOException {
        if (PREVIOUS.isPresent()) {
            return THIS;
        }
        Path migrations = Files.createDirectories(folder.resolve("next/db/migration"));
        Files.write(
                migrations.resolve("V" + NEXT + "__next__nodes_since_"
                        + Database.knownSchema().version() + ".sql"),
                tables().stream()
                        .flatMap(table -> Stream.of(
                                "alter table " + table + " add column next_text text;",
                                "alter table " + table + " add column next_number integer not null default 7;"))
                        .toList());
        return folder.resolve("next") + File.pathSeparator + THIS;
    }

    private static List<String> tables() {
        try (Database tables = TestEngine.POSTGRESQL.open()) {
            return tables.<List<String>>read(handle -> handle.createQuery("select table_name from"
                            + " information_schema.tables where table_schema = current_schema() and table_name <>"
                            + " 'schema_history' order by 1")
                    .mapTo(String.class)
                    .list());
        }
    }

    private final class Node {
        final int port = FreePort.find();
        private final String name;
        private Process process;
        private Path log;
        private int starts;

        Node(String name) {
            this.name = name;
        }

        void start(String classPath) throws IOException {
            log = folder.resolve(name + "-" + ++starts + ".log");
            ProcessBuilder builder = new ProcessBuilder(List.of(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "--enable-native-access=ALL-UNNAMED",
                            "-XX:TieredStopAtLevel=1",
                            "-Dlogback.configurationFile=logback.xml",
                            "-Djava.io.tmpdir=" + TestRun.newFolder("node"),
                            "-cp",
                            classPath,
                            "dev.latchkey.Latchkey",
                            "serve",
                            "--port",
                            Integer.toString(port),
                            "--issuer",
                            "http://localhost:" + proxyPort,
                            "--data",
                            folder.resolve(name).toString(),
                            "--master-key-file",
                            folder.resolve("master.key").toString(),
                            "--database-url",
                            database,
                            "--trusted-proxies",
                            "127.0.0.1",
                            "--stop-delay-seconds",
                            "2"))
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile());
            builder.environment().keySet().removeIf(variable -> variable.startsWith("LATCHKEY_"));
            builder.environment().put("LATCHKEY_ADMIN_EMAIL", RunningServer.ADMIN_EMAIL);
            builder.environment().put("LATCHKEY_ADMIN_PASSWORD", RunningServer.ADMIN_PASSWORD);
            builder.environment()
                    .put("LATCHKEY_BOOTSTRAP_TOKEN_FILE", bootstrapFile().toString());
            process = builder.start();
            processes.add(process);
            // A machine that is busy with other tests takes its time.
            Waiting.until("the start of node " + name, Duration.ofMinutes(2), () -> {
                assertThat(process.isAlive()).as(said()).isTrue();
                return said().contains("Stop it with Ctrl-C");
            });
        }

        String said() {
            try {
                return Files.readString(log);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** As a supervisor does. */
        void stop() throws InterruptedException {
            process.destroy();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(said()).isZero();
        }

        void replaceWith(String classPath) throws Exception {
            stop();
            start(classPath);
            int before = answered.get();
            Waiting.until("more calls", () -> answered.get() > before + CALLS);
        }

        String url() {
            return "http://localhost:" + port;
        }
    }

    private final int proxyPort = FreePort.find();

    private Path bootstrapFile() {
        return folder.resolve("bootstrap.env");
    }

    private Credentials bootstrap() throws IOException {
        List<String> lines = Files.readAllLines(bootstrapFile());
        return new Credentials(
                lines.get(0).substring("CLIENT_ID=".length()), lines.get(1).substring("CLIENT_SECRET=".length()));
    }

    /** Repeats nothing, so that whatever a node loses is seen. */
    private void startProxy(List<Node> nodes) throws IOException {
        Path configuration = folder.resolve("haproxy.cfg");
        Files.writeString(configuration, """
                defaults
                    mode http
                    retries 0
                    timeout connect 5s
                    timeout client 30s
                    timeout server 30s
                    timeout check 10s
                frontend programs
                    bind 127.0.0.1:%d
                    default_backend nodes
                backend nodes
                    balance roundrobin
                    http-reuse always
                    option httpchk GET /health/ready
                    default-server check inter 100ms fall 1 rise 1
                %s
                """.formatted(
                        proxyPort,
                        nodes.stream()
                                .map(node -> "    server " + node.name + " 127.0.0.1:" + node.port)
                                .collect(Collectors.joining("\n"))));
        Path log = folder.resolve("haproxy.log");
        processes.add(new ProcessBuilder("/usr/sbin/haproxy", "-db", "-f", configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start());
        Waiting.until("HAProxy", () -> {
            assertThat(processes.getLast().isAlive()).as(Files.readString(log)).isTrue();
            try {
                return http.send(to(proxy(), "/health/live").build(), BodyHandlers.discarding())
                                .statusCode()
                        == 200;
            } catch (IOException e) {
                return false;
            }
        });
    }

    private String proxy() {
        return "http://localhost:" + proxyPort;
    }

    private static HttpRequest.Builder to(String base, String path) {
        return HttpRequest.newBuilder(URI.create(base + path));
    }

    private String called(int expected, HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpRequest built = request.build();
        HttpResponse<String> response = http.send(built, BodyHandlers.ofString());
        answered.incrementAndGet();
        if (response.statusCode() != expected) {
            lost.add(built + " " + response.statusCode() + " " + response.body());
            throw new IOException("refused");
        }
        return response.body();
    }

    private String accessToken(String base, Credentials token) throws IOException, InterruptedException {
        String body = called(
                200,
                to(base, "/oauth/v2/token")
                        .header("Authorization", "Basic " + token.basic())
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString("grant_type=client_credentials")));
        return JsonMapper.shared().readTree(body).get("access_token").asString();
    }

    private Credentials created(String base, String accessToken) throws IOException, InterruptedException {
        var body = JsonMapper.shared()
                .readTree(called(
                        201,
                        to(base, "/api/v1/tokens")
                                .header("Authorization", "Bearer " + accessToken)
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString("{\"description\":\"x\",\"role\":\"public\"}"))));
        return new Credentials(
                body.get("clientId").asString(), body.get("clientSecret").asString());
    }

    private void revoke(String base, String accessToken, Credentials token) throws IOException, InterruptedException {
        called(
                200,
                to(base, "/api/v1/tokens/" + token.clientId() + "/revoke")
                        .header("Authorization", "Bearer " + accessToken)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("{\"reason\":\"done\"}")));
    }

    private boolean isRefused(String base, Credentials token) throws IOException, InterruptedException {
        return http.send(
                                to(base, "/oauth/v2/token")
                                        .header("Authorization", "Basic " + token.basic())
                                        .header("Content-Type", "application/x-www-form-urlencoded")
                                        .POST(BodyPublishers.ofString("grant_type=client_credentials"))
                                        .build(),
                                BodyHandlers.discarding())
                        .statusCode()
                == 401;
    }

    /** Obtains access tokens and uses them. */
    private void useTokens(Credentials token) throws IOException, InterruptedException {
        String accessToken = accessToken(proxy(), token);
        for (int i = 0; i < 5; i++) {
            called(200, to(proxy(), "/api/v1/me").header("Authorization", "Bearer " + accessToken));
        }
    }

    /** Creates and revokes tokens. */
    private void manage(Credentials token) throws IOException, InterruptedException {
        String accessToken = accessToken(proxy(), token);
        Credentials created = created(proxy(), accessToken);
        accessToken(proxy(), created);
        revoke(proxy(), accessToken, created);
        called(200, to(proxy(), "/api/v1/tokens?pageSize=5").header("Authorization", "Bearer " + accessToken));
    }

    /** What a program does, again and again. */
    private interface Program {
        void run() throws IOException, InterruptedException;
    }

    private Thread keepsCalling(Program program) {
        return Thread.ofPlatform().start(() -> {
            while (!isOver) {
                try {
                    program.run();
                } catch (IOException e) {
                    lost.add(e.toString());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        });
    }

    @Test
    void nodesAreReplacedOneAfterTheOtherAndOneGoesBackAndNoGoodCallIsRefused() throws Exception {
        Needs.program("haproxy");
        Node one = new Node("one");
        Node two = new Node("two");
        one.start(older());
        two.start(older());
        startProxy(List.of(one, two));
        Credentials admin = bootstrap();
        List<Thread> programs = List.of(
                keepsCalling(() -> useTokens(admin)),
                keepsCalling(() -> useTokens(admin)),
                keepsCalling(() -> manage(admin)));
        Waiting.until("the load", () -> answered.get() > CALLS);

        one.replaceWith(newer());
        sideBySide(one, two, admin);
        two.replaceWith(newer());
        assertThat(lost).as("while it was upgraded").isEmpty();

        two.replaceWith(older());
        sideBySide(one, two, admin);
        isOver = true;
        for (Thread program : programs) {
            program.join();
        }
        assertThat(lost).isEmpty();
    }

    /** Both nodes accept changes, and each follows those of the other. */
    private void sideBySide(Node newer, Node older, Credentials admin) throws Exception {
        if (PREVIOUS.isEmpty()) {
            Waiting.until(
                    "the older node to notice",
                    () -> older.said().contains("has upgraded the database to schema " + NEXT));
        }
        for (List<Node> pair : List.of(List.of(newer, older), List.of(older, newer))) {
            String here = pair.getFirst().url();
            String there = pair.getLast().url();
            String accessToken = accessToken(here, admin);
            Credentials token = created(here, accessToken);
            Waiting.until("the new token", () -> !isRefused(there, token));
            revoke(here, accessToken, token);
            Waiting.until("the revocation", () -> isRefused(there, token));
        }
    }
}
