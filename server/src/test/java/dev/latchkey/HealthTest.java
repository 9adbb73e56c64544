package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.database.TestEngine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** What an installation says about itself, and that it notices what is not well. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class HealthTest {
    @Parameter
    TestEngine engine;

    @TempDir
    Path folder;

    private RunningServer server;
    private RunningServer.Api admin;

    @BeforeEach
    void start() {
        server = RunningServer.start(engine);
        admin = server.admin();
        Waiting.until("the entry of this node", () -> health().get("nodes").size() == 1);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private JsonNode health() {
        return admin.get("/server/health").json();
    }

    private JsonNode finding(String topic) {
        for (JsonNode finding : health().get("findings")) {
            if (finding.get("topic").asString().equals(topic)) {
                return finding;
            }
        }
        throw new AssertionError("nothing was found about " + topic);
    }

    private String status(String topic) {
        return finding(topic).get("status").asString();
    }

    private List<String> hosts() {
        List<String> hosts = new ArrayList<>();
        health().get("nodes").forEach(node -> hosts.add(node.get("host").asString()));
        return hosts;
    }

    private String backUp(Path file) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        List<String> command = new ArrayList<>(List.of("backup", file.toString()));
        command.addAll(server.commandFlags());
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        assertThat(new Latchkey(Map.of(), out, out).run(command.toArray(String[]::new)))
                .as(said.toString(StandardCharsets.UTF_8))
                .isZero();
        return said.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aHealthyInstallationSaysSoAboutEachTopic() {
        backUp(folder.resolve("first.backup"));
        JsonNode health = health();
        assertThat(health.get("status").asString()).as(health.toPrettyString()).isEqualTo("well");
        assertThat(health.get("findings")).hasSize(9).allSatisfy(finding -> {
            assertThat(finding.get("status").asString()).isEqualTo("well");
            assertThat(finding.has("toDo")).isFalse();
        });
        assertThat(health.get("database").get("engine").asString())
                .isEqualTo(engine == TestEngine.SQLITE ? "SQLite" : "PostgreSQL");
        assertThat(health.get("database").get("version").asString()).matches("[0-9]+\\.[0-9.]+");
        JsonNode node = health.get("nodes").get(0);
        assertThat(node.get("id")).isEqualTo(health.get("nodeId"));
        assertThat(node.get("schema")).isEqualTo(health.get("database").get("schema"));
        assertThat(node.has("clockAheadMillis")).isEqualTo(engine == TestEngine.POSTGRESQL);
        assertThat(health.get("lanes"))
                .extracting(lane -> lane.get("name").asString())
                .contains("look-ups", "signatures", "requests", "endings", "passwords", "documents");
        assertThat(health.get("history").get("lastSequence").asLong()).isPositive();
    }

    @Test
    void onlyThoseWhoManageTheAccountSeeIt() {
        admin.createRole("reader", "tokens:read", "audit:read");
        RunningServer.Api reader = server.api(admin.createToken("reads", "reader"));
        assertThat(reader.get("/server/health").status()).isEqualTo(403);
    }

    @Test
    void aBackupIsKnownAndSoIsItsAge() {
        assertThat(status("backup")).isEqualTo(engine == TestEngine.SQLITE ? "attention" : "unknown");
        assertThat(health().has("lastBackup")).isFalse();
        assertThat(backUp(folder.resolve("one.backup"))).doesNotContain("could not be written");
        JsonNode last = health().get("lastBackup");
        assertThat(last.get("lastSequence")).isEqualTo(health().get("history").get("lastSequence"));
        assertThat(status("backup")).isEqualTo("well");
        server.change("update backup_mark set made_at = made_at - 2592000000");
        assertThat(status("backup")).isEqualTo("attention");
        assertThat(finding("backup").get("found").asString()).contains("30 days ago");
    }

    @Test
    void aNodeThatWasKilledIsSilentAndIsForgottenAfterADay() {
        server.change(dead("'killed'", "killed.example", -600_000));
        JsonNode nodes = finding("nodes");
        assertThat(nodes.get("status").asString()).isEqualTo("attention");
        assertThat(nodes.get("found").asString()).contains("killed.example");
        assertThat(nodes.get("toDo").asString()).isNotEmpty();
        server.change("update node set seen_at = seen_at - 86400000 where node_id = 'killed'");
        server.keepHouse();
        assertThat(hosts()).doesNotContain("killed.example").hasSize(1);
        assertThat(status("nodes")).isEqualTo("well");
    }

    /** A row that another node left, as many milliseconds from this one's. */
    private static String dead(String id, String host, long fromThisOne) {
        return "insert into node select " + id + ", '" + host + ":/data', '" + host
                + "', '0.9', schema_version, started_at, seen_at + (" + fromThisOne + "), 65000 from node limit 1";
    }

    @Test
    void nodesOfDifferentVersionsAndClocksAreNamed() {
        server.change(dead("'other'", "other.example", 0));
        assertThat(status("nodes")).isEqualTo("well");
        assertThat(status("versions")).isEqualTo("attention");
        assertThat(finding("versions").get("found").asString()).contains("0.9 (other.example)");
        assertThat(status("clocks")).isEqualTo("trouble");
        assertThat(finding("clocks").get("found").asString())
                .contains("The clock of other.example is 65.0 seconds ahead");
        assertThat(health().get("status").asString()).isEqualTo("trouble");
    }

    @Test
    void theEntriesOfNodesCannotGrowWithoutBound() {
        for (int i = 0; i < 120; i++) {
            server.change(dead("'dead-" + i + "'", "dead-" + i, -10_000));
        }
        server.keepHouse();
        assertThat(hosts()).hasSizeLessThanOrEqualTo(100);
        assertThat(health().get("nodes"))
                .anySatisfy(node -> assertThat(node.get("id")).isEqualTo(health().get("nodeId")));
    }

    @Test
    void aNodeThatStopsOrStartsAgainLeavesNoEntryBehind() {
        server.change(dead("'earlier run'", "x", 0));
        server.change("update node set place = (select place from node where node_id <> 'earlier run') where node_id ="
                + " 'earlier run'");
        server.restart();
        admin = server.admin();
        Waiting.until("the entry of this node", () -> health().get("nodes").size() == 1);
        assertThat(status("nodes")).isEqualTo("well");
    }

    @Test
    void lostChangesAndAChangedHistoryAreNamed() {
        server.change("insert into history_change (change_id, noticed_at, noticed_by, last_sequence) values ('tip',"
                + " 1772367000000, 'node', 1)");
        assertThat(status("history")).isEqualTo("attention");
        server.change("update history_change set confirmed_at = 1772367100000, confirmed_by = 'ada@example.com'");
        assertThat(status("history")).isEqualTo("well");
        assertThat(finding("history").get("found").asString()).contains("1 Mar 2026");
    }

    @Test
    void aNodeWithoutAWitnessSaysSo() throws IOException {
        server.restartAfter(() -> replaceByFile(server.folder().resolve("data/witness")));
        admin = server.admin();
        assertThat(status("witness")).isEqualTo("attention");
    }

    private static void replaceByFile(Path witness) {
        try {
            Files.move(witness, witness.resolveSibling("moved-witness"));
            Files.createFile(witness);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aKeyThatIsNotRotatedIsNamed() {
        server.close();
        TestClock clock = new TestClock();
        server = RunningServer.start(engine, clock);
        admin = server.admin();
        assertThat(finding("signing_keys").get("found").asString()).contains("since 1 Mar 2026");
        admin.send("PATCH", "/signing-keys/policy", "{\"rotationDays\":0}");
        assertThat(status("signing_keys")).isEqualTo("well");
        clock.advance(Duration.ofDays(400));
        admin = server.admin();
        assertThat(status("signing_keys")).isEqualTo("attention");
        assertThat(finding("signing_keys").get("found").asString()).contains("by hand only");
    }
}
