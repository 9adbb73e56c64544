package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer.Answer;
import dev.latchkey.database.TestEngine;
import dev.latchkey.event.Verification;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** From an event to the request that made the change, and so to its log lines. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class RequestsInEventsTest {
    @Parameter
    TestEngine engine;

    private RunningServer server;

    @BeforeEach
    void start() {
        server = RunningServer.start(engine);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static JsonNode newest(RunningServer.Api caller, String operation) {
        return caller.get("/events?operation=" + operation).json().get("items").get(0);
    }

    @Test
    void anEventHasTheIdOfTheReplyAndNoFurtherChange() {
        RunningServer.Api admin = server.admin();
        Answer made = admin.post("/tokens", "{\"description\":\"Program\",\"role\":\"public\"}")
                .created();
        String id = made.header("X-Request-Id");
        assertThat(id).matches("[0-9a-f]{32}");
        JsonNode event = newest(admin, "api_token.create");
        assertThat(event.get("requestId").asString()).isEqualTo(id);
        assertThat(event.get("changes").toString()).doesNotContain(id, "requestId");

        Answer ended = admin.post("/tokens/" + made.json().get("clientId").asString() + "/revoke", "{}");
        assertThat(newest(admin, "api_token.revoke").get("requestId").asString())
                .isEqualTo(ended.header("X-Request-Id"))
                .isNotEqualTo(id);
        assertThat(server.parts().events.verify()).isInstanceOf(Verification.Whole.class);
    }

    @Test
    void thePageOfEventsShowsIt() {
        RunningServer.Browser browser =
                server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
        String id = server.admin()
                .post("/tokens", "{\"description\":\"Program\",\"role\":\"public\"}")
                .created()
                .header("X-Request-Id");
        assertThat(browser.get("/audit").body()).contains("<dt>Request</dt><dd>" + id);
    }

    @Test
    void whatLatchkeyDoesOnItsOwnHasNoRequest() {
        assertThat(newest(server.admin(), "account.setup").has("requestId")).isFalse();
    }
}
