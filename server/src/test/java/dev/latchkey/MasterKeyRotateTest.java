package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer.Browser;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.apitoken.HashRecipe;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Another master key, and everything continues as if nothing had happened. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class MasterKeyRotateTest {
    @Parameter
    TestEngine engine;

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final Map<String, String> environment = new HashMap<>();
    private RunningServer server;
    private Credentials program;
    private String accessToken;
    private Browser browser;
    private Billing billing;
    private Path file;
    private Path next;

    @BeforeEach
    void start() {
        server = RunningServer.start(engine);
        program = server.admin().createToken("Program", "public");
        accessToken = server.accessToken(program);
        browser = server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
        billing = new Billing(server);
        billing.admin.send("PATCH", "/apis/billing", "{\"apiKeys\": {\"header\": \"X-API-Key\"}}");
        assertThat(billing.admin
                        .post("/tokens/import", """
                                {"importId": "x", "role": "invoice_reader", "suffix": "pepper", "expiresBy": "%s",
                                 "keys": [{"sha256": "%s"}]}""".formatted(
                                        Instant.now().plus(Duration.ofDays(1)),
                                        new HashRecipe("", "pepper").sha256("foreign-key")))
                        .status())
                .isEqualTo(200);
        file = server.folder().resolve("data/master.key");
        next = server.folder().resolve("data/master.key.new");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private int command(String... words) {
        said.reset();
        List<String> arguments = new ArrayList<>(List.of(words));
        arguments.addAll(server.commandFlags());
        PrintStream stream = new PrintStream(said, true, StandardCharsets.UTF_8);
        return new Latchkey(environment, stream, stream).run(arguments.toArray(String[]::new));
    }

    private String said() {
        return said.toString(StandardCharsets.UTF_8).strip();
    }

    private static String read(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<Path> kept() {
        try (Stream<Path> files = Files.list(file.getParent())) {
            return files.filter(each -> each.getFileName().toString().startsWith("master.key.until-"))
                    .toList();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void assertEverythingContinues() {
        assertThat(server.send(server.request("/api/v1/me")
                                .header("Authorization", "Bearer " + accessToken)
                                .build())
                        .status())
                .as("an access token from before")
                .isEqualTo(200);
        assertThat(server.requestAccessToken(program, "").status())
                .as("a client secret from before")
                .isEqualTo(200);
        assertThat(browser.get("/tokens").status()).as("a session from before").isEqualTo(200);
        assertThat(server.send(server.request("/gate/v1/nginx/billing")
                                .header("X-Original-Method", "GET")
                                .header("X-Original-URI", "/v1/invoices")
                                .header("X-API-Key", "foreign-key")
                                .build())
                        .status())
                .as("an imported key, whose sealed suffix was sealed again")
                .isEqualTo(200);
        assertThat(server.admin().post("/signing-keys/rotate", "").status()).isEqualTo(200);
    }

    @Test
    void everythingContinuesWithTheNewKeyAndNothingOpensWithTheOldOne() throws Exception {
        String old = read(file);
        server.restartAfter(() -> assertThat(command("master-key", "rotate")).isZero());
        assertThat(said()).contains("The new master key is in " + file);
        assertThat(read(file)).isNotEqualTo(old);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(next).doesNotExist();
        assertThat(kept()).hasSize(1).allSatisfy(each -> assertThat(each).hasContent(old.strip()));
        assertEverythingContinues();
        assertThat(server.admin()
                        .get("/events?operation=master_key.rotate")
                        .json()
                        .get("items"))
                .hasSize(1);
        server.restartAfter(() -> {
            assertThat(command("audit", "verify")).as(said()).isZero();
            assertThat(command("master-key", "rotate")).as("and once more").isZero();
        });
        assertEverythingContinues();

        Path wrong = Files.writeString(server.folder().resolve("old.key"), old);
        assertThat(command("audit", "verify", "--master-key-file", wrong.toString()))
                .isEqualTo(2);
        assertThat(said()).contains("The master key does not belong to this database.");
    }

    @Test
    void aKeyThatSomeoneElseMadeIsTakenFromItsFileAndStaysThere() throws Exception {
        Path given = Files.writeString(
                server.folder().resolve("given.key"),
                Base64.getEncoder().encodeToString("0123456789abcdef0123456789abcdef".getBytes()));
        String old = read(file);
        server.restartAfter(() -> {
            assertThat(command("master-key", "rotate", "--new-key-file", given.toString()))
                    .isZero();
            assertThat(said()).contains("Start Latchkey with it from now on");
            assertThat(read(file)).isEqualTo(old);
            assertThat(command("audit", "verify")).isEqualTo(2);
            assertThat(command("master-key", "rotate", "--new-key-file", given.toString()))
                    .as("again, as after an interruption")
                    .isZero();
            assertThat(command(
                            "master-key",
                            "rotate",
                            "--master-key-file",
                            given.toString(),
                            "--new-key-file",
                            given.toString()))
                    .as("the present key is no new one")
                    .isEqualTo(2);
            move(given, file);
        });
        assertEverythingContinues();
    }

    /** As {@code kill -9} leaves it, after the new key is on the disk and before the database is sealed under it. */
    @Test
    void interruptedBeforeTheDatabaseChangesTheOldKeyOpensIt() {
        server.restartAfter(() -> copy(file, next, "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="));
        assertEverythingContinues();
        server.restartAfter(() -> assertThat(command("master-key", "rotate")).isZero());
        assertThat(read(file)).as("the key that was made already").startsWith("MDEyMzQ1Njc4");
        assertEverythingContinues();
    }

    /** After the database is sealed under the new key and before its file has taken the place of the old one. */
    @Test
    void interruptedAfterTheDatabaseChangesTheNewKeyOpensItAndTheCommandFinishes() {
        String old = read(file);
        server.restartAfter(() -> {
            assertThat(command("master-key", "rotate", "--new-key-file", next.toString()))
                    .isZero();
            assertThat(read(file)).isEqualTo(old);
            assertThat(command("audit", "verify")).isEqualTo(2);
            assertThat(said())
                    .contains("There is also " + next + ", so a rotation was interrupted.")
                    .contains("latchkey master-key rotate");
            assertThat(command("master-key", "rotate")).isZero();
            assertThat(next).doesNotExist();
        });
        assertThat(kept()).hasSize(1).allSatisfy(each -> assertThat(read(each)).isEqualTo(old));
        assertEverythingContinues();
    }

    /** After the old key was kept under its other name and before the new one has taken its place. */
    @Test
    void interruptedBetweenTheTwoFilesTheCommandFinishes() {
        String old = read(file);
        server.restartAfter(() -> {
            assertThat(command("master-key", "rotate", "--new-key-file", next.toString()))
                    .isZero();
            copy(file, file.resolveSibling("master.key.until-20260301T120000Z"), old);
            assertThat(command("master-key", "rotate")).isZero();
        });
        assertThat(kept()).hasSize(2).allSatisfy(each -> assertThat(read(each)).isEqualTo(old));
        assertEverythingContinues();
    }

    @Test
    void aWrongKeyChangesNothing() throws Exception {
        Path wrong = Files.writeString(
                server.folder().resolve("wrong.key"),
                Base64.getEncoder().encodeToString("0123456789abcdef0123456789abcdef".getBytes()));
        server.restartAfter(() -> {
            assertThat(command("master-key", "rotate", "--master-key-file", wrong.toString()))
                    .isEqualTo(2);
            assertThat(said().lines()).hasSize(1);
            assertThat(said()).contains("The master key does not belong to this database.");
            assertThat(wrong.resolveSibling("wrong.key.new")).doesNotExist();
        });
        assertEverythingContinues();
    }

    @Test
    void whileTheServiceRunsNothingIsRotated() {
        assertThat(command("master-key", "rotate")).isEqualTo(2);
        assertThat(said()).contains("Another Latchkey").contains("Stop it");
        assertThat(next).doesNotExist();
        assertEverythingContinues();
    }

    @Test
    void aKeyFromTheEnvironmentNeedsAFileForTheNewOne() {
        environment.put("LATCHKEY_MASTER_KEY", read(file).strip());
        server.restartAfter(() -> {
            assertThat(command("master-key", "rotate")).isEqualTo(2);
            assertThat(said()).contains("LATCHKEY_MASTER_KEY").contains("--new-key-file");
            assertThat(command("master-key", "rotate", "--new-key-file", next.toString()))
                    .isZero();
            move(next, file);
        });
        assertEverythingContinues();
    }

    /** All or nothing: the log's end is where it cannot be found, so the event, which comes last, cannot be written. */
    @Test
    void aDatabaseThatFailsAmidTheRotationStaysSealedUnderTheOldKey() {
        String old = read(file);
        server.restartAfter(() -> {
            server.change("alter table event_head rename to hidden_event_head");
            assertThat(command("master-key", "rotate")).isNotZero();
            server.change("alter table hidden_event_head rename to event_head");
        });
        assertThat(read(file)).isEqualTo(old);
        assertThat(next).exists();
        assertEverythingContinues();
        server.restartAfter(() -> assertThat(command("master-key", "rotate")).isZero());
        assertEverythingContinues();
    }

    private static void move(Path from, Path to) {
        try {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void copy(Path like, Path to, String content) {
        try {
            Files.copy(like, to);
            Files.writeString(to, content);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
