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
import dev.latchkey.RunningServer.Api;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** The searches of the OpenID AuthZEN Authorization API 1.0 (section 8), and their pages. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class AuthzenSearchTest {
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

    private static JsonNode search(String what, String json) {
        JsonNode page = ok(asked.post(asked.searcher, "search/" + what, json));
        assertThat(page.properties().iterator().next().getKey()).isEqualTo("page");
        assertThat(page.at("/page/count").asInt()).isEqualTo(page.get("results").size());
        assertThat(page.at("/page/next_token").isString()).isTrue();
        return page;
    }

    /** All results, page by page. */
    private static List<String> all(String what, String json, int limit) {
        List<String> ids = new ArrayList<>();
        String start = json.substring(0, json.length() - 1);
        String next = "";
        do {
            JsonNode page = search(
                    what,
                    start + ",\"page\":{\"limit\":" + limit + (next.isEmpty() ? "" : ",\"token\":\"" + next + "\"")
                            + "}}");
            assertThat(page.get("results").size()).isLessThanOrEqualTo(limit);
            page.get("results")
                    .forEach(result -> ids.add(
                            result.path("id").asString(result.path("name").asString(""))));
            next = page.at("/page/next_token").asString();
        } while (!next.isEmpty());
        return ids;
    }

    @Test
    void theTokensThatMayDeleteAnInvoiceAreThoseThatWorkAndWhoseRoleMay() {
        Api admin = server.admin();
        admin.post("/roles", "{\"name\":\"chief\",\"grantedRoles\":[\"invoice_clerk\"],\"privileges\":[]}")
                .created();
        admin.post("/roles", """
                {"name": "muted_clerk", "grantedRoles": ["invoice_clerk"],
                 "privileges": [{"api": "billing", "privilege": "invoices:write", "effect": "deny"}]}""").created();
        Credentials chief = admin.createToken("Chief", "chief");
        admin.createToken("Muted", "muted_clerk");
        asked.revoked("chief");
        asked.limited("chief", "\"notBefore\":\"" + asked.clock.instant().plusSeconds(3600) + "\"");
        Credentials inside = asked.limited("invoice_clerk", "\"allowedAddresses\":[\"10.1.0.0/16\"]");
        String question = "{\"subject\":{\"type\":\"token\",\"id\":\"ignored\"},\"action\":{\"name\":\"DELETE\"},"
                + resource("endpoint", "billing/v1/invoices/{id}") + "}";
        JsonNode found = search("subject", question);
        assertThat(ids(found)).containsExactlyInAnyOrder(billing.clerk.clientId(), chief.clientId());
        assertThat(found.at("/results/0").toString())
                .isEqualTo("{\"type\":\"token\",\"id\":\"" + chief.clientId() + "\",\"properties\":"
                        + found.at("/results/0/properties") + "}");
        assertThat(found.at("/results/0/properties/role").asString()).isEqualTo("chief");
        assertThat(found.at("/results/0/properties/description").asString()).isEqualTo("Chief");
        assertThat(ids(search("subject", question.replace("endpoint", "path").replace("{id}", "7"))))
                .isEqualTo(ids(found));
        assertThat(ids(search(
                        "subject",
                        question.substring(0, question.length() - 1) + ",\"context\":{\"address\":\"10.1.0.1\"}}")))
                .containsExactlyInAnyOrder(billing.clerk.clientId(), chief.clientId(), inside.clientId());
        assertThat(ids(search("subject", question.replace("\"token\"", "\"role\""))))
                .containsExactly("chief", "invoice_clerk");
        for (String client : ids(found)) {
            assertThat(asked.allowed(subject("token", client), "DELETE", path("billing/v1/invoices/7")))
                    .isTrue();
        }
    }

    @Test
    void theSubjectsOfASearchComeInPages() {
        Api admin = server.admin();
        List<String> made = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            admin.post(
                            "/roles",
                            "{\"name\":\"filer" + i + "\",\"grantedRoles\":[],\"privileges\":["
                                    + "{\"api\":\"billing\",\"privilege\":\"invoices:admin\",\"effect\":\"allow\"}]}")
                    .created();
            for (int j = 0; j < i % 3; j++) {
                made.add(admin.createToken("Filer", "filer" + i).clientId());
            }
        }
        String tokens = question("\"subject\":{\"type\":\"token\"}", "GET", path("billing/v1/invoices/admin"));
        String roles = question("\"subject\":{\"type\":\"role\"}", "GET", path("billing/v1/invoices/admin"));
        for (int limit : new int[] {1, 2, 3, 6, 100}) {
            assertThat(all("subject", tokens, limit)).hasSize(6).containsExactlyInAnyOrderElementsOf(made);
            assertThat(all("subject", roles, limit))
                    .containsExactlyElementsOf(
                            IntStream.range(0, 7).mapToObj(i -> "filer" + i).toList());
        }
    }

    @Test
    void theTokenOfAPageHoldsForItsSearchAlone() {
        String start = "{" + subject("role", "invoice_clerk") + ",\"action\":{\"name\":\"GET\"},"
                + "\"resource\":{\"type\":\"endpoint\"},\"page\":";
        JsonNode first = search("resource", start + "{\"limit\":2}}");
        String token = first.at("/page/next_token").asString();
        assertThat(token).isNotEmpty();
        JsonNode second = search("resource", start + "{\"token\":\"" + token + "\"}}");
        assertThat(second.get("results")).as("the limit is still the same").hasSize(2);
        assertThat(ids(second)).doesNotContainAnyElementsOf(ids(first));
        assertThat(search("resource", start + "{\"limit\":2,\"token\":\"" + token + "\"}}"))
                .isEqualTo(second);
        for (String other : List.of(
                start + "{\"limit\":3,\"token\":\"" + token + "\"}}",
                start.replace("GET", "POST") + "{\"token\":\"" + token + "\"}}",
                start.replace("clerk", "reader") + "{\"token\":\"" + token + "\"}}",
                start + "{\"token\":\"nonsense\"}}",
                start + "{\"token\":\"e30\"}}",
                start + "{\"token\":7}}",
                start + "{\"limit\":-1}}",
                start + "{\"limit\":1.5}}",
                start + "{\"limit\":\"2\"}}",
                start + "7}")) {
            assertThat(asked.post(asked.searcher, "search/resource", other).status())
                    .as(other)
                    .isEqualTo(400);
        }
        assertThat(asked.post(
                                asked.searcher,
                                "search/action",
                                "{" + subject("role", "invoice_clerk") + "," + path("billing/v1/me")
                                        + ",\"page\":{\"token\":\"" + token + "\"}}")
                        .status())
                .isEqualTo(400);
        JsonNode none = search("resource", start + "{\"limit\":0}}");
        assertThat(none.get("results")).isEmpty();
        assertThat(none.at("/page/next_token").asString()).isNotEmpty();
        assertThat(search("resource", start + "{\"limit\":50000000000}}").get("results"))
                .hasSizeLessThanOrEqualTo(100);
    }

    @Test
    void theEndpointsThatATokenMayCallAreFoundWithAMethodOrWithAny() {
        String endpoints = "\"resource\":{\"type\":\"endpoint\",\"id\":\"ignored\"}";
        String get = question(token(billing.reader), "GET", endpoints);
        List<String> found = all("resource", get, 2);
        assertThat(found)
                .startsWith("billing/v1/invoices", "billing/v1/invoices/{id}", "billing/v1/me", "billing/v1/status")
                .contains("latchkey/api/v1/me")
                .doesNotHaveDuplicates()
                .isEqualTo(all("resource", get, 100));
        for (String id : found) {
            assertThat(asked.allowed(token(billing.reader), "GET", resource("endpoint", id)))
                    .as(id)
                    .isTrue();
        }
        assertThat(all("resource", question(token(billing.clerk), "DELETE", endpoints), 100))
                .containsExactly("billing/v1/invoices/{id}", "latchkey/api/v1/me/sessions/{sessionId}");
        JsonNode any = search("resource", question(subject("role", "invoice_clerk"), "*", endpoints));
        assertThat(any.at("/results/1").toString())
                .isEqualTo("{\"type\":\"endpoint\",\"id\":\"billing/v1/invoices\","
                        + "\"properties\":{\"methods\":[\"GET\",\"HEAD\",\"POST\"]}}");
        Credentials revoked = asked.revoked("invoice_clerk");
        assertThat(all("resource", question(token(revoked), "*", endpoints), 100))
                .containsExactly("billing/v1/status");
    }

    @Test
    void theMethodsThatATokenMayUseAreFound() {
        for (String resource :
                List.of(path("billing/v1/invoices/7"), resource("endpoint", "billing/v1/invoices/{id}"))) {
            assertThat(all("action", "{" + token(billing.reader) + "," + resource + "}", 1))
                    .containsExactly("GET", "HEAD");
            assertThat(all("action", "{" + token(billing.clerk) + "," + resource + "}", 100))
                    .containsExactly("DELETE", "GET", "HEAD");
        }
        assertThat(all("action", "{" + token(billing.clerk) + "," + path("billing/v1//invoices") + "}", 100))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "subject|{`subject`:{`type`:`spaceship`},`action`:{`name`:`GET`},`resource`:{`type`:`path`,`id`:`billing/v1/me`}}",
                "subject|{`subject`:{`type`:`token`},`action`:{`name`:`GET`},`resource`:{`type`:`book`,`id`:`billing/v1/me`}}",
                "subject|{`subject`:{`type`:`token`},`action`:{`name`:`GET`},`resource`:{`type`:`path`,`id`:`nowhere/v1/me`}}",
                "subject|{`subject`:{`type`:`role`},`action`:{`name`:`GET`},`resource`:{`type`:`path`,`id`:`billing/v1/x`}}",
                "resource|{`subject`:{`type`:`user`,`id`:`alice`},`action`:{`name`:`GET`},`resource`:{`type`:`endpoint`}}",
                "resource|{`subject`:{`type`:`role`,`id`:`public`},`action`:{`name`:`GET`},`resource`:{`type`:`path`}}",
                "resource|{`subject`:{`type`:`role`,`id`:`public`},`action`:{`name`:`PURGE`},`resource`:{`type`:`endpoint`}}",
                "action|{`subject`:{`type`:`role`,`id`:`nothing`},`resource`:{`type`:`path`,`id`:`billing/v1/me`}}",
                "action|{`subject`:{`type`:`user`,`id`:`alice`},`resource`:{`type`:`path`,`id`:`billing/v1/me`}}",
                "action|{`subject`:{`type`:`role`,`id`:`public`},`resource`:{`type`:`path`,`id`:`nowhere/v1/me`}}"
            })
    void aSearchThatFindsNothingIsNoError(String what, String json) {
        JsonNode page = search(what, json.replace('`', '"'));
        assertThat(page.get("results")).isEmpty();
        assertThat(page.at("/page/next_token").asString()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "subject|{`subject`:{`type`:`token`},`resource`:{`type`:`path`,`id`:`billing/v1/me`}}",
                "subject|{`subject`:{},`action`:{`name`:`GET`},`resource`:{`type`:`path`,`id`:`billing/v1/me`}}",
                "subject|{`subject`:{`type`:`token`},`action`:{`name`:`GET`},`resource`:{`type`:`path`}}",
                "resource|{`action`:{`name`:`GET`},`resource`:{`type`:`endpoint`}}",
                "resource|{`subject`:{`type`:`token`},`action`:{`name`:`GET`},`resource`:{`type`:`endpoint`}}",
                "resource|{`subject`:{`type`:`role`,`id`:`public`},`resource`:{`type`:`endpoint`}}",
                "action|{`subject`:{`type`:`role`,`id`:`public`}}"
            })
    void aSearchThatLacksSomethingIsABadRequest(String what, String json) {
        assertThat(asked.post(asked.searcher, "search/" + what, json.replace('`', '"'))
                        .status())
                .isEqualTo(400);
    }
}
