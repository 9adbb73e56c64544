package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.DatabaseAddress;
import dev.latchkey.database.TestEngine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A backup is made while the service runs, is refused when it is damaged, and a restore reports what it cannot know.
 */
@ParameterizedClass
@EnumSource(TestEngine.class)
class BackupTest {
    @Parameter
    TestEngine engine;

    @TempDir
    Path folder;

    RunningServer server;
    Credentials token;
    Path backup;
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    @BeforeEach
    void start() {
        server = RunningServer.start(engine);
        token = server.admin().createToken("Nightly report", "accountadmin");
        backup = folder.resolve("latchkey.backup");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private int run(List<String> flags, String... command) {
        said.reset();
        PrintStream stream = new PrintStream(said, true, StandardCharsets.UTF_8);
        List<String> arguments = new ArrayList<>(List.of(command));
        arguments.addAll(flags);
        return new Latchkey(Map.of(), stream, stream).run(arguments.toArray(String[]::new));
    }

    private String said() {
        return said.toString(StandardCharsets.UTF_8);
    }

    private void backUp() {
        assertThat(run(server.commandFlags(), "backup", backup.toString()))
                .as(said())
                .isZero();
    }

    /** An empty target with the master key, for restoring the backup. */
    private List<String> emptyPlace() throws IOException {
        Path data = folder.resolve("restored");
        Files.createDirectories(data);
        Files.copy(server.folder().resolve("data/master.key"), data.resolve("master.key"));
        List<String> flags = new ArrayList<>(List.of("--data", data.toString()));
        if (engine == TestEngine.POSTGRESQL) {
            flags.addAll(List.of("--database-url", ((DatabaseAddress.PostgresqlUrl) engine.newAddress()).url()));
        }
        return flags;
    }

    private RunningServer startOn(List<String> flags) {
        server.close();
        server = server.on(flags);
        return server;
    }

    @Test
    void aBackupOfAServiceInUseIsWholeAndEndsAtOneMoment() throws Exception {
        AtomicBoolean busy = new AtomicBoolean(true);
        Thread writer = Thread.ofPlatform().start(() -> {
            for (int i = 0; busy.get(); i++) {
                server.admin().createRole("busy" + i, "audit:read");
            }
        });
        try {
            backUp();
        } finally {
            busy.set(false);
            writer.join();
        }
        assertThat(said()).contains("ends at event");
        assertThat(run(List.of(), "backup", "check", backup.toString())).isZero();
        assertThat(said()).contains("is whole");
        List<String> place = emptyPlace();
        assertThat(run(place, "restore", backup.toString())).as(said()).isZero();
        assertThat(run(place, "audit", "verify")).as(said()).isZero();
    }

    @Test
    void withoutALaterWitnessItSaysSoUntilAnAdministratorConfirms() throws Exception {
        backUp();
        server.admin().post("/tokens/" + token.clientId() + "/revoke", "{}");
        List<String> place = emptyPlace();
        assertThat(run(place, "restore", backup.toString())).as(said()).isZero();
        assertThat(said()).contains("it is not known what they were").contains("This copy ends at event");
        startOn(place);
        assertThat(server.requestAccessToken(token, "").status())
                .as("it is not known that it was revoked")
                .isEqualTo(200);
        var change = server.admin().get("/events/history").json().get("items").get(0);
        assertThat(change.get("noticedBy").asString()).isEqualTo("restore");
        assertThat(change.has("lost")).isFalse();
        assertThat(change.has("confirmedAt")).isFalse();
        assertThat(run(place, "audit", "lost")).isEqualTo(1);
        assertThat(said()).contains("a backup was restored").contains("it is not known what was lost");
        assertThat(run(place, "audit", "verify")).as(said()).isZero();
    }

    @Test
    void aSingleLaterEventIsSpokenOfAsOne() throws Exception {
        backUp();
        server.admin().createRole("auditor", "audit:read");
        List<String> place = emptyPlace();
        Path witness = server.folder().resolve("data/witness");
        assertThat(run(place, "restore", backup.toString(), "--witness", witness.toString()))
                .as(said())
                .isZero();
        assertThat(said()).contains("The witness has 1 later event. The next start ends again what it ended");
        startOn(place);
        assertThat(server.admin().get("/events/lost?state=open").body()).contains("auditor");
        assertThat(run(place, "audit", "lost")).isEqualTo(1);
        assertThat(said()).contains("1 lost change is open. Settle it in the console");
        assertThat(run(place, "audit", "verify")).as(said()).isZero();
        assertThat(said()).contains("which lost 1 known change. 1 lost change is open.");
    }

    @Test
    void withALaterWitnessWhatWasEndedSinceIsEndedAgainBeforeAnythingIsAnswered() throws Exception {
        backUp();
        server.admin().post("/tokens/" + token.clientId() + "/revoke", "{}");
        server.admin().createRole("auditor", "audit:read");
        List<String> place = emptyPlace();
        Path witness = server.folder().resolve("data/witness");
        assertThat(run(place, "restore", backup.toString(), "--witness", witness.toString()))
                .as(said())
                .isZero();
        assertThat(said()).contains("The witness has 2 later events");
        startOn(place);
        assertThat(server.requestAccessToken(token, "").status()).isEqualTo(401);
        assertThat(server.admin().get("/events/lost?state=open").body()).contains("auditor");
        assertThat(run(place, "audit", "verify")).as(said()).isZero();
    }

    @Test
    void aWitnessThatEndsWithTheBackupMayBeAsOldAndSoSaysNothingOfTheTimeAfter() throws Exception {
        backUp();
        List<String> place = emptyPlace();
        Path witness = server.folder().resolve("data/witness");
        assertThat(run(place, "restore", backup.toString(), "--witness", witness.toString()))
                .as(said())
                .isZero();
        assertThat(said()).contains("The witness ends where the backup ends").contains("it is not known");
    }

    @Test
    void aWitnessOfAnotherInstallationIsNotUsedAndSaidSo() throws Exception {
        backUp();
        List<String> place = emptyPlace();
        try (RunningServer other = RunningServer.start(engine)) {
            assertThat(run(
                            place,
                            "restore",
                            backup.toString(),
                            "--witness",
                            other.folder().resolve("data/witness").toString()))
                    .isZero();
        }
        assertThat(said()).contains("does not continue the backup").contains("it is not known");
    }

    @Test
    void aRestoreNeedsAnEmptyPlaceAndTheMasterKeyOfItsTime() throws Exception {
        backUp();
        server.close();
        assertThat(run(server.commandFlags(), "restore", backup.toString())).isEqualTo(2);
        assertThat(said().lines()).hasSize(1);
        assertThat(said()).contains("There is already a database");
        List<String> place = emptyPlace();
        Files.writeString(folder.resolve("restored/master.key"), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");
        assertThat(run(place, "restore", backup.toString())).isEqualTo(2);
        assertThat(said().lines()).hasSize(1);
        assertThat(said()).contains("was made with a different master key");
        Files.delete(folder.resolve("restored/master.key"));
        assertThat(run(place, "restore", backup.toString())).isEqualTo(2);
        assertThat(said()).contains("There is no master key file");
    }

    @Test
    void aDamagedBackupIsRefusedWithThePlaceNamed() throws Exception {
        backUp();
        byte[] whole = Files.readAllBytes(backup);
        List<String> place = emptyPlace();
        byte[] flipped = whole.clone();
        flipped[whole.length / 3] ^= 0x55;
        Files.write(backup, flipped);
        assertThat(run(List.of(), "backup", "check", backup.toString())).isEqualTo(2);
        assertThat(said().lines()).hasSize(1);
        assertThat(said()).contains("is damaged: latchkey.d");
        assertThat(run(place, "restore", backup.toString())).isEqualTo(2);
        assertThat(said()).contains("is damaged: latchkey.d");
        Files.write(backup, java.util.Arrays.copyOf(whole, whole.length - 100));
        assertThat(run(List.of(), "backup", "check", backup.toString())).isEqualTo(2);
        assertThat(said()).contains("is damaged: it is not a whole zip file");
        Files.writeString(backup, "not a backup");
        assertThat(run(List.of(), "backup", "check", backup.toString())).isEqualTo(2);
        assertThat(run(List.of(), "backup", "check", folder.resolve("none").toString()))
                .isEqualTo(2);
        assertThat(said()).contains("There is no file");
        try (Stream<Path> files = Files.list(folder.resolve("restored"))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .doesNotContain("latchkey.db", "latchkey.db.restoring", "witness");
        }
    }

    @Test
    void aBackupOverwritesNothingAndIsForItsOwnerOnly() throws Exception {
        backUp();
        assertThat(Files.getPosixFilePermissions(backup).toString()).doesNotContain("GROUP", "OTHERS");
        assertThat(run(server.commandFlags(), "backup", backup.toString())).isEqualTo(2);
        assertThat(said()).contains("already exists");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(backup);
        }
    }

    @Test
    void theBackupOfOneEngineIsNotRestoredToTheOther() throws Exception {
        backUp();
        List<String> flags = new ArrayList<>(emptyPlace().subList(0, 2));
        if (engine == TestEngine.SQLITE) {
            flags.addAll(List.of(
                    "--database-url", ((DatabaseAddress.PostgresqlUrl) TestEngine.POSTGRESQL.newAddress()).url()));
        }
        assertThat(run(flags, "restore", backup.toString())).isEqualTo(2);
        assertThat(said().lines()).hasSize(1);
        assertThat(said()).contains("is a backup of " + (engine == TestEngine.SQLITE ? "sqlite" : "postgresql"));
    }
}
