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
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code latchkey api import} against a running server, as a pipeline would call it. */
class ApiImportTest {
    private static RunningServer server;

    @TempDir
    Path folder;

    private final Map<String, String> environment = new HashMap<>();

    @BeforeAll
    static void start() {
        server = RunningServer.start(TestEngine.SQLITE);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private record Outcome(int status, String said) {}

    private Outcome run(String... arguments) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(said, true, StandardCharsets.UTF_8);
        int status = new Latchkey(environment, stream, stream).run(arguments);
        return new Outcome(status, said.toString(StandardCharsets.UTF_8));
    }

    private void as(Credentials credentials) {
        environment.put("CLIENT_ID", credentials.clientId());
        environment.put("CLIENT_SECRET", credentials.clientSecret());
    }

    private Path document(String paths) throws IOException {
        return Files.writeString(
                folder.resolve("api.yaml"), "openapi: 3.1.0\ninfo: {title: Shop, version: '1'}\npaths: " + paths);
    }

    @Test
    void aDocumentIsShownFirstAndChangesTheApiWhenTold() throws IOException {
        as(server.bootstrap());
        String[] shown = {
            "api",
            "import",
            "shop",
            document("{/a: {get: {tags: [x]}}}").toString(),
            "--server",
            server.url(),
            "--create",
            "https://shop.example"
        };
        Outcome first = run(shown);
        assertThat(first.status()).as(first.said()).isZero();
        assertThat(first.said())
                .contains("Shop 1: 1 added, 0 changed, 0 removed, 0 unchanged")
                .contains("  + GET /a  x:read")
                .contains("Nothing has changed yet.");
        assertThat(server.admin().get("/apis/shop").status()).isEqualTo(404);
        Outcome applied = run(
                "api",
                "import",
                "shop",
                shown[3],
                "--server",
                server.url(),
                "--create",
                "https://shop.example",
                "--apply");
        assertThat(applied.said()).contains("Registered the API shop for https://shop.example.");
        assertThat(applied.said()).contains("Applied: shop has 1 endpoint.");
        document("{/b: {get: {tags: [x]}}}");
        Outcome next = run("api", "import", "shop", shown[3], "--server", server.url());
        assertThat(next.said()).contains("  + GET /b  x:read").contains("  - GET /a");
    }

    @Test
    void aFolderIsSentWhole() throws IOException {
        as(server.bootstrap());
        document("{/a: {$ref: parts/a.yml}}");
        Files.createDirectories(folder.resolve("parts"));
        Files.writeString(folder.resolve("parts/a.yml"), "get: {tags: [y]}");
        Outcome outcome = run(
                "api",
                "import",
                "split",
                folder.toString(),
                "--server",
                server.url(),
                "--create",
                "https://split.example",
                "--apply");
        assertThat(outcome.status()).as(outcome.said()).isZero();
        assertThat(outcome.said()).contains("+ GET /a  y:read").contains("Applied");
    }

    @Test
    void whatIsLeftOutIsListedAndTakenOnceItIsSaidWhatItNeeds() throws IOException {
        as(server.bootstrap());
        String document = document("{/a: {get: {tags: [x]}, put: {security: [{o: [a b]}]}}, /b: {get: {$ref: '#/x'}}}")
                .toString();
        String[] command = {
            "api", "import", "parcels", document, "--server", server.url(), "--create", "https://p.example"
        };
        Outcome shown = run(command);
        assertThat(shown.said())
                .contains("Shop 1: 1 added, 0 changed, 0 removed, 0 unchanged, 2 left out")
                .contains(
                        "  ? PUT /a is left out. the document, line 3, column 37: \"a b\" is not a name for a privilege.")
                .contains("  ? GET /b is left out. the document, line 3, column")
                .contains("Name its privileges with --need.");
        Outcome wrong = run(with(command, "--need", "PUT /c=x:write", "--apply"));
        assertThat(wrong.said())
                .contains(
                        "--need names PUT /c, but no such operation was left out that can be imported. Nothing has changed.");
        assertThat(wrong.status()).isEqualTo(1);
        Outcome unclear = run(with(command, "--need", "PUT /a"));
        assertThat(unclear.said()).contains("Write --need as");
        assertThat(unclear.status()).isEqualTo(2);
        assertThat(server.admin().get("/apis/parcels").status()).isEqualTo(404);
        Outcome applied = run(with(command, "--need", "PUT /a=x:write y:write", "--need", "GET /b=x:read", "--apply"));
        assertThat(applied.said())
                .contains("  + PUT /a  x:write and y:write", "Applied: parcels has 3 endpoints.")
                .doesNotContain("  ? ");
        Outcome again = run("api", "import", "parcels", document, "--server", server.url());
        assertThat(again.said()).contains("0 added, 0 changed, 0 removed, 3 unchanged\n");
    }

    private static String[] with(String[] command, String... more) {
        return Stream.concat(Arrays.stream(command), Arrays.stream(more)).toArray(String[]::new);
    }

    @Test
    void anImportThatFailsLeavesNoApiBehind() throws IOException {
        as(server.bootstrap());
        Path document = document("{/a: {$ref: '#/nowhere'}}");
        String[] command = {
            "api", "import", "nothing", document.toString(), "--server", server.url(), "--apply", "--create"
        };
        assertThat(run(with(command, "https://nothing.example")).status()).isEqualTo(1);
        assertThat(run(with(command, "not a uri")).said()).contains("Enter an absolute URI");
        assertThat(server.admin().get("/apis/nothing").status()).isEqualTo(404);
    }

    @Test
    void whatIsWrongIsSaidInOneLine() throws IOException {
        Path document = document("{/a: {$ref: '#/nowhere'}}");
        assertThat(run("api", "import", "x", document.toString()))
                .isEqualTo(
                        new Outcome(
                                2,
                                "Set CLIENT_ID and CLIENT_SECRET in the environment to an API token whose role has apis:manage.\n"));
        as(new Credentials("nobody", "wrong"));
        assertThat(run("api", "import", "x", document.toString(), "--server", server.url())
                        .status())
                .isEqualTo(1);
        as(server.bootstrap());
        Outcome nowhere = run(
                "api", "import", "y", document.toString(), "--server", server.url(), "--create", "https://y.example");
        assertThat(nowhere.status()).isEqualTo(1);
        assertThat(nowhere.said()).contains("line 3, column 20: the reference \"#/nowhere\" leads nowhere");
        assertThat(run("api", "import", "none", document.toString(), "--server", server.url())
                        .said())
                .contains("There is no API \"none\".");
        assertThat(run("api", "import", "no such api", document.toString(), "--server", server.url())
                        .said())
                .contains("There is no API \"no such api\".");
        Path gone = folder.resolve("gone");
        assertThat(run("api", "import", "x", gone.toString(), "--server", server.url()))
                .isEqualTo(new Outcome(2, "The document " + gone + " cannot be read (no such file or folder).\n"));
        Outcome unreachable = run("api", "import", "x", document.toString(), "--server", "http://127.0.0.1:1");
        assertThat(unreachable.said())
                .contains("cannot be reached at http://127.0.0.1:1/. Check that it is running there");
        assertThat(unreachable.status()).isEqualTo(2);
        for (String address : List.of("localhost:8080", "ftp://localhost", "/there", "http://a b")) {
            assertThat(run("api", "import", "x", document.toString(), "--server", address))
                    .isEqualTo(new Outcome(
                            2, "--server is \"" + address + "\". Pass a URL such as http://localhost:8080.\n"));
        }
        assertThat(run("api").status()).isEqualTo(2);
    }
}
