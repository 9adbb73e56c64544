package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.database.TestEngine;
import dev.latchkey.database.UnusableDatabaseException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An attacker who can write to the database, but not to the data folder, cannot shorten, wipe or rewrite the audit log unseen.
 */
@ParameterizedClass
@EnumSource(TestEngine.class)
class WitnessedLogTest {
    @Parameter
    TestEngine engine;

    RunningServer server;
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    @BeforeEach
    void start() {
        server = RunningServer.start(engine);
        for (int i = 0; i < 3; i++) {
            server.admin().createRole("role" + i, "audit:read");
        }
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private int run(String... command) {
        said.reset();
        PrintStream stream = new PrintStream(said, true, StandardCharsets.UTF_8);
        List<String> arguments = new ArrayList<>(List.of(command));
        arguments.addAll(server.commandFlags());
        return new Latchkey(Map.of(), stream, stream).run(arguments.toArray(String[]::new));
    }

    private String said() {
        return said.toString(StandardCharsets.UTF_8);
    }

    /** With no node at work that would notice at once. */
    private void tamper(String... statements) {
        server.close();
        for (String statement : statements) {
            server.change(statement);
        }
    }

    private List<Path> segments() throws IOException {
        try (Stream<Path> files = Files.list(server.folder().resolve("data/witness"))) {
            return files.sorted().toList();
        }
    }

    @Test
    void anUntouchedLogAgreesWithTheWitness() {
        assertThat(run("audit", "verify")).isZero();
        assertThat(said()).contains("none missing or altered").contains("agrees");
        assertThat(run("audit", "lost")).isZero();
        assertThat(said()).contains("No lost changes are open.");
    }

    @Test
    void aWipedLogShows() {
        tamper(
                "delete from event",
                "delete from event_span",
                "update event_head set sequence = 0, hash = '', seal = ''");
        assertThat(run("audit", "verify")).isEqualTo(1);
        assertThat(said()).contains("lacks").contains("shortened");
    }

    @Test
    void aWipedLogLetsNothingHappenTwiceThatHappensOnceAndIsListed() throws Exception {
        Path left = server.folder().resolve("bootstrap.env");
        tamper(
                "delete from event",
                "delete from event_span",
                "update event_head set sequence = 0, hash = '', seal = ''");
        String before = Files.readString(left);
        Files.delete(left);
        server.restart();
        assertThat(left).doesNotExist();
        Files.writeString(left, before);
        assertThat(server.admin().get("/events/lost?state=open&pageSize=100").body())
                .contains("role2")
                .contains("api_token.create");
        assertThat(run("audit", "lost")).isEqualTo(1);
        assertThat(said()).contains("role.create  role2").contains("a node noticed a different history");
        assertThat(run("audit", "verify")).isZero();
        assertThat(said()).contains("The history of the database was replaced before");
    }

    @Test
    void anEarlierEndThatIsPutBackShows() {
        server.close();
        server.change("create table kept_head as select * from event_head");
        server.restart();
        server.admin().createRole("later", "audit:read");
        tamper(
                "delete from event where sequence > (select sequence from kept_head)",
                "delete from event_head",
                "insert into event_head select * from kept_head");
        assertThat(run("audit", "verify")).isEqualTo(1);
        assertThat(said()).contains("lacks 1 event that the witness").contains("shortened");
    }

    @Test
    void aMissingEndIsSaidInOneLine() {
        tamper("delete from event_head");
        assertThat(run("audit", "verify")).isEqualTo(1);
        assertThat(said().lines()).hasSize(1);
        assertThat(said()).contains("the end of the log is missing");
        assertThatThrownBy(server::restart)
                .isInstanceOf(UnusableDatabaseException.class)
                .hasMessageContaining("does not end at its recorded end");
    }

    @Test
    void alteredAndHalfWrittenLinesOfTheWitnessDoNotCount() throws Exception {
        server.close();
        Path segment = segments().getLast();
        String content = Files.readString(segment);
        Files.writeString(segment, content.replace("role1", "role9") + "{\"sequence\":99,\"at\":1");
        server.restart();
        assertThat(run("audit", "verify")).isZero();
        server.admin().createRole("later", "audit:read");
        tamper("delete from role");
        assertThat(run("audit", "verify")).isZero();
        assertThat(Files.readString(segment))
                .doesNotContain("\"sequence\":99,\"at\":1\n")
                .contains("later");
    }

    @Test
    void theWitnessIsForItsOwnerOnlyAndHoldsNoSecret() throws Exception {
        assertThat(Files.getPosixFilePermissions(segments().getLast()).toString())
                .doesNotContain("GROUP", "OTHERS");
        assertThat(Files.readString(segments().getLast()))
                .contains("role1")
                .doesNotContain(server.bootstrap().clientSecret())
                .doesNotContain(RunningServer.ADMIN_PASSWORD);
    }

    @Test
    void aNodeWithoutAWitnessBeginsOneWithTheNewestEvents() throws Exception {
        server.close();
        for (Path segment : segments()) {
            Files.delete(segment);
        }
        Files.delete(server.folder().resolve("data/witness"));
        server.restart();
        assertThat(Files.readString(segments().getLast())).contains("role0").contains("role2");
        assertThat(run("audit", "verify")).isZero();
        assertThat(said()).contains("agrees");
    }

    @Test
    void whereNoWitnessCanBeKeptEverythingElseContinues() throws Exception {
        server.close();
        for (Path segment : segments()) {
            Files.delete(segment);
        }
        Path folder = server.folder().resolve("data/witness");
        Files.delete(folder);
        Files.writeString(folder, "not a folder");
        server.restart();
        server.admin().createRole("later", "audit:read");
        assertThat(run("audit", "verify")).isZero();
        assertThat(said()).contains("There is no witness");
    }
}
