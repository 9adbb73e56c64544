package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import java.net.http.HttpRequest;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is a use of an API token, at every door: getting what one came for. The last one shows by its user agent. */
class UsesTest {
    private static final String EXCHANGE = "grant_type=urn:ietf:params:oauth:grant-type:token-exchange"
            + "&subject_token_type=urn:ietf:params:oauth:token-type:access_token&subject_token=";

    private static RunningServer server;
    private static Billing billing;
    private static Credentials reader;

    @BeforeAll
    static void start() {
        server = RunningServer.start(TestEngine.SQLITE);
        billing = new Billing(server);
        reader = billing.reader;
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String lastUseOf(Credentials program) {
        return billing.admin
                .get("/tokens/" + program.clientId())
                .json()
                .path("lastAccessUserAgent")
                .asString("");
    }

    private static void assertUse(Credentials program, String agent, Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(lastUseOf(program)).isEqualTo(agent);
    }

    private static void assertNoUse(Credentials program, String agent, Answer answer, int status) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(lastUseOf(program)).as(agent).doesNotStartWith("no use");
    }

    private static Answer oauth(String endpoint, String agent, String authorization, String form) {
        return server.postForm("/oauth/v2/" + endpoint, form, "User-Agent", agent, "Authorization", authorization);
    }

    private static String basic(Credentials program) {
        return "Basic " + program.basic();
    }

    private static Answer manage(String agent, String accessToken, String path) {
        return server.send(server.request("/api/v1" + path)
                .header("User-Agent", agent)
                .header("Authorization", "Bearer " + accessToken)
                .build());
    }

    private static Answer gate(String agent, String accessToken, String method, String target) {
        return server.send(server.request("/gate/v1/haproxy/billing")
                .header("User-Agent", agent)
                .header("Authorization", "Bearer " + accessToken)
                .header("X-Original-Method", method)
                .header("X-Original-URI", target)
                .build());
    }

    @Test
    void anAccessTokenThatIsIssuedIsAUseAndOneThatIsRefusedIsNone() {
        assertUse(
                reader,
                "client credentials",
                oauth("token", "client credentials", basic(reader), "grant_type=client_credentials"));
        for (String more : List.of("&scope=tokens:read", "&resource=https://nowhere.example")) {
            assertNoUse(
                    reader,
                    "no use" + more,
                    oauth("token", "no use" + more, basic(reader), "grant_type=client_credentials" + more),
                    400);
        }
        assertNoUse(
                reader,
                "no use: another grant",
                oauth("token", "no use: another grant", basic(reader), "grant_type=password"),
                400);
        Credentials wrong = new Credentials(reader.clientId(), "lks_wrong");
        assertNoUse(
                reader,
                "no use: a wrong secret",
                oauth("token", "no use: a wrong secret", basic(wrong), "grant_type=client_credentials"),
                401);
    }

    @Test
    void aRenewalIsAUse() {
        String accessToken = billing.accessToken(reader);
        assertUse(reader, "renewal", oauth("token", "renewal", "Bearer " + accessToken, EXCHANGE + accessToken));
        assertNoUse(
                reader,
                "no use: another API",
                oauth(
                        "token",
                        "no use: another API",
                        "Bearer " + accessToken,
                        EXCHANGE + accessToken + "&resource=" + server.url() + "/api/v1"),
                400);
    }

    @Test
    void aCallThatIsAllowedIsAUseWhateverComesOfIt() {
        billing.admin.createRole("counting", "tokens:read");
        Credentials program = billing.admin.createToken("Counting", "counting");
        String accessToken = server.accessToken(program);
        assertUse(program, "manages", manage("manages", accessToken, "/tokens"));
        assertThat(manage("looks in vain", accessToken, "/tokens/nothing").status())
                .isEqualTo(404);
        assertThat(lastUseOf(program)).isEqualTo("looks in vain");
        assertNoUse(program, "no use: not allowed", manage("no use: not allowed", accessToken, "/users"), 403);
    }

