package dev.latchkey.management;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Api;
import dev.latchkey.database.TestEngine;
import java.net.http.HttpRequest;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** If-Match and If-None-Match as in RFC 9110 section 13.1. */
class ETagTest {
    private static RunningServer server;
    private static Api admin;

    @BeforeAll
    static void start() {
        server = RunningServer.start(TestEngine.SQLITE);
        admin = server.admin();
        admin.createRole("tagged", "tokens:read");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String tag() {
        return admin.get("/roles/tagged").header("ETag");
    }

    private static int patched(String... ifMatch) {
        HttpRequest.Builder request = change();
        List.of(ifMatch).forEach(line -> request.header("If-Match", line));
        return server.send(request.build()).status();
    }

    @Test
    void aChangeIsMadeFromAnyVersionThatIsNamedAndFromNoOther() {
        assertThat(patched(tag())).isEqualTo(200);
        assertThat(patched("\"999\", " + tag())).isEqualTo(200);
        assertThat(patched("\"a,b\" ,, " + tag() + " , \"x\"")).isEqualTo(200);
        assertThat(patched("\"999\"", tag())).as("two lines are one list").isEqualTo(200);
        assertThat(patched("*")).isEqualTo(200);
        assertThat(patched()).isEqualTo(200);
        for (String none : List.of("\"999\"", "\"999\", \"998\"", "W/" + tag(), "\"abc\"", "3", "\"\"", ",")) {
            assertThat(patched(none)).as(none).isEqualTo(412);
        }
    }

    @Test
    void aWeakTagIsRefusedWithTheReason() {
        Answer refused = server.send(admin.to("/roles/tagged")
                .header("Content-Type", "application/json")
                .header("If-Match", "W/" + tag())
                .method("PATCH", HttpRequest.BodyPublishers.ofString("{}"))
                .build());
        assertThat(refused.json().get("detail").asString()).contains("weak tag");
    }

    private static Answer got(String path, String ifNoneMatch) {
        return server.send(admin.to(path).header("If-None-Match", ifNoneMatch).build());
    }

    @Test
    void whoKnowsWhatIsThereGetsNothingNew() {
        for (String known : List.of(tag(), "W/" + tag(), "\"x\", W/" + tag(), "*")) {
            Answer answer = got("/roles/tagged", known);
            assertThat(answer.status()).as(known).isEqualTo(304);
            assertThat(answer.header("ETag")).isEqualTo(tag());
            assertThat(answer.body()).isEmpty();
        }
        for (String other : List.of("\"999\"", "W/\"999\"", tag().replace("\"", ""))) {
            assertThat(got("/roles/tagged", other).status()).as(other).isEqualTo(200);
        }
        String jwks = server.get("/oauth/v2/jwks").header("ETag");
        assertThat(server.send(server.request("/oauth/v2/jwks")
                                .header("If-None-Match", "\"x\", W/" + jwks)
                                .build())
                        .status())
                .isEqualTo(304);
    }

    @Test
    void aChangeIsNotMadeFromAVersionThatIfNoneMatchNames() {
        for (String known : List.of(tag(), "W/" + tag(), "\"999\", " + tag(), "*")) {
            Answer refused = server.send(change().header("If-None-Match", known).build());
            assertThat(refused.status()).as(known).isEqualTo(412);
            assertThat(refused.json().get("detail").asString()).contains("If-None-Match");
        }
        assertThat(server.send(change().header("If-None-Match", "\"999\"").build())
                        .status())
                .isEqualTo(200);
        assertThat(server.send(change().header("If-Match", tag())
                                .header("If-None-Match", "\"999\"")
                                .build())
                        .status())
                .isEqualTo(200);
        assertThat(server.send(change().header("If-Match", tag())
                                .header("If-None-Match", tag())
                                .build())
                        .status())
                .isEqualTo(412);
    }

    private static HttpRequest.Builder change() {
        return admin.to("/roles/tagged")
                .header("Content-Type", "application/json")
                .method(
                        "PATCH",
                        HttpRequest.BodyPublishers.ofString("{\"description\": \"" + System.nanoTime() + "\"}"));
    }
}
