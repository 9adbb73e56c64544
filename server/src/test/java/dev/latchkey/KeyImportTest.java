package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.RunningServer.Answer;
import dev.latchkey.apitoken.HashRecipe;
import dev.latchkey.apitoken.KeyImportJson.ForeignKey;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import dev.latchkey.problem.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code latchkey key import} against a running server. */
class KeyImportTest {
    private static RunningServer server;
    private static Billing billing;

    @TempDir
    Path folder;

    private final Map<String, String> environment = new HashMap<>();

    @BeforeAll
    static void start() {
        server = RunningServer.start(TestEngine.SQLITE);
        billing = new Billing(server);
        billing.admin.send("PATCH", "/apis/billing", "{\"apiKeys\": {\"header\": \"X-API-Key\"}}");
        billing.admin.send("PATCH", "/account", "{\"longestKeyDays\": null}");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private record Outcome(int status, String said) {}

    private Outcome run(Path file, String... more) {
        environment.put("CLIENT_ID", server.bootstrap().clientId());
        environment.put("CLIENT_SECRET", server.bootstrap().clientSecret());
        return command(Stream.concat(
                        Stream.of(
                                "key", "import", file.toString(), "--role", "invoice_reader", "--server", server.url()),
                        Arrays.stream(more))
                .toArray(String[]::new));
    }

    private Outcome command(String... arguments) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(said, true, StandardCharsets.UTF_8);
        int status = new Latchkey(environment, stream, stream).run(arguments);
        return new Outcome(status, said.toString(StandardCharsets.UTF_8));
    }

    private Path file(String name, String... lines) throws IOException {
        return Files.write(folder.resolve(name), List.of(lines));
    }

    private static int ask(String key) {
        Answer answer = server.send(server.request("/gate/v1/nginx/billing")
                .header("X-Original-Method", "GET")
                .header("X-Original-URI", "/v1/invoices")
                .header("X-API-Key", key)
                .build());
        return answer.status();
    }

    /** The tokens that a search finds. */
    private static String found(String search) {
        return billing.admin.get("/tokens?search=" + search).body();
    }

    @Test
    void keysOfACsvFileAreHashedHereAndWorkThere() throws IOException {
        Path file = file(
                "csv-keys.csv",
                "\uFEFFkey,description,created,last_used,expires,addresses",
                "csv-key-1,\"Export, nightly\",2024-01-02 03:04:05.678+00,2025-01-02T03:04:05Z,,",
                "csv-key-2,,,,2030-01-01T00:00:00+01:00,\"127.0.0.0/8, ::1\"");
        Outcome dry = run(file, "--dry-run");
        assertThat(dry.said())
                .isEqualTo("Would import 2 keys as csv-keys.csv.\n"
                        + "Nothing has changed yet. Leave out --dry-run to import.\n");
        assertThat(dry.status()).isZero();
        assertThat(ask("csv-key-1")).isEqualTo(401);

        Outcome done = run(file);
        assertThat(done).isEqualTo(new Outcome(0, "Imported 2 keys as csv-keys.csv.\n"));
        assertThat(found("Export")).contains("Export, nightly", "2024-01-02T03:04:05.678Z", "2025-01-02T03:04:05Z");
        assertThat(ask("csv-key-1")).isEqualTo(200);
        assertThat(ask("csv-key-2")).isEqualTo(200);
        assertThat(Files.exists(KeyImportState.place(file))).isFalse();

        assertThat(run(file).said())
                .isEqualTo("Imported 0 keys as csv-keys.csv.\nImported before, and left as they are: 2 keys.\n");
    }

    @Test
    void hashesOfJsonLinesAreSentAsTheyAreWithThePrefixOfTheOtherSystem() throws IOException {
        HashRecipe recipe = new HashRecipe("p-", "");
        Path file = file(
                "keys.jsonl",
                "{\"hash\": \"" + recipe.sha256("json-key-1") + "\", \"id\": \"old-1\", \"expires\": null}",
                "",
                "{\"key\": \"json-key-2\", \"role\": \"invoice_clerk\", \"addresses\": [\"127.0.0.0/8\"]}");
        environment.put("HASH_PREFIX", "p-");
        assertThat(run(file, "--import-id", "json").said()).isEqualTo("Imported 2 keys as json.\n");
        assertThat(ask("json-key-1")).isEqualTo(200);
        assertThat(ask("json-key-2")).isEqualTo(200);
        assertThat(found("old-1")).contains("\"importId\":\"json\"");
    }

