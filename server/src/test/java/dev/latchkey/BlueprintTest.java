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
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code latchkey plan}, {@code apply} and {@code export} against a running server, as a pipeline would call them. */
class BlueprintTest {
    private static RunningServer server;
    private static RunningServer.Api admin;

    @TempDir
    Path folder;

    private final Map<String, String> environment = new HashMap<>();

    @BeforeAll
    static void start() {
        server = RunningServer.start(TestEngine.SQLITE);
        admin = server.admin();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void asAdministrator() {
        as(server.bootstrap());
    }

    private record Outcome(int status, String said) {
        Outcome ok() {
            assertThat(status).as(said).isZero();
            return this;
        }
    }

    private Outcome run(String... arguments) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(said, true, StandardCharsets.UTF_8);
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--server", server.url()));
        int status = new Latchkey(environment, stream, stream).run(all.toArray(String[]::new));
        return new Outcome(status, said.toString(StandardCharsets.UTF_8));
    }

    private void as(Credentials credentials) {
        environment.put("CLIENT_ID", credentials.clientId());
        environment.put("CLIENT_SECRET", credentials.clientSecret());
    }

    private String file(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name + ".yaml"), "version: 1\nname: " + name + "\n" + content)
                .toString();
    }

    private static void assertNothingToDo(Outcome outcome) {
        assertThat(outcome.said()).contains("Nothing to do");
        assertThat(outcome.status()).isZero();
    }

    private static final String WHOLE = """
        apis:
          whole-shop:
            audience: https://whole-shop.example
            hosts: [Whole.Example]
            basePath: /v1/
            privileges:
              items:read: See items
            endpoints:
              GET /items: items:read
              POST /items: {privileges: [items:write, items:read], summary: Add an item}
              GET /health: {access: public}
        roles:
          whole_reader:
            description: Reads
            allow:
              whole-shop: [items:read]
          whole_writer:
            allow:
              whole-shop: [items:write]
              latchkey: [tokens:read]
            grantedRoles: [whole_reader]
        tokens:
          - description: Whole shop
            role: whole_writer
            allowedAddresses: [192.0.2.7]
        """;

    @Test
    void limitsAreSetEverywhereExportedAndTakenAway() throws IOException {
        String limited = """
            account:
              limits: {perMonth: 900000000000}
            apis:
              limited-shop:
                audience: https://limited-shop.example
                limits: {perSecond: 500, burst: 1000}
            roles:
              limited_reader:
                limits: {perDay: 10000}
            tokens:
              - description: Limited shop
                role: limited_reader
                limits: {accessTokensPerHour: 60}
            """;
        String file = file("limited", limited);
        Outcome planned = run("plan", file).ok();
        assertThat(planned.said())
                .contains("limits: 500 calls a second (1,000 at once)", "limits of each token: 10,000 calls a day")
                .contains("limits: 60 access tokens an hour", "900,000,000,000 calls a month");
        run("apply", file, "--discard-secrets").ok();
        assertNothingToDo(run("plan", file));
        assertThat(admin.get("/account").json().get("limits").toString()).isEqualTo("{\"perMonth\":900000000000}");
        assertThat(admin.get("/apis/limited-shop").json().get("limits").toString())
                .isEqualTo("{\"perSecond\":500,\"burst\":1000}");
        assertThat(admin.get("/roles/limited_reader").json().get("limits").toString())
                .isEqualTo("{\"perDay\":10000}");
        assertThat(run("export").ok().said())
                .contains("perMonth: 900000000000", "burst: 1000", "perDay: 10000", "accessTokensPerHour: 60");

        String wrong = run("plan", file("limited", limited.replace("perSecond: 500, ", "")))
                .said();
        assertThat(wrong).contains("Leave this out, or also say how many calls a second there may be");
        run("apply", file("limited", limited.replaceAll("limits: \\{.*}", "limits: null")), "--discard-secrets")
                .ok();
        for (String path : List.of("/account", "/apis/limited-shop", "/roles/limited_reader")) {
            assertThat(admin.get(path).json().has("limits")).as(path).isFalse();
        }
    }

    @Test
    void theWholeWayFromNothingToPrunedChangesOnlyWhatTheFileNames() throws IOException {
        admin.createRole("whole_bystander", "tokens:read");
        String file = file("whole", WHOLE);
        Outcome planned = run("plan", file, "--exit-code");
        assertThat(planned.status()).as(planned.said()).isEqualTo(2);
        assertThat(planned.said())
                .contains("+ API whole-shop", "    + endpoint GET /items: items:read")
                .contains("+ role whole_writer", "    + privilege latchkey/tokens:read: allow")
                .contains("+ API token \"Whole shop\"", "    + allowed addresses: 192.0.2.7/32")
                .contains("  role whole_writer (0 active tokens)\n    opens   whole-shop GET /health")
                .contains("    gains   in Latchkey itself: tokens:read")
                .contains(": 4 to create, 0 to change, 0 to remove.");
        assertThat(admin.get("/apis/whole-shop").status()).isEqualTo(404);

        Path secrets = folder.resolve("secrets");
        assertThat(run("apply", file).said()).contains("Pass one of --secrets-folder");
        assertThat(admin.get("/apis/whole-shop").status()).isEqualTo(404);
        Outcome applied =
                run("apply", file, "--secrets-folder", secrets.toString()).ok();
        Path secret = secrets.resolve("Whole-shop.env");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)))
                .isEqualTo("rw-------");
        Matcher lines =
                Pattern.compile("CLIENT_ID=(\\S+)\nCLIENT_SECRET=(\\S+)\n").matcher(Files.readString(secret));
        assertThat(lines.matches()).isTrue();
        assertThat(applied.said()).contains(lines.group(1)).doesNotContain(lines.group(2));
        assertThat(admin.get("/tokens/" + lines.group(1)).json().get("role").asString())
                .isEqualTo("whole_writer");

        long events = events();
        assertNothingToDo(run("plan", file, "--exit-code"));
        assertNothingToDo(run("apply", file, "--secrets-folder", secrets.toString()));
        assertThat(events()).isEqualTo(events);
        assertNothingToDo(run("plan", export(), "--exit-code"));

        String edited = file(
                "whole",
                WHOLE.replace("      POST /items: {privileges: [items:write, items:read], summary: Add an item}\n", "")
                        .replace("whole-shop: [items:write]", "whole-shop: []")
                        .replace("[192.0.2.7]", "[192.0.2.7, 192.0.2.8]"));
        Outcome difference = run("plan", edited).ok();
        assertThat(difference.said())
                .contains("~ API whole-shop", "    - endpoint POST /items: items:read and items:write (Add an item)")
                .contains("  role whole_writer (1 active token)\n    closes  whole-shop POST /items")
                .contains("    ~ allowed addresses: 192.0.2.7/32 -> 192.0.2.7/32, 192.0.2.8/32");
        run("apply", edited).ok();
        assertNothingToDo(run("plan", edited, "--exit-code"));

        String fewer = file("whole", "roles:\n  whole_reader: {description: Reads}\n");
        assertNothingToDo(run("plan", fewer, "--exit-code"));
        assertThat(run("plan", fewer, "--prune").said())
                .contains("- API token \"Whole shop\"", "- role whole_writer", "- API whole-shop")
                .contains("closes  whole-shop GET /items", "0 to create, 0 to change, 3 to remove.")
                .doesNotContain("- role whole_bystander");
        run("apply", fewer, "--prune").ok();
        assertThat(admin.get("/apis/whole-shop").status()).isEqualTo(404);
        assertThat(admin.get("/roles/whole_writer").status()).isEqualTo(404);
        assertThat(admin.get("/tokens/" + lines.group(1)).json().get("status").asString())
                .isEqualTo("revoked");
        assertThat(admin.get("/roles/whole_bystander").status()).isEqualTo(200);
        assertNothingToDo(run("apply", fewer, "--prune"));
    }

    private static long events() {
        return admin.get("/events?pageSize=1")
                .json()
                .get("items")
                .get(0)
                .get("sequence")
                .asLong();
    }

    private String export() throws IOException {
        Outcome exported = run("export").ok();
        return Files.writeString(folder.resolve("export.yaml"), exported.said()).toString();
    }

    @Test
    void pruningTouchesNothingThatAnotherFileOrSomeoneElseMade() throws IOException {
        run("apply", file("pruned-a", "roles: {pruned_a: {allow: {}}, pruned_again: {allow: {}}}"))
                .ok();
        run("apply", file("pruned-b", "roles: {pruned_b: {allow: {}}}")).ok();
        assertThat(admin.delete("/roles/pruned_again").status()).isEqualTo(204);
        admin.createRole("pruned_again");
        Outcome pruned = run("apply", file("pruned-a", ""), "--prune").ok();
        assertThat(pruned.said()).contains("- role pruned_a\n").contains("1 to remove.");
        assertThat(admin.get("/roles/pruned_b").status()).isEqualTo(200);
        assertThat(admin.get("/roles/pruned_again").status()).isEqualTo(200);
    }

    @Test
    void everyFaultOfAFileIsToldWithItsLineAndColumnAndNothingChanges() throws IOException {
        String file = file("faulty", """
            rolls: {}
            account: {longestTokenDays: 0}
            roles:
              faulty_ok: {allow: {latchkey: [tokens:read]}}
              Faulty: {}
              faulty_typo: {alow: {}}
            """);
        Outcome shape = run("apply", file);
        assertThat(shape.status()).isEqualTo(1);
        assertThat(shape.said().replace(file, "F").lines())
                .containsExactly(
                        "F:3:1: There is no \"rolls\". Did you mean roles?",
                        "F:4:29: account.longestTokenDays must be a number from 1 to 3653.",
                        "F:7:3: \"Faulty\" is not the name of a role (a-z, 0-9 and _).",
                        "F:8:17: There is no \"alow\" in roles.faulty_typo. Did you mean allow?");
        String other = file("faulty", """
            apis:
              faulty-api: {audience: nowhere, endpoints: {GET /a: a:read}}
            roles:
              faulty_ok: {allow: {latchkey: [tokens:raed], nowhere: [x]}, grantedRoles: [faulty_okk]}
              faulty_one: {grantedRoles: [faulty_two]}
              faulty_two: {grantedRoles: [faulty_one]}
            tokens:
              - {description: Faulty, role: faulty_none, expiresAt: 2027-13-01T00:00:00Z}
            """);
        Outcome values = run("apply", other, "--discard-secrets");
        assertThat(values.status()).isEqualTo(1);
        assertThat(values.said().replace(other, "F"))
                .contains("F:4:16: ")
                .contains(
                        "F:6:34: There is no privilege \"tokens:raed\" of the API latchkey. Did you mean tokens:read?")
                .contains("F:6:58: There is no API \"nowhere\".")
                .contains("F:6:78: There is no role \"faulty_okk\". Did you mean faulty_ok?")
                .contains("F:7:31: Roles cannot be granted in a circle: faulty_one -> faulty_two -> faulty_one.")
                .contains("F:10:27: There is no role \"faulty_none\".")
                .contains("F:10:46: ");
        assertThat(admin.get("/roles/faulty_ok").status()).isEqualTo(404);
        Path broken = Files.writeString(folder.resolve("broken.yaml"), "version: 1\nname: [x\n");
        assertThat(run("plan", broken.toString()).said()).startsWith(broken + ":3:1: This is not valid YAML: ");
        assertThat(run("plan", folder.resolve("none.yaml").toString()).status()).isEqualTo(1);
        assertThat(run("plan", file, "--exti-code").status()).isEqualTo(1);
    }

    @Test
    void aCallerWithTooLittleIsToldAllThatItLacksBeforeAnythingChanges() throws IOException {
        admin.createRole("little", "roles:read", "apis:read", "roles:manage");
        as(admin.createToken("Little", "little"));
        String file =
                file("little", "account: {keysNeedAddresses: false}\nroles: {little_new: {allow: {}}}\ntokens: []\n");
        Outcome reading = run("plan", file);
        assertThat(reading.status()).isEqualTo(1);
        assertThat(reading.said())
                .isEqualTo("The role of this API token lacks tokens:read. Nothing has changed. It needs apis:read,"
                        + " roles:read, tokens:read for this.\n");
        String writing = file(
                "little",
                "roles: {little_new: {allow: {}}}\napis: {little-api: {audience: 'https://little.example'}}\n");
        run("plan", writing).ok();
        Outcome refused = run("apply", writing);
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.said()).contains("The role of this API token lacks apis:manage. Nothing has changed.");
        assertThat(admin.get("/roles/little_new").status()).isEqualTo(404);
    }

    @Test
    void onlyThePlanThatPeopleSawIsApplied() throws IOException {
        admin.createRole("seen", "tokens:read");
        String file = file("seen", "roles: {seen: {allow: {latchkey: [tokens:read, roles:read]}}}");
        Matcher id = Pattern.compile("Plan ([0-9a-f]{12}): ")
                .matcher(run("plan", file).ok().said());
        assertThat(id.find()).isTrue();
        admin.send("PATCH", "/roles/seen", "{\"description\":\"changed meanwhile\"}");
        Outcome stale = run("apply", file, "--plan", id.group(1));
        assertThat(stale.status()).isEqualTo(1);
        assertThat(stale.said()).contains("This is not the plan " + id.group(1)).contains("Nothing has changed.");
        Matcher next = Pattern.compile("Plan ([0-9a-f]{12}): ")
                .matcher(run("plan", file).ok().said());
        assertThat(next.find()).isTrue();
        run("apply", file, "--plan", next.group(1)).ok();
        assertNothingToDo(run("apply", file, "--plan", next.group(1)));
    }

    @Test
    void aTokenIsKnownByItsDescriptionUnlessTwoHaveIt() throws IOException {
        admin.createRole("twin", "tokens:read");
        Credentials first = admin.createToken("Twin", "twin");
        admin.createToken("Twin", "twin");
        String ambiguous = file("twins", "tokens:\n  - {description: Twin, role: twin, nameInAccessTokens: t}\n");
        assertThat(run("plan", ambiguous).said())
                .contains(":4:6: 2 API tokens have this description: ", first.clientId(), "Add the clientId");
        String named =
                file("twins", "tokens:\n  - {description: First, clientId: " + first.clientId() + ", role: twin}\n");
        assertThat(run("apply", named).ok().said()).contains("~ description: Twin -> First");
        assertThat(admin.get("/tokens/" + first.clientId())
                        .json()
                        .get("description")
                        .asString())
                .isEqualTo("First");
        String moved = file("twins", "tokens:\n  - {description: First, role: public}\n");
        assertThat(run("plan", moved).said())
                .contains(":4:26: The API token \"First\" has the role twin, which cannot change.");
    }

    @Test
    void aSecretThatReachedNoOneIsReplacedByTheNextRun() throws IOException {
        admin.createRole("lost", "tokens:read");
        Path secrets = Files.createDirectories(folder.resolve("lost"));
        // As an interrupted run leaves it: the token exists, and its file is still empty.
        Credentials lost = admin.createToken("Lost", "lost");
        Files.createFile(secrets.resolve("Lost.env"));
        String file = file("lost", "tokens:\n  - {description: Lost, role: lost}\n");
        run("apply", file, "--secrets-folder", secrets.toString()).ok();
        Matcher lines = Pattern.compile("CLIENT_ID=(\\S+)\nCLIENT_SECRET=(\\S+)\n")
                .matcher(Files.readString(secrets.resolve("Lost.env")));
        assertThat(lines.matches()).isTrue();
        assertThat(lines.group(1)).isEqualTo(lost.clientId());
        assertThat(server.requestAccessToken(new Credentials(lines.group(1), lines.group(2)), "")
                        .status())
                .isEqualTo(200);
        assertThat(server.requestAccessToken(lost, "").status()).isEqualTo(401);
        assertNothingToDo(run("apply", file, "--secrets-folder", secrets.toString()));
    }

    @Test
    void aCommandTakesEachSecretAndATokenWhoseSecretItRefusesIsRevoked() throws IOException {
        Path taken = folder.resolve("taken");
        String file = file("taken", "tokens:\n  - {description: Taken, role: public}\n");
        Outcome refused = run("apply", file, "--secrets-command", "exit 3");
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.said())
                .contains("did not take the secret of \"Taken\" (exit status 3).", "is revoked again.");
        run(
                        "apply",
                        file,
                        "--secrets-command",
                        "echo \"$TOKEN_DESCRIPTION$CLIENT_SECRET\" > " + taken + "; cat >> " + taken)
                .ok();
        assertThat(Files.readString(taken)).matches("Taken\nCLIENT_ID=\\S+\nCLIENT_SECRET=lks_\\S+\n");
        assertNothingToDo(run("plan", file));
    }

    @Test
    void endpointsComeFromAnOpenApiDocument() throws IOException {
        Files.writeString(
                folder.resolve("openapi.yaml"),
                "openapi: 3.1.0\n"
                        + "info: {title: Spec, version: '1'}\n"
                        + "paths: {/a: {get: {tags: [x]}, put: {security: [{o: [a b]}]}}}");
        String file = file("spec", "apis: {spec: {audience: 'https://spec.example', openapi: openapi.yaml}}");
        assertThat(run("plan", file).ok().said())
                .contains("! API spec: PUT /a is left out and denied. the document, line 3")
                .contains("+ endpoint GET /a: x:read");
        run("apply", file).ok();
        assertThat(run("apply", file).said()).contains("Nothing to do");
        String needs = file(
                "spec", "apis: {spec: {openapi: {document: openapi.yaml, needs: {PUT /a: x:write, PUT /b: x:write}}}}");
        assertThat(run("plan", needs).said()).contains("The document has no operation PUT /b that can be imported.");
        String needed = file("spec", "apis: {spec: {openapi: {document: openapi.yaml, needs: {PUT /a: x:write}}}}");
        run("apply", needed).ok();
        assertNothingToDo(run("plan", needed));
        assertThat(admin.get("/apis/spec/endpoints").json().get("items").size()).isEqualTo(2);
    }

    @Test
    void theDocumentWasFollowedAsWritten() throws IOException {
        String document = Files.readString(Path.of("../docs/as-code.md"));
        String blueprint = Files.writeString(folder.resolve("blueprint.yaml"), block(document, "yaml"))
                .toString();
        String shown = "";
        for (String line : block(document, "sh").lines().skip(1).toList()) {
            String[] words = line.split(" ");
            assertThat(words[0]).isEqualTo("latchkey");
            shown = run(Arrays.stream(words)
                            .skip(1)
                            .map(word -> Map.of("blueprint.yaml", blueprint, "secrets", folder + "/secrets")
                                    .getOrDefault(word, word))
                            .toArray(String[]::new))
                    .ok()
                    .said();
        }
        // The id of a plan is that of one server.
        shown = shown.replaceFirst("Plan \\w+:", "Plan ID:");
        for (String part : block(document, "text").split("\\.\\.\\.\n")) {
            assertThat(shown).contains(part.replaceFirst("Plan \\w+:", "Plan ID:"));
        }
        assertThat(folder.resolve("secrets/Shop-front.env")).exists();
        assertNothingToDo(run("plan", blueprint));
    }

    /** The first block of a kind. */
    private static String block(String document, String kind) {
        int begin = document.indexOf("```" + kind + "\n") + kind.length() + 4;
        return document.substring(begin, document.indexOf("```", begin));
    }

    @Test
    void aRunThatWasKilledIsCompletedByTheNext() throws Exception {
        String file = file("killed", """
            roles: {killed: {allow: {latchkey: [tokens:read]}}}
            tokens:
              - {description: Killed first, role: killed}
              - {description: Killed second, role: killed}
            """);
        ProcessBuilder command = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.latchkey.Latchkey",
                        "apply",
                        file,
                        "--secrets-command",
                        "kill -9 $PPID",
                        "--server",
                        server.url())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("killed.log").toFile());
        command.environment().putAll(environment);
        int status = command.start().waitFor();
        assertThat(status).as(Files.readString(folder.resolve("killed.log"))).isEqualTo(137);
        assertThat(admin.get("/tokens?search=Killed").json().get("items").size())
                .isEqualTo(1);
        Outcome next = run("apply", file, "--discard-secrets").ok();
        assertThat(next.said()).contains("+ API token \"Killed second\"", "1 to create, 0 to change");
        assertNothingToDo(run("apply", file));
    }

    @Test
    void programsReadAPlanAsJson() throws IOException {
        Outcome outcome = run("plan", file("json", "roles: {json: {allow: {latchkey: [roles:read]}}}"), "--json")
                .ok();
        assertThat(new tools.jackson.databind.json.JsonMapper()
                        .readTree(outcome.said())
                        .get("changes")
                        .get(0)
                        .get("subject")
                        .asString())
                .isEqualTo("role json");
    }
}
