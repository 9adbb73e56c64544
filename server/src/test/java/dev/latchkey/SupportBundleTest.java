package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A support bundle says what helps, and nothing that was planted wherever a secret or a person can be. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class SupportBundleTest {
    private static final String PERSON = "planted.person@people.example";

    @Parameter
    TestEngine engine;

    @TempDir
    Path folder;

    private RunningServer server;
    private Credentials admin;
    private final List<String> planted = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("trusted-proxies", "203.0.113.77");
        settings.put("key-hosts", "keys.planted.example");
        settings.put("import-hosts", "documents.planted.example");
        settings.put("lease-seconds", "7");
        server = RunningServer.start(engine, settings);
        admin = server.bootstrap();
        RunningServer.Api api = server.api(admin);
        api.createRole("reader", "tokens:read");
        Credentials token = api.createToken("planted description", "reader");
        api.post("/users", "{\"email\":\"" + PERSON + "\",\"name\":\"Planted Person\",\"roles\":[\"reader\"]}")
                .created();
        planted.addAll(settings.values());
        planted.remove("7");
        planted.addAll(List.of(
                admin.clientId(),
                admin.clientSecret(),
                token.clientId(),
                token.clientSecret(),
                server.accessToken(token),
                RunningServer.ADMIN_EMAIL,
                RunningServer.ADMIN_PASSWORD,
                PERSON,
                "Planted Person",
                "planted description",
                Files.readString(server.folder().resolve("data/master.key")).strip(),
                server.folder().resolve("data").toString()));
        // A shorter name is also a part of words.
        if (HostName.current().length() >= 4) {
            planted.add(HostName.current());
        }
        if (engine == TestEngine.POSTGRESQL) {
            planted.add(server.databaseUrl());
        }
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private record Ended(int status, String said) {}

    private Ended run(Map<String, String> environment, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(server.commandFlags());
        // What the node was started with; the command usually finds it in the same file.
        all.addAll(List.of("--trusted-proxies", "203.0.113.77", "--key-hosts", "keys.planted.example"));
        all.addAll(List.of("--import-hosts", "documents.planted.example"));
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream print = new PrintStream(said, true, StandardCharsets.UTF_8);
        int status = new Latchkey(environment, print, print).run(all.toArray(String[]::new));
        return new Ended(status, said.toString(StandardCharsets.UTF_8));
    }

    private Map<String, String> environment() {
        return Map.of("CLIENT_ID", admin.clientId(), "CLIENT_SECRET", admin.clientSecret());
    }

    private static Map<String, String> contents(Path bundle) throws IOException {
        Map<String, String> contents = new LinkedHashMap<>();
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(bundle))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                contents.put(entry.getName(), new String(zip.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return contents;
    }

    private void assertNothingPlantedIn(Map<String, String> contents) {
        assertThat(planted)
                .hasSizeGreaterThan(14)
                .allSatisfy(secret -> assertThat(contents)
                        .allSatisfy((name, text) -> assertThat(text).as(name).doesNotContain(secret)));
    }

    @Test
    void ofARunningNodeItHasEverythingButSecrets() throws IOException {
        Path bundle = folder.resolve("running.zip");
        Ended ended = run(
                environment(),
                "support-bundle",
                bundle.toString(),
                "--server",
                server.url(),
                "--log",
                log().toString());
        assertThat(ended.status()).as(ended.said()).isZero();
        Map<String, String> contents = contents(bundle);
        assertThat(contents)
                .containsOnlyKeys(
                        "README.txt",
                        "version.json",
                        "machine.json",
                        "settings.json",
                        "health.json",
                        "inventory.json",
                        "threads.json",
                        "log.txt");
        assertThat(contents.get("settings.json"))
                .contains("trusted-proxies", "database-password", "\"7\"")
                .contains("not set");
        assertThat(contents.get("health.json"))
                .containsPattern("\"host\" ?: ?\"machine 1\"")
                .contains("signing_keys", "look-ups");
        assertThat(contents.get("inventory.json")).contains("\"person\"", "\"api_token active\"", "\"schema\"");
        assertThat(contents.get("threads.json")).contains("event-log", "dev.latchkey.");
        assertThat(contents.get("log.txt"))
                .contains("The database does not answer", "[email]", "[address]", "[secret]");
        assertNothingPlantedIn(contents);
    }

    @Test
    void withoutANodeItReadsTheSettingsAndTheDatabase() throws IOException {
        server.restartAfter(() -> {
            Path bundle = folder.resolve("stopped.zip");
            Ended ended = run(Map.of(), "support-bundle", bundle.toString(), "--lease-seconds", "9");
            assertThat(ended.status()).as(ended.said()).isZero();
            try {
                Map<String, String> contents = contents(bundle);
                assertThat(contents.get("settings.json")).contains("\"9\"", "--lease-seconds");
                assertThat(contents.get("inventory.json")).contains("\"person\"", "\"api_token active\"");
                assertNothingPlantedIn(contents);
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(bundle)))
                        .isEqualTo("rw-------");
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void anUnreadableDatabaseIsPartOfWhatItSays() throws IOException {
        Path data = Files.createDirectory(folder.resolve("data"));
        Files.writeString(
                data.resolve("latchkey.db"), "this is not a database, however long it is, by no means at all");
        Path bundle = folder.resolve("broken.zip");
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream print = new PrintStream(said, true, StandardCharsets.UTF_8);
        int status = new Latchkey(Map.of(), print, print)
                .run("support-bundle", bundle.toString(), "--data", data.toString());
        assertThat(status).as(said.toString(StandardCharsets.UTF_8)).isZero();
        assertThat(contents(bundle).get("inventory.json"))
                .contains("unreadable")
                .doesNotContain(data.toString());
    }

    @Test
    void itReplacesNoFileAndNeedsThePrivilege() throws IOException {
        Path bundle = Files.writeString(folder.resolve("there.zip"), "mine");
        assertThat(run(Map.of(), "support-bundle", bundle.toString()).status()).isEqualTo(2);
        assertThat(bundle).hasContent("mine");
        Credentials reader = server.api(admin).createToken("reads", "reader");
        Ended refused = run(
                Map.of("CLIENT_ID", reader.clientId(), "CLIENT_SECRET", reader.clientSecret()),
                "support-bundle",
                folder.resolve("new.zip").toString(),
                "--server",
                server.url());
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.said()).contains("account:manage");
        assertThat(folder.resolve("new.zip")).doesNotExist();
    }

    /** A log as no Latchkey writes it: with everything in it that must not be given away. */
    private Path log() throws IOException {
        String basic = "c2VjcmV0OnNlY3JldC1vZi1zb21lb25l";
        String withPassword = "jdbc:postgresql://db.planted.example/latchkey?user=planted_user&password=pl4nted";
        planted.addAll(List.of(
                basic,
                withPassword,
                "pl4nted",
                "hunter2",
                "short-secret",
                "198.51.100.23",
                "2001:db8::17",
                "planted-cookie"));
        List<String> lines = new ArrayList<>(List.of(
                "2026-11-29T01:02:03.004Z WARN [event-log] The database does not answer",
                "sign-in of " + PERSON + " from 198.51.100.23 and 2001:db8::17",
                "Authorization: Basic " + basic,
                "Authorization: Bearer short-secret",
                "{\"password\": \"hunter2\", \"client_secret\":\"short-secret\"}",
                "Cookie: planted-cookie",
                "connecting to " + withPassword));
        planted.stream()
                .filter(each -> !each.contains("Planted Person") && !each.contains("planted description"))
                .map(each -> "found " + each + " here")
                .filter(line -> !line.contains("hunter2")
                        && !line.contains("short-secret")
                        && !line.contains("planted-cookie")
                        && !line.contains(" pl4nted ")
                        && !line.contains(RunningServer.ADMIN_PASSWORD))
                .forEach(lines::add);
        return Files.write(folder.resolve("latchkey.log"), lines);
    }
}
