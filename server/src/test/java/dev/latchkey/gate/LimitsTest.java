package dev.latchkey.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.TestClock;
import dev.latchkey.Waiting;
import dev.latchkey.database.TestEngine;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** Limits of calls, from the management API to the answers that callers get. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class LimitsTest {
    @Parameter
    TestEngine engine;

    private final TestClock clock = new TestClock();
    private RunningServer server;
    private Billing billing;

    @BeforeEach
    void start() {
        server = RunningServer.start(engine, clock);
        billing = new Billing(server);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void limit(String path, String limits) {
        Answer changed = billing.admin.send("PATCH", path, "{\"limits\": " + limits + "}");
        assertThat(changed.status()).as(changed.body()).isEqualTo(200);
    }

    private void limit(Credentials token, String limits) {
        limit("/tokens/" + token.clientId(), limits);
    }

    private Answer call(String accessToken, String target) {
        return server.send(server.request("/gate/v1/haproxy/billing")
                .header("X-Original-Method", "GET")
                .header("X-Original-URI", target)
                .header("Authorization", "Bearer " + accessToken)
                .build());
    }

    private Answer call(String accessToken) {
        return call(accessToken, "/v1/invoices");
    }

    private List<Integer> statuses(String accessToken, int calls) {
        return Stream.generate(() -> call(accessToken).status()).limit(calls).toList();
    }

    @Test
    void aCallBeyondTheLimitOfATokenIsToldWhichLimitItIsAndWhenToTryAgain() {
        limit(billing.reader, "{\"perDay\": 2}");
        String accessToken = billing.accessToken(billing.reader);
        Answer first = call(accessToken);
        assertThat(first.status()).isEqualTo(200);
        assertThat(first.header("RateLimit-Policy")).isEqualTo("\"token-per-day\";q=2;w=86400");
        assertThat(first.header("RateLimit")).isEqualTo("\"token-per-day\";r=1;t=43200");
        assertThat(call(accessToken).header("RateLimit")).isEqualTo("\"token-per-day\";r=0;t=43200");

        Answer refused = call(accessToken);
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(refused.header("Retry-After")).isEqualTo("43200");
        assertThat(refused.header("RateLimit-Policy")).isEqualTo("\"token-per-day\";q=2;w=86400");
        assertThat(refused.header("RateLimit")).isEqualTo("\"token-per-day\";r=0;t=43200");
        JsonNode problem = refused.json();
        assertThat(problem.get("type").asString())
                .isEqualTo("https://iana.org/assignments/http-problem-types#quota-exceeded");
        assertThat(problem.get("code").asString()).isEqualTo("rate_limited");
        assertThat(problem.get("violated-policies").toString()).isEqualTo("[\"token-per-day\"]");
        assertThat(problem.get("limitOf").asString()).isEqualTo("token");
        assertThat(problem.get("api").asString()).isEqualTo("billing");
        assertThat(problem.get("endpoint").asString()).isEqualTo("GET /invoices");
        assertThat(problem.get("detail").asString())
                .isEqualTo(
                        "The API token is limited to 2 calls a day, and the limit is reached. Try again in 12 hours.");
    }

    @ParameterizedTest
    @CsvSource({"perDay, 12", "perMonth, 732"})
    void aPeriodBeginsWithZeroInUtc(String limit, int hours) {
        limit(billing.reader, "{\"" + limit + "\": 1}");
        assertThat(statuses(billing.accessToken(billing.reader), 2)).containsExactly(200, 429);
        clock.advance(Duration.ofHours(hours).minusMillis(1));
        assertThat(statuses(billing.accessToken(billing.reader), 1)).containsExactly(429);
        clock.advance(Duration.ofMillis(1));
        assertThat(statuses(billing.accessToken(billing.reader), 2)).containsExactly(200, 429);
    }

    /** However slow this machine is: so many pass as the burst and the time allow. */
    @Test
    void asManyCallsPassAsTheBurstAndTheRateAllow() {
        limit(billing.reader, "{\"perSecond\": 1, \"burst\": 4}");
        String accessToken = billing.accessToken(billing.reader);
        long began = System.nanoTime();
        List<Integer> statuses = statuses(accessToken, 40);
        long seconds = Duration.ofNanos(System.nanoTime() - began).toSeconds();
        long passed = statuses.stream().filter(status -> status == 200).count();
        assertThat(passed).isBetween(4L, Math.min(40, 4 + seconds + 1));
        assertThat(statuses.subList(0, 4)).containsOnly(200);
        assertThat(statuses).containsOnly(200, 429);
    }

    @Test
    void aRoleLimitsEachOfItsTokensForItself() {
        limit("/roles/invoice_reader", "{\"perDay\": 1}");
        String one = billing.accessToken(billing.reader);
        String other = billing.accessToken(billing.admin.createToken("Another", "invoice_reader"));
        String above = billing.accessToken(billing.clerk);
        assertThat(statuses(one, 2)).containsExactly(200, 429);
        assertThat(statuses(other, 2)).containsExactly(200, 429);
        assertThat(statuses(above, 2))
                .as("a role that the limited one is granted to")
                .containsExactly(200, 200);
        assertThat(call(one).json().get("detail").asString())
                .startsWith("Each API token with the role invoice_reader is limited to 1 call a day");
        assertThat(call(one).json().get("limitOf").asString()).isEqualTo("role");
        assertThat(call(one).json().get("limitName").asString()).isEqualTo("invoice_reader");
    }

    @Test
    void ofTheLimitsOfATokenAndItsRoleTheTighterOneHolds() {
        limit("/roles/invoice_reader", "{\"perDay\": 3}");
        limit(billing.reader, "{\"perDay\": 2}");
        String accessToken = billing.accessToken(billing.reader);
        assertThat(statuses(accessToken, 3)).containsExactly(200, 200, 429);
        assertThat(call(accessToken).json().get("violated-policies").toString()).isEqualTo("[\"token-per-day\"]");
        limit(billing.reader, "null");
        assertThat(statuses(accessToken, 2)).as("the third call of the role").containsExactly(200, 429);
        assertThat(call(accessToken).json().get("violated-policies").toString()).isEqualTo("[\"role-per-day\"]");
    }

    @Test
    void anApiLimitsAllItsCallersTogetherAndTellsNoneWhatOthersHaveUsed() {
        limit("/apis/billing", "{\"perDay\": 3}");
        String reader = billing.accessToken(billing.reader);
        String clerk = billing.accessToken(billing.clerk);
        assertThat(statuses(reader, 2)).containsExactly(200, 200);
        Answer last = call(clerk);
        assertThat(last.status()).isEqualTo(200);
        assertThat(last.header("RateLimit")).isEmpty();
        assertThat(statuses(clerk, 1)).containsExactly(429);
        Answer refused = call(reader);
        assertThat(refused.header("RateLimit")).isEqualTo("\"api-per-day\";r=0;t=43200");
        assertThat(refused.json().get("detail").asString()).startsWith("The API billing is limited to 3 calls a day");
    }

    @Test
    void theAccountLimitsAllCallsTogetherThoseToLatchkeyItselfIncluded() {
        billing.admin.createRole("looker", "tokens:read");
        Credentials looker = billing.admin.createToken("Looks", "looker");
        RunningServer.Api looking = server.api(looker);
        String reader = billing.accessToken(billing.reader);
        RunningServer.Browser person = server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
        limit("/account", "{\"perDay\": 3}");
        assertThat(looking.get("/tokens").status()).isEqualTo(200);
        assertThat(statuses(reader, 3)).containsExactly(200, 200, 429);
        Answer refused = looking.get("/tokens");
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.json().get("violated-policies").toString()).isEqualTo("[\"account-per-day\"]");
        assertThat(person.get("/tokens").status()).as("people are not limited").isEqualTo(200);
    }

    @Test
    void noLimitKeepsAProgramFromEndingSomething() {
        billing.admin.createRole("revoker", "tokens:read", "tokens:revoke");
        Credentials revoker = billing.admin.createToken("Revokes", "revoker");
        RunningServer.Api revoking = server.api(revoker);
        limit(revoker, "{\"perDay\": 1}");
        assertThat(revoking.get("/tokens").status()).isEqualTo(200);
        assertThat(revoking.get("/tokens").status()).isEqualTo(429);
        assertThat(revoking.post("/tokens/" + billing.reader.clientId() + "/revoke", "{}")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void theManagementApiTellsItsCallersWhereTheyStand() {
        billing.admin.createRole("looker", "tokens:read");
        Credentials looker = billing.admin.createToken("Looks", "looker");
        limit(looker, "{\"perMonth\": 2}");
        RunningServer.Api looking = server.api(looker);
        assertThat(looking.get("/tokens").header("RateLimit")).isEqualTo("\"token-per-month\";r=1;t=2635200");
        assertThat(looking.get("/tokens").status()).isEqualTo(200);
        Answer refused = looking.get("/tokens");
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.json().get("endpoint").asString()).isEqualTo("GET /tokens");
    }

    @Test
    void whatIsRefusedForAnotherReasonCostsNothing() {
        limit(billing.reader, "{\"perDay\": 1}");
        String accessToken = billing.accessToken(billing.reader);
        assertThat(call(accessToken, "/v1/invoices/admin").status()).isEqualTo(403);
        assertThat(call(accessToken, "/v1/nothing").status()).isEqualTo(403);
        assertThat(call(accessToken + "x").status()).isEqualTo(401);
        assertThat(statuses(accessToken, 2)).containsExactly(200, 429);
    }

    @Test
    void aCallThatOneLimitRefusesIsTakenOutOfNoOther() {
        limit("/apis/billing", "{\"perDay\": 2}");
        limit(billing.reader, "{\"perDay\": 1}");
        assertThat(statuses(billing.accessToken(billing.reader), 5)).containsExactly(200, 429, 429, 429, 429);
        assertThat(statuses(billing.accessToken(billing.clerk), 2)).containsExactly(200, 429);
    }

    @Test
    void aChangedLimitHoldsFromTheNextCall() {
        String accessToken = billing.accessToken(billing.reader);
        assertThat(statuses(accessToken, 2)).containsExactly(200, 200);
        limit(billing.reader, "{\"perDay\": 1}");
        assertThat(statuses(accessToken, 2)).containsExactly(200, 429);
        limit(billing.reader, "{\"perDay\": 2}");
        assertThat(statuses(accessToken, 2)).containsExactly(200, 429);
        limit(billing.reader, "null");
        assertThat(statuses(accessToken, 1)).containsExactly(200);
    }

    @Test
    void limitsAreSetReadBackAndTakenAwayEverywhereInTheSameWay() {
        String all = "{\"perSecond\":10,\"burst\":20,\"perDay\":10000,\"perMonth\":200000,\"accessTokensPerHour\":60}";
        for (String path :
                List.of("/tokens/" + billing.reader.clientId(), "/roles/invoice_reader", "/apis/billing", "/account")) {
            assertThat(billing.admin.get(path).json().has("limits")).as(path).isFalse();
            limit(path, all);
            assertThat(billing.admin.get(path).json().get("limits").toString()).isEqualTo(all);
            assertThat(billing.admin.send("PATCH", path, "{}").status())
                    .as(path)
                    .isEqualTo(200);
            assertThat(billing.admin.get(path).json().get("limits").toString()).isEqualTo(all);
            limit(path, "{\"perDay\":5000}");
            assertThat(billing.admin.get(path).json().get("limits").toString()).isEqualTo("{\"perDay\":5000}");
            limit(path, "null");
            assertThat(billing.admin.get(path).json().has("limits")).as(path).isFalse();
        }
        JsonNode created = billing.admin
                .post("/tokens", "{\"description\":\"New\",\"role\":\"invoice_reader\",\"limits\":{\"perDay\":7}}")
                .created()
                .json();
        assertThat(created.get("limits").toString()).isEqualTo("{\"perDay\":7}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"perSecond\": 0} | limits.perSecond | Enter 1 to 100,000, or nothing for no limit.",
                "{\"perSecond\": 100001} | limits.perSecond | Enter 1 to 100,000, or nothing for no limit.",
                "{\"perDay\": 1000000000001} | limits.perDay | Enter 1 to 1,000,000,000,000, or nothing for no limit.",
                "{\"burst\": 5} | limits.burst | Leave this out, or also say how many calls a second there may be (perSecond).",
                "{\"accessTokensPerHour\": -1} | limits.accessTokensPerHour | Enter 1 to 100,000,000, or nothing for no limit."
            })
    void aLimitThatIsNotValidIsRefusedPrecisely(String limits, String field, String message) {
        for (String path :
                List.of("/tokens/" + billing.reader.clientId(), "/roles/invoice_reader", "/apis/billing", "/account")) {
            Answer answer = billing.admin.send("PATCH", path, "{\"limits\": " + limits + "}");
            assertThat(answer.status()).as(path).isEqualTo(422);
            JsonNode error = answer.json().get("errors").get(0);
            assertThat(error.get("field").asString()).as(path).isEqualTo(field);
            assertThat(error.get("message").asString()).as(path).isEqualTo(message);
        }
    }

    @Test
    void whoMayNotChangeATokenCannotLiftItsLimits() {
        limit(billing.reader, "{\"perDay\": 1}");
        billing.admin.createRole("looker", "tokens:read", "roles:read", "apis:read");
        RunningServer.Api looker = server.api(billing.admin.createToken("Looks", "looker"));
        for (String path :
                List.of("/tokens/" + billing.reader.clientId(), "/roles/invoice_reader", "/apis/billing", "/account")) {
            assertThat(looker.send("PATCH", path, "{\"limits\": null}").status())
                    .as(path)
                    .isEqualTo(403);
        }
    }

    @Test
    void anApiWithoutAGatewayIsToldThatALimitIsReachedAndTheProgramsCallsCount() {
        limit(billing.reader, "{\"perDay\": 1}");
        billing.admin.createRole("asker", "decisions:ask");
        RunningServer.Api asker = server.api(billing.admin.createToken("Asks", "asker"));
        String question = "{\"credential\":\"" + billing.accessToken(billing.reader)
                + "\",\"api\":\"billing\",\"method\":\"GET\",\"path\":\"/v1/invoices\"}";
        assertThat(asker.post("/verify", question).json().get("allowed").asBoolean())
                .isTrue();
        JsonNode refused = asker.post("/verify", question).json();
        assertThat(refused.get("allowed").asBoolean()).isFalse();
        assertThat(refused.get("code").asString()).isEqualTo("rate_limited");
        assertThat(refused.get("limit").asString()).isEqualTo("token-per-day");
        assertThat(refused.get("retryAfter").asLong()).isEqualTo(43_200);
        assertThat(refused.get("clientId").asString()).isEqualTo(billing.reader.clientId());
    }

    @Test
    void aQuestionAboutACallTakesNothingOutOfTheLimitsOfTheProgramThatItIsAbout() {
        limit(billing.reader, "{\"perDay\": 1}");
        billing.admin.createRole("asker", "decisions:ask");
        String asker = server.accessToken(billing.admin.createToken("Asks", "asker"));
        HttpRequest question = server.request("/access/v1/evaluation")
                .header("Authorization", "Bearer " + asker)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("""
                        {"subject": {"type": "token", "id": "%s"}, "action": {"name": "GET"},
                         "resource": {"type": "path", "id": "billing/v1/invoices"}}""".formatted(billing.reader.clientId())))
                .build();
        for (int i = 0; i < 3; i++) {
            Answer answer = server.send(question);
            assertThat(answer.json().get("decision").asBoolean())
                    .as(answer.body())
                    .isTrue();
        }
        assertThat(statuses(billing.accessToken(billing.reader), 2)).containsExactly(200, 429);
        assertThat(server.send(question).json().get("decision").asBoolean())
                .as("whether the role allows it, whatever the limits say")
                .isTrue();
    }

    @Test
    void noMoreAccessTokensAreIssuedThanTheLimitSaysAndThoseThatThereAreStayValid() {
        limit(billing.reader, "{\"accessTokensPerHour\": 2}");
        String first = billing.accessToken(billing.reader);
        Answer second = server.requestAccessToken(billing.reader, "");
        assertThat(second.header("RateLimit")).isEqualTo("\"token-access-tokens-per-hour\";r=0;t=3600");
        Answer refused = server.requestAccessToken(billing.reader, "");
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.header("Retry-After")).isEqualTo("3600");
        assertThat(refused.header("RateLimit-Policy")).isEqualTo("\"token-access-tokens-per-hour\";q=2;w=3600");
        assertThat(refused.json().get("error").asString()).isEqualTo("slow_down");
        assertThat(refused.json().get("error_description").asString())
                .startsWith("The API token is limited to 2 access tokens an hour, and the limit is reached.");
        assertThat(statuses(first, 3)).containsExactly(200, 200, 200);
        clock.advance(Duration.ofHours(1));
        assertThat(server.requestAccessToken(billing.reader, "").status()).isEqualTo(200);
    }

    @Test
    void callsBeyondALimitAreInTheUsageOfTheirToken() {
        limit(billing.reader, "{\"perDay\": 1}");
        assertThat(statuses(billing.accessToken(billing.reader), 3)).containsExactly(200, 429, 429);
        clock.advance(Duration.ofHours(1));
        Waiting.until(
                "the refused calls",
                () -> server.admin()
                        .get("/tokens/" + billing.reader.clientId() + "/usage?groupBy=endpoint")
                        .body()
                        .contains("\"limited\":2"));
    }

    @Test
    void aRestartForgetsNothingThatWasUsed() {
        limit(billing.reader, "{\"perDay\": 3, \"perMonth\": 100}");
        assertThat(statuses(billing.accessToken(billing.reader), 2)).containsExactly(200, 200);
        server.restart();
        assertThat(statuses(billing.accessToken(billing.reader), 2)).containsExactly(200, 429);
    }

    @Test
    void anEventSaysOnceInAPeriodThatMostOfAQuotaIsUsed() {
        limit(billing.reader, "{\"perDay\": 10}");
        assertThat(statuses(billing.accessToken(billing.reader), 7)).containsOnly(200);
        assertThat(warnings()).isZero();
        assertThat(statuses(billing.accessToken(billing.reader), 1)).containsOnly(200);
        Waiting.until("the warning", () -> warnings() == 1);
        assertThat(statuses(billing.accessToken(billing.reader), 3)).containsExactly(200, 200, 429);
        server.restart();
        assertThat(billing.admin.get("/events?operation=limit.warn").body())
                .contains(billing.reader.clientId(), "token-per-day", "10 calls a day");
        assertThat(warnings()).isEqualTo(1);
        clock.advance(Duration.ofDays(1));
        assertThat(statuses(billing.accessToken(billing.reader), 9)).containsOnly(200);
        Waiting.until("the next day's warning", () -> warnings() == 2);
    }

    private int warnings() {
        return server.admin()
                .get("/events?operation=limit.warn")
                .json()
                .get("items")
                .size();
    }

    @Test
    void theTokensPageShowsHowMuchOfItsLimitsIsUsed() {
        limit(billing.reader, "{\"perDay\": 10}");
        limit("/roles/invoice_reader", "{\"perSecond\": 50}");
        assertThat(statuses(billing.accessToken(billing.reader), 9)).containsOnly(200);
        RunningServer.Browser person = server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
        assertThat(person.get("/tokens/" + billing.reader.clientId()).body())
                .contains("10 calls a day", "9 used, 1 left", "Nearly used up", "50 calls a second");
    }

    @Test
    void theFormsOfTheConsoleSetAndKeepLimits() {
        RunningServer.Browser person = server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
        limit("/roles/invoice_reader", "{\"perSecond\": 50}");
        assertThat(person.get("/roles/invoice_reader").body()).contains("name=\"perSecond\"", "value=\"50\"");
        Answer saved = person.post(
                "/roles/invoice_reader",
                Map.of(
                        "description",
                        "Reads",
                        "privilege:billing/invoices:read",
                        "allow",
                        "perDay",
                        "7",
                        "version",
                        "2",
                        "csrf",
                        person.csrf()));
        assertThat(saved.status()).as(saved.body()).isEqualTo(303);
        assertThat(billing.admin
                        .get("/roles/invoice_reader")
                        .json()
                        .get("limits")
                        .toString())
                .isEqualTo("{\"perDay\":7}");
        Answer wrong = person.post(
                "/settings", Map.of("name", "Example", "perDay", "many", "version", "1", "csrf", person.csrf()));
        assertThat(wrong.body()).contains("Enter 1 to 1,000,000,000,000, or nothing for no limit.");
    }

    @Test
    void theLogSaysWhoChangedWhichLimit() {
        limit(billing.reader, "{\"perSecond\": 10, \"burst\": 20, \"perDay\": 1000}");
        limit(billing.reader, "{\"perDay\": 1}");
        assertThat(billing.admin.get("/events?operation=api_token.update").body())
                .contains("\"field\":\"limits\"", "10 calls a second (20 at once), 1,000 calls a day", "1 call a day");
    }
}
