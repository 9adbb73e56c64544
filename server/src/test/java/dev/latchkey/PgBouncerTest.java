package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.DatabaseAddress.PostgresqlUrl;
import dev.latchkey.database.TestEngine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real PgBouncer in front of PostgreSQL, which assigns each transaction a different one of a few connections. */
@Timeout(120)
class PgBouncerTest {
    private static final int CONNECTIONS = 4;

    @TempDir
    Path folder;

    private final PostgresqlUrl address = (PostgresqlUrl) TestEngine.POSTGRESQL.newAddress();
    private Process bouncer;
    private String url;

    @BeforeEach
    void find() {
        Needs.that(!executable().isEmpty(), "pgbouncer");
    }

    private static String executable() {
        return Stream.of("/usr/sbin", "/usr/bin", "/usr/local/bin")
                .map(place -> Path.of(place, "pgbouncer"))
                .filter(Files::isExecutable)
                .findFirst()
                .map(Path::toString)
                .orElse("");
    }

    private void start(String mode) throws Exception {
        URI server = URI.create(address.url().substring("jdbc:".length()));
        int port = FreePort.find();
        String name = server.getPath().substring(1);
        // It does not run as root.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        Path configuration = Files.writeString(folder.resolve("pgbouncer.ini"), """
                [databases]
                %s = host=127.0.0.1 port=%d dbname=%s user=postgres
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = %d
                unix_socket_dir =
                auth_type = any
                pool_mode = %s
                default_pool_size = %d
                logfile = %s
                %s
                """.formatted(
                        name,
                        server.getPort(),
                        name,
                        port,
                        mode,
                        CONNECTIONS,
                        folder.resolve("pgbouncer.log"),
                        isRoot() ? "user = nobody" : ""));
        bouncer = new ProcessBuilder(executable(), configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
        url = "jdbc:postgresql://127.0.0.1:" + port + "/" + name + "?user=latchkey";
        Waiting.until("PgBouncer, which should listen", () -> {
            assertThat(bouncer.isAlive())
                    .as(Files.readString(folder.resolve("output")))
                    .isTrue();
            try (Socket socket = new Socket("127.0.0.1", port)) {
                return true;
            } catch (IOException e) {
                return false;
            }
        });
    }

    private static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (bouncer != null) {
            bouncer.destroy();
            if (!bouncer.waitFor(5, TimeUnit.SECONDS)) {
                bouncer.destroyForcibly();
            }
        }
    }

    private Map<String, String> settingsOfServerConnections() throws SQLException {
        Map<String, String> settings = new LinkedHashMap<>();
        List<Connection> all = new ArrayList<>();
        try {
            // Each in a transaction of its own, so that the pooler has to give them all.
            for (int i = 0; i < CONNECTIONS; i++) {
                Connection connection = DriverManager.getConnection(url + "&prepareThreshold=0");
                all.add(connection);
                connection.setAutoCommit(false);
                try (Statement statement = connection.createStatement();
                        ResultSet row = statement.executeQuery("select current_setting('statement_timeout') || ' '"
                                + " || current_setting('lock_timeout') || ' '"
                                + " || current_setting('idle_in_transaction_session_timeout') || ' '"
                                + " || current_setting('default_transaction_isolation') || ' '"
                                + " || current_setting('default_transaction_read_only'), pg_backend_pid()")) {
                    row.next();
                    settings.put(row.getString(2), row.getString(1));
                }
            }
        } finally {
            for (Connection connection : all) {
                connection.close();
            }
        }
        return settings;
    }

    @Test
    void inTransactionModeEverythingWorksAndNothingIsLeftOnTheConnections() throws Exception {
        start("transaction");
        try (RunningServer server = RunningServer.start(TestEngine.SQLITE, Map.of("database-url", url));
                RunningServer second = server.secondNode();
                ExecutorService people = Executors.newVirtualThreadPerTaskExecutor()) {
            RunningServer.Api admin = server.admin();
            RunningServer.Api other = second.admin();
            List<Future<Credentials>> made = IntStream.range(0, 30)
                    .mapToObj(i -> people.submit(
                            () -> (i % 2 == 0 ? admin : other).createToken("Program number " + i, "public")))
                    .toList();
            // Not in memory on the other node: each is looked up, more at a time than there are connections.
            List<Future<Answer>> granted = new ArrayList<>();
            for (int round = 0; round < 3; round++) {
                for (Future<Credentials> one : made) {
                    Credentials program = one.get();
                    granted.add(people.submit(() -> server.requestAccessToken(program, "")));
                    granted.add(people.submit(() -> second.requestAccessToken(program, "")));
                }
            }
            for (Future<Answer> answer : granted) {
                assertThat(answer.get().status()).isEqualTo(200);
            }
            assertThat(other.get("/tokens?search=number+17").json().get("items"))
                    .as("found by the search index")
                    .hasSize(1);
            assertThat(admin.post("/tokens/" + made.getFirst().get().clientId() + "/revoke", "")
                            .status())
                    .isEqualTo(200);
            Waiting.until(
                    "the refusal on the other node",
                    () -> second.requestAccessToken(made.getFirst().get(), "").status() != 200);
            assertThat(second.requestAccessToken(made.getFirst().get(), "").status())
                    .isEqualTo(401);
            assertThat(server.get("/health/ready").body()).startsWith("ready");
            assertThat(settingsOfServerConnections())
                    .hasSize(CONNECTIONS)
                    .allSatisfy((process, settings) -> assertThat(settings).isEqualTo("0 0 0 read committed off"));
        }
    }

    @Test
    void aModeThatCannotWorkIsRefusedInOneLineThatNamesIt() throws Exception {
        start("statement");
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(said, true, StandardCharsets.UTF_8);
        assertThat(new Latchkey(Map.of(), stream, stream)
                        .run("--port", "0", "--data", folder.resolve("data").toString(), "--database-url", url))
                .isEqualTo(2);
        assertThat(said.toString(StandardCharsets.UTF_8).strip())
                .hasLineCount(1)
                .contains("Set pool_mode = transaction in PgBouncer");
    }
}