    @Test
    void aRequestThatAGatewayMayPassOnIsAUse() {
        String accessToken = billing.accessToken(reader);
        assertUse(reader, "reads", gate("reads", accessToken, "GET", "/v1/invoices"));
        assertUse(reader, "public endpoint", gate("public endpoint", accessToken, "GET", "/v1/status"));
        assertNoUse(reader, "no use: forbidden", gate("no use: forbidden", accessToken, "POST", "/v1/invoices"), 403);
        assertNoUse(reader, "no use: nothing there", gate("no use: nothing there", accessToken, "GET", "/v1/x"), 403);
    }

    @Test
    void anIntrospectionIsAUseOfWhoAsksAndOfWhatIsGood() {
        Credentials api = billing.ownCredential();
        String accessToken = billing.accessToken(billing.clerk);
        Answer active = oauth("introspect", "asks", basic(api), "token=" + accessToken);
        assertThat(active.json().get("active").asBoolean()).isTrue();
        assertThat(lastUseOf(api)).isEqualTo("asks");
        assertThat(lastUseOf(billing.clerk)).isEqualTo("introspected by Billing");

        String ofOurs = server.accessToken(reader);
        oauth("token", "before", basic(reader), "grant_type=client_credentials");
        Answer hidden = oauth("introspect", "asks about another's", basic(api), "token=" + ofOurs);
        assertThat(hidden.json().get("active").asBoolean()).isFalse();
        assertThat(lastUseOf(api)).isEqualTo("asks about another's");
        assertThat(lastUseOf(reader)).isEqualTo("before");

        assertNoUse(api, "no use: no token", oauth("introspect", "no use: no token", basic(api), "x=y"), 400);
        assertNoUse(
                reader,
                "no use: may not ask",
                oauth("introspect", "no use: may not ask", basic(reader), "token=" + accessToken),
                403);
    }

    @Test
    void aQuestionAboutATokenIsAUseOfWhoAsksAlone() {
        billing.admin.createRole("asking", "decisions:ask");
        Credentials asker = billing.admin.createToken("Asking", "asking");
        oauth("token", "before", basic(reader), "grant_type=client_credentials");
        String question = "{\"subject\":{\"type\":\"token\",\"id\":\"" + reader.clientId()
                + "\"},\"action\":{\"name\":\"GET\"},\"resource\":{\"type\":\"path\",\"id\":\"billing/v1/invoices\"}}";
        assertUse(
                asker,
                "asks for a decision",
                server.send(server.request("/access/v1/evaluation")
                        .header("User-Agent", "asks for a decision")
                        .header("Authorization", "Bearer " + server.accessToken(asker))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(question))
                        .build()));
        assertThat(lastUseOf(reader)).isEqualTo("before");
    }

    @Test
    void aVerifiedCallIsAUseOfWhoAsksAndOfTheProgramIfItIsAllowed() {
        billing.admin.createRole("verifying", "decisions:ask");
        Credentials api = billing.admin.createToken("An API", "verifying");
        Credentials program = billing.admin.createToken("Verified", "invoice_reader");
        String accessToken = billing.accessToken(program);
        assertUse(api, "verifies", verify("verifies", api, accessToken, "GET"));
        assertThat(lastUseOf(program)).isEqualTo("verified by An API");

        oauth("token", "before", basic(program), "grant_type=client_credentials");
        assertUse(api, "verifies in vain", verify("verifies in vain", api, accessToken, "POST"));
        assertThat(lastUseOf(program)).isEqualTo("before");
    }

    private static Answer verify(String agent, Credentials asker, String credential, String method) {
        return server.send(server.request("/api/v1/verify")
                .header("User-Agent", agent)
                .header("Authorization", "Bearer " + server.accessToken(asker))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"credential\":\"" + credential
                        + "\",\"api\":\"billing\",\"method\":\"" + method + "\",\"path\":\"/v1/invoices\"}"))
                .build());
    }

    @Test
    void endingAnAccessTokenIsNotAUse() {
        String accessToken = billing.accessToken(reader);
        assertNoUse(
                reader,
                "no use: ends it",
                oauth("revoke", "no use: ends it", basic(reader), "token=" + accessToken),
                200);
    }
}
