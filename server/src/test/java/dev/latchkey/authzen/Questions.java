package dev.latchkey.authzen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Api;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.TestClock;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** A server with {@link Billing} and with those who ask about it, and how questions are written. */
final class Questions implements AutoCloseable {
    final TestClock clock = new TestClock();
    final RunningServer server;
    final Billing billing;

    /** May ask, and nothing else. */
    final Credentials asker;

    /** May see what can be searched for, too. */
    final Credentials searcher;

    /** The credential of the API billing, with the role of the searcher. */
    final Credentials ownCredential;

    Questions(TestEngine engine) {
        server = RunningServer.start(engine, clock);
        billing = new Billing(server);
        Api admin = billing.admin;
        admin.createRole("asker", "decisions:ask");
        admin.createRole("searcher", "decisions:ask", "tokens:read", "roles:read", "apis:read");
        asker = admin.createToken("Asks", "asker");
        searcher = admin.createToken("Searches", "searcher");
        JsonNode created = admin.post(
                        "/tokens", "{\"description\":\"Billing itself\",\"role\":\"searcher\",\"actsFor\":\"billing\"}")
                .created()
                .json();
        ownCredential = new Credentials(
                created.get("clientId").asString(), created.get("clientSecret").asString());
    }

    @Override
    public void close() {
        server.close();
    }

    /** Asks with a fresh access token. */
    Answer post(Credentials who, String path, String json, String... headers) {
        HttpRequest.Builder request = server.request("/access/v1/" + path)
                .header("Authorization", "Bearer " + server.accessToken(who))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return server.send(request.build());
    }

    /** The answer to one question. */
    JsonNode decided(String subject, String method, String resource) {
        return ok(post(asker, "evaluation", question(subject, method, resource)));
    }

    boolean allowed(String subject, String method, String resource) {
        return decided(subject, method, resource).get("decision").asBoolean();
    }

    /** A new token of the role, with limits as its JSON has them. */
    Credentials limited(String role, String limits) {
        Credentials program = server.admin().createToken("Limited", role);
        Answer changed = server.admin().send("PATCH", "/tokens/" + program.clientId(), "{" + limits + "}");
        assertThat(changed.status()).as(changed.body()).isEqualTo(200);
        return program;
    }

    Credentials revoked(String role) {
        Credentials program = server.admin().createToken("Revoked", role);
        revoke(program);
        return program;
    }

    void revoke(Credentials program) {
        assertThat(server.admin()
                        .post("/tokens/" + program.clientId() + "/revoke", "{}")
                        .status())
                .isEqualTo(200);
    }

    static JsonNode ok(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
        return answer.json();
    }

    static String question(String subject, String method, String resource) {
        return "{" + subject + ",\"action\":{\"name\":\"" + method + "\"}," + resource + "}";
    }

    static String token(Credentials program) {
        return subject("token", program.clientId());
    }

    static String subject(String type, String id) {
        return "\"subject\":{\"type\":\"" + type + "\",\"id\":\"" + id + "\"}";
    }

    static String path(String id) {
        return resource("path", id);
    }

    static String resource(String type, String id) {
        return "\"resource\":{\"type\":\"" + type + "\",\"id\":\"" + id + "\"}";
    }

    /** The ids of what a search found. */
    static List<String> ids(JsonNode page) {
        List<String> ids = new ArrayList<>();
        page.get("results").forEach(result -> ids.add(result.get("id").asString()));
        return ids;
    }
}
