package dev.latchkey.blueprint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.RunningServer;
import dev.latchkey.client.FailedCallException;
import dev.latchkey.client.ManagementClient;
import dev.latchkey.database.TestEngine;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What happens between a comparison and its changes, and whether any set-up can be exported and reached again. */
class ApplyingTest {
    private static RunningServer server;
    private static RunningServer.Api admin;

    @BeforeAll
    static void start() {
        server = RunningServer.start(TestEngine.SQLITE);
        admin = server.admin();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static final SecretDelivery DISCARD = new SecretDelivery(null, null, true);

    private final PrintStream out = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);

    private static ManagementClient client() {
        ManagementClient client = new ManagementClient(
                URI.create(server.url()),
                server.bootstrap().clientId(),
                server.bootstrap().clientSecret());
        client.authenticate();
        return client;
    }

    /** What one run of a command knows. */
    private record Run(ServerState state, Plan plan) {}

    private static Run compared(String content) {
        Blueprint blueprint = BlueprintReader.of("test.yaml", "version: 1\nname: test\n" + content);
        ManagementClient client = client();
        ServerState state = ServerState.read(client, Set.of());
        return new Run(state, new Comparison(blueprint, state, client.issuer()).plan(Path.of("."), null, DISCARD));
    }

    private void apply(Run run) {
        new Applying(run.state(), run.state().client(), DISCARD, out).apply(run.plan());
    }

    @Test
    void whatSomeoneElseChangedSinceItWasComparedIsNotOverwritten() {
        admin.createRole("raced", "tokens:read");
        admin.createRole("raced_too");
        Run run = compared("roles: {raced: {allow: {latchkey: [roles:read]}}, raced_too: {description: Second}}");
        admin.send("PATCH", "/roles/raced", "{\"description\":\"by someone else\"}");
        assertThatThrownBy(() -> apply(run))
                .isInstanceOf(FailedCallException.class)
                .hasMessageContaining("Someone else has changed the role raced since it was compared.")
                .hasMessageContaining("0 of 2 steps are done; role raced is not.");
        assertThat(admin.get("/roles/raced").body())
                .contains("by someone else", "tokens:read")
                .doesNotContain("roles:read");
        apply(compared("roles: {raced: {allow: {latchkey: [roles:read]}}, raced_too: {description: Second}}"));
        assertThat(admin.get("/roles/raced").body()).contains("roles:read").doesNotContain("tokens:read");
        assertThat(admin.get("/roles/raced_too").body()).contains("Second");
    }

    @Test
    void aRoleThatOurOwnChangeOfAnApiTouchedIsChangedAsPlannedButNotIfSomeoneElseTouchedItToo() {
        String before = """
            apis: {touched: {audience: 'https://touched.example', endpoints: {GET /a: a:read, GET /b: b:read}}}
            roles: {touched: {allow: {touched: [a:read, b:read]}}}
            """;
        // The role may not have b:read any longer when the API no longer has it, and gains a privilege afterwards.
        String after = """
            apis: {touched: {endpoints: {GET /a: a:read, GET /c: c:read}}}
            roles: {touched: {allow: {touched: [a:read, c:read]}}}
            """;
        apply(compared(before));
        Run disturbed = compared(after);
        assertThat(disturbed.plan().ordered().stream().map(Step::subject))
                .containsExactly("API touched", "role touched");
        admin.send("PATCH", "/roles/touched", "{\"description\":\"by someone else\"}");
        assertThatThrownBy(() -> apply(disturbed))
                .hasMessageContaining("Someone else has changed the role touched")
                .hasMessageContaining("1 of 2 steps are done; role touched is not. Run the command again");
        apply(compared(after));
        assertThat(compared(after).plan().isEmpty()).isTrue();
        apply(compared(before));
        apply(compared(after));
        assertThat(compared(after).plan().isEmpty()).isTrue();
    }

    @Test
    void anySetUpIsReachedFromAnyOtherAndItsExportIsTheSame() {
        Random random = new Random(20261129);
        for (int i = 0; i < 12; i++) {
            String wanted = randomSetUp(random);
            apply(compared(wanted));
            Plan again = compared(wanted).plan();
            assertThat(again.steps()).as("set-up " + i + ":\n" + wanted).isEmpty();
            String export = new Export(ServerState.read(client(), Set.of())).text("export", true);
            Blueprint exported = BlueprintReader.of("export.yaml", export);
            ManagementClient client = client();
            Plan ofExport = new Comparison(exported, ServerState.read(client, Set.of()), client.issuer())
                    .plan(Path.of("."), null, DISCARD);
            assertThat(ofExport.steps()).as("export " + i + ":\n" + export).isEmpty();
        }
    }

