package dev.latchkey.management;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Api;
import dev.latchkey.crypto.Secret;
import dev.latchkey.database.TestEngine;
import dev.latchkey.problem.Json;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One rule for what people write, wherever they write it. */
class LineTest {
    private static final String SECRET = Secret.generate(new SecureRandom()).value();
    private static RunningServer server;
    private static Api admin;
    private static String clientId;

    @BeforeAll
    static void start() {
        server = RunningServer.start(TestEngine.SQLITE);
        admin = server.admin();
        admin.createRole("described", "tokens:read");
        admin.post("/apis", "{\"name\": \"described\", \"audience\": \"https://described.example\"}")
                .created();
        clientId = admin.createToken("Described", "described").clientId();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** A place where people write a line: how, to where, and under which name. */
    private record Place(String method, String path, Map<String, Object> rest, String field) {
        Answer write(String text) {
            Map<String, Object> body = new java.util.LinkedHashMap<>(rest);
            body.put(field, text);
            return admin.send(method, path, Json.writeText(body));
        }
    }

    private static List<Place> places() {
        return List.of(
                new Place("POST", "/tokens", Map.of("role", "described"), "description"),
                new Place("PATCH", "/tokens/" + clientId, Map.of(), "description"),
                new Place("POST", "/tokens/" + clientId + "/revoke", Map.of(), "reason"),
                new Place("POST", "/tokens/revoke-since", Map.of("since", "2999-01-01T00:00:00Z"), "reason"),
                new Place("PATCH", "/roles/described", Map.of(), "description"),
                new Place("PATCH", "/apis/described", Map.of(), "description"),
                new Place(
                        "POST",
                        "/apis/described/endpoints",
                        Map.of("method", "GET", "path", "/a", "access", "public"),
                        "summary"),
                new Place("POST", "/users", Map.of("email", "line@example.com", "roles", List.of()), "name"),
                new Place("PATCH", "/account", Map.of(), "name"));
    }

    private static Stream<String> unreadable() {
        return Stream.of(
                "safe\u202Eexe.bidirev\u202C",
                "\u200B\u200B\u200B",
                "\u00A0\u00A0",
                "\u3164",
                "left\u2066right\u2069",
                "two\u2028lines",
                "two\u2029paragraphs",
                "zero\u200Bwidth",
                "\uFEFFmark",
                "ad\u200Cmin",
                "adm\uFE0Fin",
                "line\nbreak",
                "paste " + SECRET + " here");
    }

    @ParameterizedTest
    @MethodSource("unreadable")
    void whatCannotBeReadAndOurOwnSecretsAreRefusedEverywhere(String text) {
        List<String> accepted = new ArrayList<>();
        for (Place place : places()) {
            Answer answer = place.write(text);
            if (answer.status() != 422 || answer.body().contains(SECRET)) {
                accepted.add(place.path() + " " + place.field() + ": " + answer.status() + " " + answer.body());
            }
        }
        assertThat(accepted).isEmpty();
        assertThat(admin.get("/events?limit=100").body()).doesNotContain(SECRET);
    }

    private static Stream<String> readable() {
        return Stream.of(
                "Nightly \u2013 K\u00F6ln \u2764\uFE0F",
                // Persian, with the joiner that its spelling needs
                "\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645",
                "\uD83D\uDC68\u200D\uD83D\uDCBB builds",
                "1\uFE0F\u20E3 first",
                "\u0928\u094D\u200D",
                "lks_ is how a secret begins");
    }

    @ParameterizedTest
    @MethodSource("readable")
    void whatPeopleWriteInTheirOwnScriptsIsAccepted(String text) {
        assertThat(new Place("PATCH", "/roles/described", Map.of(), "description")
                        .write(text)
                        .status())
                .as(text)
                .isEqualTo(200);
        assertThat(admin.get("/roles/described").json().get("description").asString())
                .isEqualTo(text);
    }
}