    @Test
    void whatIsRefusedIsReportedWithoutAKey() throws IOException {
        Path file = file(
                "mixed.csv",
                "key,hash,owner,expires",
                "mixed-key-1,,,",
                ",$2b$12$C6UzMDM.H6dfI/f/IKcEeO8m8b1C8i1w6pQ0m3m5m7m9m1m3m5m7m,,",
                "mixed-key-2,,eve@example.com,",
                "mixed-key-3,,,tomorrow",
                "mixed-key-4," + "a".repeat(64) + ",,",
                "mixed key 5,,,",
                "lkk_mixed-key-6,,,",
                "mixed-key-7,,",
                "mixed-key-8,,eve@example.com,");
        Outcome dry = run(file, "--dry-run");
        assertThat(dry.said()).contains("Would import 1 key", folder.resolve("mixed.csv.dry-run.csv") + ".");
        assertThat(dry.status()).isEqualTo(1);
        Outcome outcome = run(file);
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.said())
                .startsWith("Imported 1 key as mixed.csv.\nRefused: 8 keys. All of them are in "
                        + folder.resolve("mixed.csv.refused.csv") + ".\n")
                .contains("  1 x No key can be looked up by a salted hash (bcrypt).")
                .contains("  2 x owner: There is no user with this id, or the user is disabled. (first on line 4)")
                .contains(
                        "expires: Times need a date, a time and an offset, such as 2026-12-31T23:59:59Z. (first on line 5)")
                .contains("The row needs a key or a hash, and not both. (first on line 6)")
                .contains("visible ASCII characters")
                .contains("The key begins like one of Latchkey's own")
                .contains("The row has 3 cells, but the heading has 4. (first on line 9)");
        String report = Files.readString(folder.resolve("mixed.csv.refused.csv"));
        assertThat(report.lines()).hasSize(9).startsWith("line,reason");
        assertThat(report + outcome.said()).doesNotContain("mixed-key", "mixed key");
        assertThat(ask("mixed-key-1")).isEqualTo(200);
        assertThat(ask("mixed-key-2")).isEqualTo(401);
    }

    @Test
    void aKeyInTheWrongColumnIsNotInTheReport() throws IOException {
        Path file = file("swapped.csv", "key,role", "invoice_reader,swapped-key-1");
        Outcome outcome = run(file);
        assertThat(outcome.said())
                .contains("1 x role: There is no such role. (first on line 2)")
                .doesNotContain("swapped-key");
        assertThat(Files.readString(folder.resolve("swapped.csv.refused.csv"))).doesNotContain("swapped-key");
    }

    @Test
    void longDescriptionsAreSentInSmallerBatchesAndCut() throws IOException {
        String wide = "d".repeat(5_000);
        Path file = file(
                "wide.csv",
                Stream.concat(
                                Stream.of("key,description"),
                                IntStream.rangeClosed(1, 500).mapToObj(i -> "wide-key-" + i + "," + wide))
                        .toArray(String[]::new));
        assertThat(run(file).said()).endsWith("Imported 500 keys as wide.csv.\n");
        assertThat(ask("wide-key-500")).isEqualTo(200);
    }

    @Test
    void anInterruptedImportContinuesAndItsStateHoldsNoKey() throws IOException {
        Path file = file(
                "many.csv",
                Stream.concat(Stream.of("key"), IntStream.rangeClosed(1, 2_500).mapToObj(i -> "many-key-" + i))
                        .toArray(String[]::new));
        HashRecipe plain = new HashRecipe("", "");
        KeyImport.Request request = new KeyImport.Request(file, "invoice_reader", null, null, false, plain);
        KeyImportState.of(file, "many.csv", request.terms())
                .with(1_000, 990, 0, 10)
                .save(file);
        assertThat(Files.readString(KeyImportState.place(file)))
                .contains("1000")
                .doesNotContain("many-key");
        assertThat(run(file, "--import-id", "other"))
                .satisfies(other -> assertThat(other.said()).contains("Delete it to start again"))
                .satisfies(other -> assertThat(other.status()).isEqualTo(2));
        environment.put("HASH_PREFIX", "forgotten:");
        assertThat(run(file).said()).contains("another name, role, expiry, prefix or suffix");
        environment.remove("HASH_PREFIX");
        assertThat(run(file, "--expires-by", "2030-01-01T00:00:00Z").status()).isEqualTo(2);
        Outcome outcome = run(file);
        assertThat(outcome.said())
                .startsWith("Continuing after row 1,000.\nImported 2,490 keys as many.csv.\nRefused: 10 keys.");
        assertThat(ask("many-key-1")).as("before the interruption").isEqualTo(401);
        assertThat(ask("many-key-1001")).isEqualTo(200);
        assertThat(ask("many-key-2500")).isEqualTo(200);
        assertThat(Files.exists(KeyImportState.place(file))).isFalse();
    }

    @Test
    void anImportThatFailsHalfwaySaysHowToContinue() throws IOException {
        Path file = folder.resolve("halfway.csv");
        String rows = IntStream.rangeClosed(1, 1_000)
                .mapToObj(i -> "halfway-key-" + i + "\n")
                .collect(Collectors.joining());
        Files.writeString(file, "key\n" + rows + "\"" + "x".repeat(70_000));
        Outcome outcome = run(file);
        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.said())
                .contains("the record on line 1002 is longer than 65536 characters")
                .endsWith("The first 1,000 rows are done. Run the same command again to continue after them.\n");
        assertThat(ask("halfway-key-1000")).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'key,colour' | Column 2 of the file",
                "'acme_live_123' | Name the columns in its first line, separated by commas: key, hash,",
                "'key;hash' | Column 1 of the file",
                "'key,key' | has a column twice",
                "'' | is empty"
            })
    void aHeadingThatSaysSomethingElseIsRefused(String heading, String message) throws IOException {
        Path file = Files.writeString(folder.resolve("heading.csv"), heading);
        Outcome outcome = run(file);
        assertThat(outcome.said()).contains(message).doesNotContain("acme_live_123");
        assertThat(outcome.status()).isEqualTo(2);
    }

    @Test
    void whatIsWrongIsSaidInOneLine() throws IOException {
        Path file = file("one.csv", "key", "one-key");
        assertThat(command("key", "import", file.toString(), "--role", "x"))
                .isEqualTo(
                        new Outcome(
                                2,
                                "Set CLIENT_ID and CLIENT_SECRET in the environment to an API token whose role has tokens:create.\n"));
        assertThat(command("key", "import", file.toString()).said()).contains("--role");
        assertThat(command("key").status()).isEqualTo(2);
        assertThat(run(file, "--expires-by", "soon"))
                .isEqualTo(new Outcome(2, "--expires-by is \"soon\". Pass a time such as 2026-12-31T23:59:59Z.\n"));
        assertThat(run(file, "--import-id", "my import").said()).contains("--import-id");
        Path gone = folder.resolve("gone.csv");
        assertThat(run(gone))
                .isEqualTo(new Outcome(2, "The file " + gone + " cannot be read (no such file or folder).\n"));
        Path latin = Files.write(folder.resolve("latin.csv"), "key\nk\u00e4se".getBytes(StandardCharsets.ISO_8859_1));
        assertThat(run(latin)).isEqualTo(new Outcome(2, "The file " + latin + " cannot be read (it is not UTF-8).\n"));
        billing.admin.createRole("only_creates", "tokens:create");
        var creator = billing.admin.createToken("Creator", "only_creates");
        environment.put("CLIENT_ID", creator.clientId());
        environment.put("CLIENT_SECRET", creator.clientSecret());
        Outcome refused =
                command("key", "import", file.toString(), "--role", "invoice_reader", "--server", server.url());
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.said()).contains("invoices:read");
        assertThat(ask("one-key")).isEqualTo(401);
    }

    @Test
    void onlyTheHashOfAKeyIsSent() {
        ForeignKey sent = new KeyRows(new HashRecipe("", ""))
                .key(new KeyFile.Row(2, Map.of("key", "sent-key", "created", "2024-01-02T03:04:05Z"), null));
        assertThat(Json.writeText(sent)).doesNotContain("sent-key").contains(new HashRecipe("", "").sha256("sent-key"));
        assertThat(sent.createdAt()).isEqualTo(Instant.parse("2024-01-02T03:04:05Z"));
        assertThatThrownBy(() -> new KeyRows(new HashRecipe("", "")).key(new KeyFile.Row(3, Map.of(), null)))
                .hasMessage("The row needs a key or a hash, and not both.");
    }
}