    private static String randomSetUp(Random random) {
        StringBuilder text = new StringBuilder("account: {longestTokenDays: " + (random.nextBoolean() ? "null" : "400")
                + ", keysNeedAddresses: false, longestKeyDays: " + (100 + random.nextInt(3)) + "}\napis:\n");
        for (String api : List.of("any-1", "any-2")) {
            text.append("  ")
                    .append(api)
                    .append(":\n    audience: https://")
                    .append(api)
                    .append(".example\n");
            text.append("    description: '")
                    .append(of(random, "", "yes", "007", "a: b #c"))
                    .append("'\n");
            text.append("    hosts: [")
                    .append(of(random, "", api.toUpperCase(Locale.ROOT) + ".example."))
                    .append("]\n");
            text.append("    basePath: ")
                    .append(of(random, "''", "/v1/", "/v2"))
                    .append('\n');
            text.append("    pathCharacters: [")
                    .append(of(random, "", "'|', '%1f'"))
                    .append("]\n");
            text.append("    mcp: ").append(of(random, "null", "/mcp")).append('\n');
            text.append("    apiKeys: ")
                    .append(of(random, "null", "{bearer: true}", "{header: X-Key, query: key}"))
                    .append('\n');
            text.append("    assertion: ").append(random.nextBoolean()).append('\n');
            text.append("    scopes: {")
                    .append(of(random, "", "all: p:read, none: ''"))
                    .append("}\n");
            text.append("    privileges: {'p:read': ")
                    .append(of(random, "''", "Read"))
                    .append(", 'p:write': ''}\n");
            text.append("    endpoints:\n      GET /fix: p:read\n");
            text.append("      ")
                    .append(of(
                            random, "PUT /x: p:write", "POST /x/{id}: {privileges: [p:write, p:read], summary: Both}"));
            text.append("\n      ")
                    .append(of(random, "GET /y: {access: public}", "GET /y/{rest...}: {access: token}"))
                    .append('\n');
        }
        text.append("roles:\n");
        List<String> roles = new ArrayList<>(List.of("any_1", "any_2", "any_3"));
        for (int i = 0; i < roles.size(); i++) {
            text.append("  ").append(roles.get(i)).append(":\n");
            text.append("    description: ")
                    .append(of(random, "''", "true", "'  spaces '"))
                    .append('\n');
            text.append("    allow: {")
                    .append(of(random, "", "any-1: [p:read]", "any-2: [p:write], latchkey: [audit:read]"));
            text.append("}\n    deny: {")
                    .append(of(random, "", "any-2: [p:read]"))
                    .append("}\n");
            text.append("    grantedRoles: [")
                    .append(i == 0 ? "" : of(random, "", roles.get(i - 1)))
                    .append("]\n");
        }
        text.append("tokens:\n");
        text.append("  - {description: 'Any ")
                .append(of(random, "100%", "_x", "\"q\""))
                .append("', role: any_1, expiresAt: ");
        text.append(of(random, "2027-01-01T00:00:00Z", "2027-03-01T01:00:00+01:00"));
        text.append(", allowedAddresses: [")
                .append(of(random, "", "192.0.2.7", "'2001:DB8::/32'"))
                .append("]}\n");
        text.append("  - description: Any key\n    role: any_2\n    authentication: {method: api_key}\n");
        text.append("    expiresAt: 2026-12-31T00:00:00Z\n");
        text.append("  - description: Any workflow\n    role: any_3\n    authentication:\n      method: federated\n");
        text.append("      issuer: https://token.actions.githubusercontent.com\n"
                        + "      claims: {sub: 'repo:a/b:ref:refs/heads/")
                .append(of(random, "main", "x*"))
                .append("'}\n    expiresAt: 2027-01-01T00:00:00Z\n    nameInAccessTokens: ")
                .append(of(random, "null", "n"))
                .append('\n');
        return text.toString();
    }

    private static String of(Random random, String... choices) {
        return choices[random.nextInt(choices.length)];
    }
}
