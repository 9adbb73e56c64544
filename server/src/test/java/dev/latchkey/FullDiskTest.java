package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On a small disk of its own, which only root may make; elsewhere these tests are skipped. */
class FullDiskTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private Path disk;
    private Path data;
    private Path ballast;
    private RunningServer server;

    @BeforeEach
    void mount() throws Exception {
        disk = TestRun.newFolder("disk");
        Needs.ifPossible(
                SystemCommand.succeeds("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", disk.toString()),
                "the right to mount a disk");
        data = disk.resolve("data");
        ballast = disk.resolve("ballast");
        server = RunningServer.start(TestEngine.SQLITE, Map.of("data", data.toString()));
    }

    @AfterEach
    void unmount() throws Exception {
        if (server != null) {
            Files.deleteIfExists(ballast);
            server.close();
            SystemCommand.succeeds("umount", disk.toString());
        }
    }

    private void fill() {
        try (OutputStream out = Files.newOutputStream(ballast)) {
            byte[] block = new byte[1_024];
            for (int i = 0; i < 1_000_000; i++) {
                out.write(block);
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space left on device");
        }
    }

    private static Answer create(RunningServer.Api admin) {
        return admin.post("/tokens", "{\"description\":\"" + "x".repeat(100) + "\",\"role\":\"public\"}");
    }

    private static int revoke(RunningServer.Api admin, Credentials token) {
        return admin.post("/tokens/" + token.clientId() + "/revoke", "{}").status();
    }

    private boolean hasReserve() {
        try {
            return Files.exists(data.resolve("latchkey.reserve"))
                    && Files.size(data.resolve("latchkey.reserve")) == 8 * 1_024 * 1_024;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Answer createUntilItIsRefused(RunningServer.Api admin) {
        for (int i = 0; i < 3_000; i++) {
            Answer answer = create(admin);
            if (answer.status() != 201) {
                return answer;
            }
        }
        throw new AssertionError("the disk takes everything");
    }

    @Test
    void whatEndsSomethingGetsThroughWhenNothingElseDoes() throws Exception {
        RunningServer.Api admin = server.admin();
        List<Credentials> programs = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            programs.add(admin.createToken("Program " + i, "public"));
        }
        Waiting.until("the reserve", this::hasReserve);
        fill();
        Answer refused = createUntilItIsRefused(admin);
        assertThat(refused.status()).isEqualTo(503);
        // A write in the background may have found it first.
        String full = "The disk of the data folder " + data + " is full";
        assertThat(refused.body())
                .containsAnyOf(
                        full + ": No space left on device.",
                        full + ": no space left. Until there is space, only changes that end something are accepted.");
        Answer ready = server.get("/health/ready");
        assertThat(ready.status()).as("tokens are checked as always").isEqualTo(200);
        assertThat(ready.body()).contains("The disk of the data folder " + data + " is full");

        assertThat(server.browser()
                        .signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD)
                        .get("/tokens?sort=-lastAccess")
                        .status())
                .as("somebody must be able to come in")
                .isEqualTo(200);
        for (Credentials program : programs) {
            assertThat(revoke(admin, program)).isEqualTo(200);
            assertThat(server.requestAccessToken(program, "").status()).isEqualTo(401);
        }
        assertThat(hasReserve()).as("it was given up").isFalse();
        assertThat(create(admin).body()).contains("only changes that end something are accepted");

        Files.delete(ballast);
        Waiting.until("room", () -> create(admin).status() == 201);
        assertThat(hasReserve()).as("for the next time").isTrue();
        assertThat(server.get("/health/ready").body()).isEqualTo("ready\n");
    }

    @Test
    void aServiceStartsOnAFullDiskAndRevokes() throws Exception {
        RunningServer.Api admin = server.admin();
        Credentials goesOn = admin.createToken("Goes on", "public");
        Credentials leaked = admin.createToken("Leaked", "public");
        Waiting.until("the reserve", this::hasReserve);
        server.restartAfter(this::fill);
        assertThat(server.requestAccessToken(goesOn, "").status()).isEqualTo(200);
        assertThat(revoke(server.admin(), leaked)).isEqualTo(200);
        assertThat(server.requestAccessToken(leaked, "").status()).isEqualTo(401);
        assertThat(server.get("/health/ready").body()).contains("is full: No space left on device");
    }

    @Test
    void aFirstStartOnAFullDiskIsRefusedInOneLine() throws Exception {
        server.close();
        Path fresh = Files.createDirectory(disk.resolve("fresh"));
        fill();
        RunningServer.Ended ended = RunningServer.run("serve", "--port", "0", "--data", fresh.toString());
        assertThat(ended.status()).as(ended.said()).isEqualTo(2);
        String line = ended.said().lines().toList().getLast();
        assertThat(ended.said()).doesNotContain("\tat ");
        assertThat(line).containsIgnoringCase("disk").contains("full");
    }
}
