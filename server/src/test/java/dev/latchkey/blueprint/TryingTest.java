package dev.latchkey.blueprint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.TestClock;
import dev.latchkey.client.FailedCallException;
import dev.latchkey.client.ManagementClient;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A blueprint says what a role would like to lose, and a trial of the role begins. */
class TryingTest {
    private static final String ROLE = "/roles/invoice_clerk";
    private static final String TRIAL = ROLE + "/advice/trial";
    private static final SecretDelivery DISCARD = new SecretDelivery(null, null, true);
    private static final String TRIES = "roles: {invoice_clerk: {try: {billing: [files:read]}}}";
    private static final String ALLOWS_AND_TRIES =
            "roles: {invoice_clerk: {allow: {billing: [invoices:write, files:read]}, try: {billing: [files:read]}}}";

    private final TestClock clock = new TestClock(Instant.parse("2026-03-01T09:30:00Z"));
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    private RunningServer server;

    @BeforeEach
    void start() {
        server = RunningServer.start(TestEngine.SQLITE, clock);
        new Billing(server);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private record Run(ServerState state, Plan plan) {}

    private Run compared(String content) {
        Blueprint blueprint = BlueprintReader.of("test.yaml", "version: 1\nname: test\n" + content);
        ManagementClient client = new ManagementClient(
                URI.create(server.url()),
                server.bootstrap().clientId(),
                server.bootstrap().clientSecret());
        client.authenticate();
        ServerState state = ServerState.read(client, Set.of());
        return new Run(state, new Comparison(blueprint, state, client.issuer()).plan(Path.of("."), null, DISCARD));
    }

    private void apply(String content) {
        Run run = compared(content);
        new Applying(run.state(), run.state().client(), DISCARD, out).apply(run.plan());
    }

    private String report(Plan plan) {
        printed.reset();
        new PlanReport(out).print(plan);
        return printed.toString(StandardCharsets.UTF_8);
    }

    private String state() {
        return server.admin().get(TRIAL).json().get("state").asString();
    }

    private void passAndApply() {
        clock.advance(Duration.ofDays(14));
        server.keepHouse();
        Answer applied = server.send(server.admin()
                .to(TRIAL + "/apply")
                .header("If-Match", server.admin().get(TRIAL).header("ETag"))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build());
        assertThat(applied.status()).as(applied.body()).isEqualTo(200);
    }

    @Test
    void aTrialBeginsOnceAndNotAgainWhateverCameOfIt() {
        Plan plan = compared(TRIES).plan();
        assertThat(report(plan))
                .contains("+ trial of the role invoice_clerk", "    + without: billing/files:read", "1 to create");
        assertThat(Comparison.needsToApply(plan)).containsExactly("roles:manage");
        apply(TRIES);
        assertThat(state()).isEqualTo("running");
        assertThat(compared(TRIES).plan().isEmpty()).isTrue();
        server.admin().delete(TRIAL);
        assertThat(compared(TRIES).plan().isEmpty()).as("someone stopped it").isTrue();
    }

    @Test
    void whatWasLostAfterATrialDoesNotComeBack() {
        apply(ALLOWS_AND_TRIES);
        passAndApply();
        Plan plan = compared(ALLOWS_AND_TRIES).plan();
        assertThat(plan.isEmpty()).isTrue();
        assertThat(report(plan))
                .contains(
                        "! The role invoice_clerk does not allow billing/files:read, which is in both allow and try,");
        assertThat(compared(TRIES).plan().notes()).isEmpty();

        assertThat(server.admin().post(ROLE + "/advice/undo", "").status()).isEqualTo(200);
        assertThat(compared(ALLOWS_AND_TRIES).plan().isEmpty())
                .as("it was tried")
                .isTrue();
    }

    @Test
    void whatWasLostDoesNotComeBackWhenAnotherTrialIsTheLastOne() {
        apply(ALLOWS_AND_TRIES);
        passAndApply();
        server.admin().post(TRIAL, """
                {"remove": [{"api": "billing", "privilege": "invoices:write", "effect": "allow"}]}""").created();
        server.admin().delete(TRIAL);
        assertThat(compared(ALLOWS_AND_TRIES).plan().isEmpty()).isTrue();
        apply("roles: {invoice_clerk: {allow: {billing: [invoices:write, files:read]}}}");
        assertThat(server.admin().get(ROLE).json().get("privileges").toString())
                .as("the file only allows it")
                .contains("files:read");
    }

    @Test
    void aTrialThatAnEditEndedBeginsAgain() {
        apply(TRIES);
        server.admin().send("PUT", ROLE + "/privileges/billing/invoices:admin", "{\"effect\": \"allow\"}");
        assertThat(compared(TRIES).plan().steps()).hasSize(1);
        apply(TRIES);
        assertThat(compared(TRIES).plan().isEmpty()).isTrue();

        String edits = "roles: {invoice_clerk: {grantedRoles: [], try: {billing: [files:read]}}}";
        assertThat(compared(edits).plan().ordered().stream().map(Step::subject))
                .containsExactly("role invoice_clerk", "trial of the role invoice_clerk");
        apply(edits);
        assertThat(state()).isEqualTo("running");
        assertThat(compared(edits).plan().isEmpty()).isTrue();
    }

    @Test
    void aTrialOfOtherPrivilegesIsLeftAlone() {
        server.admin().post(TRIAL, """
                {"remove": [{"api": "billing", "privilege": "invoices:write", "effect": "allow"}]}""").created();
        Plan plan = compared(TRIES).plan();
        assertThat(plan.isEmpty()).isTrue();
        assertThat(plan.notes().getFirst()).contains("is being tried without billing/invoices:write");
        server.admin().delete(TRIAL);
        apply(TRIES);
        assertThat(server.admin().get(TRIAL).json().get("remove").toString()).contains("files:read");
    }

    @Test
    void onlyWhatARoleAllowsCanBeTried() {
        assertThatThrownBy(() -> compared(
                        "roles: {invoice_clerk: {allow: {billing: [invoices:write]}, try: {billing: [files:read]}}}"))
                .isInstanceOf(UnusableBlueprintException.class)
                .hasMessageContaining("The role does not allow billing/files:read, so it cannot be tried without it.");
        assertThatThrownBy(() -> compared("roles: {invoice_clerk: {try: {billing: [file:read]}}}"))
                .isInstanceOf(UnusableBlueprintException.class)
                .hasMessageContaining("Did you mean files:read?");
        assertThat(compared("roles: {invoice_clerk: {try: {billing: [invoices:admin]}}}")
                        .plan()
                        .isEmpty())
                .as("the role has it no longer")
                .isTrue();
    }

    @Test
    void whatTheServerCannotSeeIsRefusedWhenItIsThatStepsTurn() {
        server.admin()
                .post("/users", "{\"email\": \"ben@example.com\", \"name\": \"Ben\", \"roles\": [\"invoice_clerk\"]}")
                .created();
        assertThatThrownBy(() -> apply(TRIES))
                .isInstanceOf(FailedCallException.class)
                .hasMessageContaining("What people do is not counted")
                .hasMessageContaining("trial of the role invoice_clerk is not");
    }
}
