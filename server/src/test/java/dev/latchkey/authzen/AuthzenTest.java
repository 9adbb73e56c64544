package dev.latchkey.authzen;

import static dev.latchkey.authzen.Questions.ids;
import static dev.latchkey.authzen.Questions.ok;
import static dev.latchkey.authzen.Questions.path;
import static dev.latchkey.authzen.Questions.question;
import static dev.latchkey.authzen.Questions.resource;
import static dev.latchkey.authzen.Questions.subject;
import static dev.latchkey.authzen.Questions.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Api;
import dev.latchkey.RunningServer.Browser;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The OpenID AuthZEN Authorization API 1.0: decisions, one by one and several at once, and who may ask for them. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class AuthzenTest {
    private static final JsonMapper JSON = new JsonMapper();

    @Parameter
    TestEngine engine;

    private static Questions asked;
    private static RunningServer server;
    private static Billing billing;

    @BeforeParameterizedClassInvocation
    static void start(TestEngine engine) {
        asked = new Questions(engine);
        server = asked.server;
        billing = asked.billing;
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        if (asked != null) {
            asked.close();
            asked = null;
        }
    }

    private static void assertRefused(JsonNode decision, String code, String reason) {
        assertThat(decision.get("decision").asBoolean()).isFalse();
        assertThat(decision.at("/context/code").asString()).isEqualTo(code);
        assertThat(decision.at("/context/reason_admin").toString()).contains(reason);
    }

    @Test
    void aPermissionSaysNothingElse() {
        Answer answer = asked.post(
                asked.asker, "evaluation", question(token(billing.reader), "GET", path("billing/v1/invoices/7")));
        ok(answer);
        assertThat(answer.body()).isEqualTo("{\"decision\":true}\n");
    }

    @Test
    void aRefusalSaysWhyToAdministratorsAndToTheSubject() {
        JsonNode refused = asked.decided(token(billing.reader), "DELETE", path("billing/v1/invoices/7"));
        assertRefused(refused, "missing_privilege", "which the role invoice_reader does not have");
        assertThat(refused.at("/context/reason_user/403").asString())
                .isEqualTo(refused.at("/context/reason_admin/403").asString());
    }

    @ParameterizedTest
    @CsvSource({
        "role, invoice_clerk, DELETE, path, billing/v1/invoices/7, ''",
        "role, invoice_reader, DELETE, path, billing/v1/invoices/7, missing_privilege",
        "role, invoice_clerk, DELETE, endpoint, billing/v1/invoices/{id}, ''",
        "role, invoice_clerk, HEAD, endpoint, billing/v1/invoices/{id}, ''",
        "role, invoice_clerk, PUT, endpoint, billing/v1/invoices/{id}, no_endpoint",
        "role, invoice_clerk, GET, endpoint, billing/invoices/{id}, no_endpoint",
        "role, invoice_clerk, GET, endpoint, billing/v1/invoices/7, no_endpoint",
        "role, invoice_clerk, GET, path, billing/v1/invoices/{id}, doubtful_request",
        "role, invoice_clerk, GET, path, billing/v1//invoices, doubtful_request",
        "role, invoice_clerk, GET, path, billing/v1/invoices/7?_method=DELETE, doubtful_request",
        "role, invoice_clerk, GET, path, billing/v1/invoices/7?page=2, ''",
        "role, invoice_clerk, get, path, billing/v1/invoices/7, no_endpoint",
        "role, invoice_clerk, GET, path, billing, doubtful_request",
        "role, invoice_clerk, GET, path, nowhere/v1/invoices, no_api",
        "role, invoice_clerk, GET, book, billing/v1/invoices, unknown_type",
        "user, alice, GET, path, billing/v1/invoices, unknown_type",
        "role, nothing, GET, path, billing/v1/invoices, unknown_role",
        "role, nothing, GET, path, billing/v1/status, ''",
        "role, invoice_reader, GET, path, billing/v1/me, ''",
        "token, zzzzzz.zzzzzzzzzzzzzzzz, GET, path, billing/v1/me, invalid_token",
        "token, zzzzzz.zzzzzzzzzzzzzzzz, GET, path, billing/v1/status, ''",
        "token, x, GET, path, billing/v1/invoices, invalid_token",
        "role, accountadmin, POST, path, latchkey/api/v1/tokens, ''",
        "role, invoice_clerk, POST, endpoint, latchkey/api/v1/tokens, missing_privilege"
    })
    void everyKindOfQuestionHasItsAnswer(
            String subject, String id, String method, String type, String resource, String refusal) {
        JsonNode decision = asked.decided(subject(subject, id), method, resource(type, resource));
        assertThat(decision.get("decision").asBoolean()).isEqualTo(refusal.isEmpty());
        assertThat(decision.at("/context/code").asString("")).isEqualTo(refusal);
    }

    @Test
    void aTokenThatDoesNotWorkIsRefusedWithTheReasonFromTheNextQuestionOn() {
        Credentials ended = server.admin().createToken("Ends", "invoice_reader");
        String invoices = path("billing/v1/invoices");
        assertThat(asked.allowed(token(ended), "GET", invoices)).isTrue();
        asked.revoke(ended);
        assertRefused(asked.decided(token(ended), "GET", invoices), "invalid_token", "was revoked");
        assertThat(asked.decided(token(ended), "GET", invoices)
                        .at("/context/reason_user/401")
                        .asString())
                .isEqualTo("The credential is not valid.");
        assertThat(asked.allowed(token(ended), "GET", path("billing/v1/status")))
                .as("a gateway lets everyone through there")
                .isTrue();

        Credentials brief = asked.limited(
                "invoice_reader", "\"expiresAt\":\"" + asked.clock.instant().plusSeconds(60) + "\"");
        assertThat(asked.allowed(token(brief), "GET", invoices)).isTrue();
        asked.clock.advance(Duration.ofMinutes(2));
        assertRefused(asked.decided(token(brief), "GET", invoices), "invalid_token", "has expired");

        Credentials early = asked.limited(
                "invoice_reader", "\"notBefore\":\"" + asked.clock.instant().plusSeconds(3600) + "\"");
        assertRefused(asked.decided(token(early), "GET", invoices), "invalid_token", "is not valid yet");
        assertThat(server.admin()
                        .get("/explain?api=billing&path=/v1/invoices&token=" + early.clientId())
                        .json()
                        .get("decision")
                        .asString())
                .as("the explanation agrees")
                .isEqualTo("deny");
    }

    @Test
    void aTokenForSomeAddressesIsJudgedByTheAddressOfTheContext() {
        Credentials inside = asked.limited("invoice_reader", "\"allowedAddresses\":[\"10.1.0.0/16\"]");
        String invoices = path("billing/v1/invoices");
        assertRefused(asked.decided(token(inside), "GET", invoices), "address_needed", "only from some addresses");
        for (String address : List.of("10.2.0.1", "localhost", "")) {
            assertRefused(
                    asked.decided(token(inside), "GET", invoices + ",\"context\":{\"address\":\"" + address + "\"}"),
                    "address_not_allowed",
                    "from this address");
        }
        assertThat(asked.allowed(token(inside), "GET", invoices + ",\"context\":{\"address\":\"10.1.2.3\"}"))
                .isTrue();
    }

    @Test
    void whatIsNotKnownInAQuestionIsIgnored() {
        JsonNode decision = ok(asked.post(asked.asker, "evaluation", """
                {"subject": {"type": "role", "id": "invoice_reader", "properties": {"department": "Sales"}, "x": null},
                 "action": {"name": "GET", "properties": {"method": "DELETE"}},
                 "resource": {"type": "path", "id": "billing/v1/invoices", "properties": {"status": "active"}},
                 "context": {"time": "2025-06-27T18:03-07:00", "ip": "192.168.1.1"},
                 "foo": "bar", "futureField": {"nested": true}}"""));
        assertThat(decision.get("decision").asBoolean()).isTrue();
    }

    // Errors (section 10.1.2)

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "[]",
                "null",
                "{}",
                "{\"action\":{\"name\":\"GET\"},\"resource\":{\"type\":\"path\",\"id\":\"billing/x\"}}",
                "{\"subject\":{\"type\":\"role\",\"id\":\"x\"},\"resource\":{\"type\":\"path\",\"id\":\"billing/x\"}}",
                "{\"subject\":{\"type\":\"role\",\"id\":\"x\"},\"action\":{\"name\":\"GET\"}}",
                "{\"subject\":{\"id\":\"x\"},\"action\":{\"name\":\"GET\"},\"resource\":{\"type\":\"path\",\"id\":\"b/x\"}}",
                "{\"subject\":{\"type\":\"role\"},\"action\":{\"name\":\"GET\"},\"resource\":{\"type\":\"path\",\"id\":\"b/x\"}}",
                "{\"subject\":{\"type\":\"role\",\"id\":\"x\"},\"action\":{},\"resource\":{\"type\":\"path\",\"id\":\"b/x\"}}",
                "{\"subject\":{\"type\":\"role\",\"id\":\"x\"},\"action\":{\"name\":\"GET\"},\"resource\":{\"id\":\"b/x\"}}",
                "{\"subject\":{\"type\":\"role\",\"id\":\"x\"},\"action\":{\"name\":\"GET\"},\"resource\":{\"type\":\"path\"}}",
                "{\"subject\":\"x\",\"action\":{\"name\":\"GET\"},\"resource\":{\"type\":\"path\",\"id\":\"b/x\"}}",
                "{\"subject\":{\"type\":\"role\",\"id\":\"x\"},\"action\":{\"name\":1},\"resource\":{\"type\":\"path\",\"id\":\"b/x\"}}",
                "{\"subject\":{\"type\":\"role\",\"id\":\"x\",\"properties\":[]},\"action\":{\"name\":\"GET\"},"
                        + "\"resource\":{\"type\":\"path\",\"id\":\"b/x\"}}",
                "{\"subject\":{\"type\":\"role\",\"id\":\"x\"},\"action\":{\"name\":\"GET\"},"
                        + "\"resource\":{\"type\":\"path\",\"id\":\"b/x\"},\"context\":7}",
                "{\"subject\":{\"type\":\"role\",\"type\":\"token\",\"id\":\"x\"},\"action\":{\"name\":\"GET\"},"
                        + "\"resource\":{\"type\":\"path\",\"id\":\"b/x\"}}"
            })
    void aBadRequestIsToldInOneLineOfText(String body) {
        for (String call : List.of("evaluation", "evaluations")) {
            Answer answer = asked.post(asked.asker, call, body, "X-Request-ID", "bfe9eb29");
            assertThat(answer.status()).as(answer.body()).isEqualTo(400);
            assertThat(answer.header("Content-Type")).startsWith("text/plain");
            assertThat(answer.body()).endsWith(".\n");
            assertThat(answer.body().lines()).hasSize(1);
            assertThat(answer.header("X-Request-ID")).isEqualTo("bfe9eb29");
        }
    }

    @Test
    void aBodyOfAnotherTypeIsABadRequest() {
        Answer answer = server.send(server.request("/access/v1/evaluation")
                .header("Authorization", "Bearer " + server.accessToken(asked.asker))
                .header("Content-Type", "text/plain")
                .POST(HttpRequest.BodyPublishers.ofString(
                        question(token(billing.reader), "GET", path("billing/v1/invoices"))))
                .build());
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains("application/json");
    }

    @Test
    void theIdOfARequestComesBackWhateverTheAnswer() {
        String good = question(token(billing.reader), "GET", path("billing/v1/invoices"));
        assertThat(asked.post(asked.asker, "evaluation", good, "X-Request-ID", "a b;c")
                        .response()
                        .headers()
                        .allValues("X-Request-ID"))
                .containsExactly("a b;c");
        assertThat(asked.post(asked.asker, "evaluation", good).header("X-Request-ID"))
                .as("the one that every request has")
                .matches("[0-9a-f]{32}");
        Answer stranger = server.send(server.request("/access/v1/evaluation")
                .header("X-Request-ID", "1")
                .POST(HttpRequest.BodyPublishers.ofString(good))
                .build());
        assertThat(stranger.status()).isEqualTo(401);
        assertThat(stranger.header("X-Request-ID")).isEqualTo("1");
        Answer large = asked.post(asked.asker, "evaluation", " ".repeat(65 * 1024), "X-Request-ID", "2");
        assertThat(large.status()).isEqualTo(413);
        assertThat(large.header("X-Request-ID")).isEqualTo("2");
        assertThat(large.header("Content-Type")).startsWith("text/plain");
        assertThat(asked.post(asked.asker, "evaluation", good, "X-Request-ID", "x".repeat(1_001))
                        .status())
                .isEqualTo(400);
        assertThat(server.send(server.request("/nothing")
                                .header("X-Request-ID", "3")
                                .build())
                        .header("Content-Type"))
                .as("other addresses answer with problem documents")
                .isEqualTo("application/problem+json");
    }

    // Who may ask

    @ParameterizedTest
    @ValueSource(strings = {"evaluation", "evaluations", "search/subject", "search/resource", "search/action"})
    void whoDoesNotSayWhoTheyAreOrLacksThePrivilegeIsRefused(String call) {
        Answer stranger = server.send(server.request("/access/v1/" + call)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .build());
        assertThat(stranger.status()).isEqualTo(401);
        assertThat(stranger.header("WWW-Authenticate")).startsWith("Bearer realm=\"latchkey\"");
        Answer lacking = asked.post(billing.clerk, call, "{}");
        assertThat(lacking.status()).isEqualTo(403);
        assertThat(lacking.body())
                .isEqualTo("POST /access/v1/" + call
                        + " needs the privilege decisions:ask, which your role does not have.\n");
        assertThat(lacking.header("WWW-Authenticate")).contains("scope=\"decisions:ask\"");
        assertThat(server.get("/access/v1/" + call).status()).isEqualTo(405);
    }

    @Test
    void aPersonMayAskWithTheirSessionAndTheValueAgainstForgery() {
        Browser ada = server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
        HttpRequest.Builder request = server.request("/access/v1/evaluation")
                .header("Cookie", ada.cookieHeader())
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        question(token(billing.reader), "GET", path("billing/v1/invoices"))));
        assertThat(server.send(request.build()).status()).isEqualTo(403);
        assertThat(server.send(request.header("X-CSRF-Token", ada.csrf()).build())
                        .status())
                .isEqualTo(200);
    }

    @Test
    void anApiMayAskAboutItselfAndAboutNoOther() {
        assertThat(ok(asked.post(
                                asked.ownCredential,
                                "evaluation",
                                question(token(billing.reader), "GET", path("billing/v1/invoices"))))
                        .get("decision")
                        .asBoolean())
                .isTrue();
        for (String other : List.of("latchkey/api/v1/me", "nowhere/x")) {
            String question = question(token(billing.reader), "GET", path(other));
            Answer refused = asked.post(asked.ownCredential, "evaluation", question);
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.body()).contains("acts for the API billing");
            JsonNode among = ok(asked.post(asked.ownCredential, "evaluations", "{\"evaluations\":[" + question + "]}"));
            assertThat(among.at("/evaluations/0/decision").asBoolean()).isFalse();
            assertThat(among.at("/evaluations/0/context/error/status").asInt()).isEqualTo(403);
            assertThat(asked.post(asked.ownCredential, "search/subject", question)
                            .status())
                    .isEqualTo(403);
            assertThat(asked.post(asked.ownCredential, "search/action", question)
                            .status())
                    .isEqualTo(403);
        }
        JsonNode own = ok(asked.post(
                asked.ownCredential,
                "search/resource",
                question(token(billing.reader), "*", "\"resource\":{\"type\":\"endpoint\"}")));
        assertThat(ids(own)).isNotEmpty().allMatch(id -> id.startsWith("billing/"));
    }

    @Test
    void aSearchNeedsThePrivilegeToSeeWhatItFinds() {
        Api admin = server.admin();
        String subjects = question("\"subject\":{\"type\":\"token\"}", "GET", path("billing/v1/invoices"));
        String resources = question(token(billing.reader), "GET", "\"resource\":{\"type\":\"endpoint\"}");
        Answer refused = asked.post(asked.asker, "search/subject", subjects);
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.body()).contains("tokens:read");
        assertThat(asked.post(asked.asker, "search/subject", subjects.replace("token", "role"))
                        .body())
                .contains("roles:read");
        assertThat(asked.post(asked.asker, "search/resource", resources).body()).contains("tokens:read");
        admin.createRole("half_searcher", "decisions:ask", "tokens:read");
        Credentials half = admin.createToken("Half", "half_searcher");
        assertThat(asked.post(half, "search/subject", subjects).status()).isEqualTo(200);
        assertThat(asked.post(half, "search/resource", resources).body()).contains("apis:read");
        assertThat(ok(asked.post(
                                asked.asker,
                                "search/action",
                                question(token(billing.reader), "GET", path("billing/v1/invoices"))))
                        .get("results"))
                .as("it tells no more than questions one by one")
                .hasSize(2);
    }

    // Several questions (section 7)

    private static JsonNode evaluations(String json) {
        return ok(asked.post(asked.asker, "evaluations", json)).get("evaluations");
    }

    private static List<Boolean> decisions(JsonNode evaluations) {
        List<Boolean> decisions = new ArrayList<>();
        evaluations.forEach(one -> decisions.add(one.get("decision").asBoolean()));
        return decisions;
    }

    @Test
    void severalQuestionsAreAnsweredInTheirOrderAndShareWhatIsSaidOnce() {
        JsonNode answer = ok(asked.post(asked.asker, "evaluations", """
                {"subject": {"type": "role", "id": "invoice_reader"}, "action": {"name": "GET"},
                 "resource": {"type": "path", "id": "billing/v1/invoices"},
                 "evaluations": [
                   {},
                   {"action": {"name": "POST"}},
                   {"subject": {"type": "role", "id": "invoice_clerk"}, "action": {"name": "POST"}},
                   {"resource": {"type": "endpoint", "id": "billing/v1/files/{path...}"}},
                   {"resource": {"id": "billing/v1/me"}},
                   {"subject": {"id": "invoice_clerk"}, "resource": {"id": "billing/v1/files/a"}}]}"""));
        assertThat(answer.has("decision")).isFalse();
        assertThat(decisions(answer.get("evaluations"))).containsExactly(true, false, true, false, true, true);
    }

    @Test
    void theContextOfAQuestionIsItsOwnOrThatOfAll() {
        Credentials inside = asked.limited("invoice_reader", "\"allowedAddresses\":[\"10.1.0.0/16\"]");
        assertThat(decisions(evaluations("{" + token(inside) + ",\"action\":{\"name\":\"GET\"},"
                        + path("billing/v1/invoices") + ",\"context\":{\"address\":\"10.1.0.1\"},\"evaluations\":["
                        + "{},{\"context\":{\"address\":\"10.2.0.1\"}},{\"context\":{}}]}")))
                .containsExactly(true, false, false);
    }

    @ParameterizedTest
    @CsvSource({
        "execute_all, GET POST GET, true false true",
        "deny_on_first_deny, GET POST GET, true false",
        "deny_on_first_deny, GET GET, true true",
        "permit_on_first_permit, POST GET POST, false true",
        "permit_on_first_permit, POST POST, false false"
    })
    void aSemanticSaysAfterWhichDecisionNothingMoreIsDecided(String semantic, String methods, String decisions) {
        String questions = String.join(
                ",",
                List.of(methods.split(" ")).stream()
                        .map(method -> "{\"action\":{\"name\":\"" + method + "\"}}")
                        .toList());
        assertThat(decisions(evaluations("{" + subject("role", "invoice_reader") + "," + path("billing/v1/invoices")
                        + ",\"options\":{\"evaluations_semantic\":\"" + semantic
                        + "\",\"another_option\":\"value\"},\"evaluations\":[" + questions + "]}")))
                .map(String::valueOf)
                .containsExactly(decisions.split(" "));
    }

    @Test
    void aQuestionThatCannotBeAnsweredIsARefusalAmongAnswers() {
        JsonNode evaluations = evaluations("{" + subject("role", "invoice_reader")
                + ",\"action\":{\"name\":\"GET\"},\"evaluations\":[{" + path("billing/v1/invoices")
                + "},{},7,{\"resource\":\"x\"},{\"subject\":{\"type\":7}," + path("billing/v1/invoices") + "}]}");
        assertThat(decisions(evaluations)).containsExactly(true, false, false, false, false);
        assertThat(evaluations.at("/1/context/error/status").asInt()).isEqualTo(400);
        assertThat(evaluations.at("/1/context/error/message").asString())
                .isEqualTo("evaluations[1].resource: This is required.");
        assertThat(evaluations.at("/4/context/error/message").asString())
                .isEqualTo("evaluations[4].subject.type: Send a text in quotation marks.");
    }

    @Test
    void withoutQuestionsInItARequestIsOneQuestion() {
        String question = question(token(billing.reader), "GET", path("billing/v1/invoices"));
        for (String more : List.of("}", ",\"evaluations\":[]}", ",\"evaluations\":null}")) {
            Answer answer = asked.post(asked.asker, "evaluations", question.substring(0, question.length() - 1) + more);
            assertThat(answer.body()).isEqualTo("{\"decision\":true}\n");
        }
    }

    @Test
    void thereAreAtMostAHundredQuestionsInARequest() {
        String one = "{" + path("billing/v1/invoices") + "}";
        String start = "{" + token(billing.reader) + ",\"action\":{\"name\":\"GET\"},\"evaluations\":[";
        assertThat(evaluations(start + String.join(",", Collections.nCopies(100, one)) + "]}"))
                .hasSize(100);
        Answer more =
                asked.post(asked.asker, "evaluations", start + String.join(",", Collections.nCopies(101, one)) + "]}");
        assertThat(more.status()).isEqualTo(400);
        assertThat(more.body()).contains("at most 100");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"evaluations\":7}",
                "{\"evaluations\":[{}],\"options\":7}",
                "{\"evaluations\":[{}],\"options\":{\"evaluations_semantic\":\"first\"}}",
                "{\"evaluations\":[{}],\"options\":{\"evaluations_semantic\":7}}",
                "{\"evaluations\":[{}],\"subject\":\"x\"}"
            })
    void whatIsWrongWithAllQuestionsIsABadRequest(String json) {
        assertThat(asked.post(asked.asker, "evaluations", json).status()).isEqualTo(400);
    }

    // Metadata (section 9)

    @Test
    void theMetadataLeadsToEveryAddress() {
        Answer answer = server.get("/.well-known/authzen-configuration");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        assertThat(answer.header("Cache-Control")).contains("max-age");
        JsonNode metadata = answer.json();
        assertThat(metadata.get("policy_decision_point").asString()).isEqualTo(server.url());
        for (Map.Entry<String, String> endpoint : Map.of(
                        "access_evaluation_endpoint", "evaluation",
                        "access_evaluations_endpoint", "evaluations",
                        "search_subject_endpoint", "search/subject",
                        "search_resource_endpoint", "search/resource",
                        "search_action_endpoint", "search/action")
                .entrySet()) {
            assertThat(metadata.get(endpoint.getKey()).asString())
                    .isEqualTo(server.url() + "/access/v1/" + endpoint.getValue());
        }
    }

    // The document

    /** What docs/authzen.md shows is what is answered. */
    @Test
    void theExamplesOfTheDocumentAreTrue() throws IOException {
        List<MatchResult> examples = Pattern.compile(
                        "```http\nPOST /access/v1/(\\S+)\n\n(.*?)```\\s+```json\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("../docs/authzen.md")))
                .results()
                .toList();
        assertThat(examples).hasSize(5);
        for (MatchResult example : examples) {
            // Of roles, other tests make more.
            JsonNode answer = ok(asked.post(
                    asked.searcher,
                    example.group(1),
                    example.group(2).replace("CLIENT_ID", billing.reader.clientId())));
            JsonNode shown = JSON.readTree(example.group(3)
                    .replace("NEXT_TOKEN", answer.at("/page/next_token").asString("")));
            if (example.group(1).equals("search/subject")) {
                assertThat(ids(answer)).containsAll(ids(shown));
            } else {
                assertThat(answer).isEqualTo(shown);
            }
        }
    }
}
