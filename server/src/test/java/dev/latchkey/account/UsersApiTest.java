package dev.latchkey.account;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.database.TestEngine;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** People and sessions over real HTTP. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class UsersApiTest {
    private static final String BEN = "{\"email\":\"ben@example.com\",\"name\":\"Ben\",\"roles\":[\"public\"]}";
    private static final String PASSWORD = "a few plain words";

    @Parameter
    TestEngine engine;

    private RunningServer server;
    private RunningServer.Api admin;

    @BeforeEach
    void start() {
        server = RunningServer.start(engine);
        admin = server.admin();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private String path(Answer link) {
        return link.json()
                .get("invitationUrl")
                .asString()
                .substring(server.url().length());
    }

    private Answer send(String method, String path, String body, String header, String value) {
        return server.send(admin.to(path)
                .header("Content-Type", "application/json")
                .header(header, value)
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    @Test
    void anInvitationCarriesItsLinkOnce() {
        Answer invited = admin.post("/users", BEN);
        assertThat(invited.status()).isEqualTo(201);
        assertThat(invited.header("ETag")).isEqualTo("\"1\"");
        assertThat(invited.header("Cache-Control")).contains("no-store");
        String id = invited.json().get("id").asString();
        assertThat(invited.header("Location")).isEqualTo("/api/v1/users/" + id);
        assertThat(path(invited)).matches("/invitation/[0-9a-z]{52}");
        Answer found = admin.get("/users/" + id);
        assertThat(found.json().has("invitationUrl")).isFalse();
        assertThat(found.json().get("status").asString()).isEqualTo("invited");
        assertThat(found.json().get("createdBy").asString()).isEqualTo("Bootstrap");
        assertThat(admin.get("/events?target=user:" + id).body())
                .doesNotContain(path(invited).substring("/invitation/".length()));
    }

    @Test
    void aRepeatedInvitationIsAnsweredWithTheSamePersonAndNoLink() {
        Answer first = send("POST", "/users", BEN, "Idempotency-Key", "ben");
        Answer again = send("POST", "/users", BEN, "Idempotency-Key", "ben");
        assertThat(again.status()).isEqualTo(201);
        assertThat(again.header("Idempotency-Replayed")).isEqualTo("true");
        assertThat(again.json().get("id")).isEqualTo(first.json().get("id"));
        assertThat(again.json().has("invitationUrl")).isFalse();
        assertThat(server.browser().get(path(first)).status()).isEqualTo(200);
        Answer other = send("POST", "/users", BEN.replace("Ben", "Benjamin"), "Idempotency-Key", "ben");
        assertThat(other.status()).isEqualTo(422);
        assertThat(other.json().get("code").asString()).isEqualTo("idempotency_key_reused");
    }

    @Test
    void everyChangeHeedsIfMatch() {
        String user = "/users/" + admin.post("/users", BEN).json().get("id").asString();
        List<List<String>> changes = List.of(
                List.of("PATCH", user, "{\"name\":\"Benjamin\"}"),
                List.of("PUT", user + "/roles/accountadmin", ""),
                List.of("DELETE", user + "/roles/public", ""),
                List.of("POST", user + "/disable", ""),
                List.of("POST", user + "/enable", ""),
                List.of("DELETE", user, ""));
        for (List<String> change : changes) {
            for (String tag : List.of("\"7\"", "W/\"1\"", "x")) {
                Answer answer = send(change.get(0), change.get(1), change.get(2), "If-Match", tag);
                assertThat(answer.status()).as("%s with %s", change, tag).isEqualTo(412);
                assertThat(answer.json().get("code").asString()).isEqualTo("precondition_failed");
            }
        }
        assertThat(admin.get(user).header("ETag")).isEqualTo("\"1\"");
        for (List<String> change : changes) {
            String now = admin.get(user).header("ETag");
            Answer answer = send(change.get(0), change.get(1), change.get(2), "If-Match", now);
            assertThat(answer.status()).as("%s", change).isBetween(200, 204);
            if (answer.status() == 200) {
                assertThat(answer.header("ETag")).isNotEqualTo(now);
            }
        }
        assertThat(admin.get(user).status()).isEqualTo(404);
    }

    @Test
    void aForgottenPasswordIsReplacedThroughALink() {
        Answer invited = admin.post("/users", BEN);
        String id = invited.json().get("id").asString();
        RunningServer.Browser ben = server.browser();
        assertThat(ben.post(path(invited), Map.of("name", "Ben", "password", PASSWORD))
                        .status())
                .isEqualTo(303);
        Answer link = admin.post("/users/" + id + "/invitation", "");
        assertThat(link.status()).isEqualTo(201);
        assertThat(ben.get("/profile").status()).as("until it is used").isEqualTo(200);
        assertThat(server.browser()
                        .post(path(link), Map.of("name", "Ben", "password", "other plain words"))
                        .status())
                .isEqualTo(303);
        assertThat(ben.get("/profile").status()).isEqualTo(303);
        server.browser().signIn("ben@example.com", "other plain words");
    }

    @Test
    void wrongInputIsNeverAnErrorOfOurs() {
        String user = "/users/" + admin.post("/users", BEN).json().get("id").asString();
        List<Answer> answers = new ArrayList<>();
        for (String body : List.of(
                "{}",
                "{\"email\":null,\"name\":null}",
                "{\"email\":\"x@example.com\",\"name\":\"X\",\"roles\":[null]}",
                "{\"email\":\"x@example.com\",\"name\":\"X\",\"roles\":\"public\"}",
                "{\"email\":\"x@example.com\",\"name\":\"X\",\"roles\":[\"a\\u0000b\"]}",
                "{\"email\":\"x\\u0000@example.com\",\"name\":\"X\"}",
                "{\"email\":\"x@example.com\",\"name\":\"X\\u0000\"}",
                "{\"email\":\"\\ud800@example.com\",\"name\":\"X\"}",
                "{\"email\":\"x@example.com\",\"name\":\"X\",\"status\":\"active\"}",
                "[]")) {
            answers.add(admin.post("/users", body));
            answers.add(admin.send("PATCH", user, body));
        }
        for (String query : List.of(
                "sort=name",
                "sort=-",
                "pageToken=x",
                "pageToken=WyJhIl0",
                "pageToken=WyJ4IiwieSJd&sort=created",
                "pageSize=0",
                "pageSize=101",
                "search=%00",
                "role=%00")) {
            answers.add(admin.get("/users?" + query));
        }
        for (String path : List.of("/users/%00", "/users/nobody", user + "/roles/%00", "/me/sessions/%00")) {
            answers.add(admin.delete(path));
        }
        assertThat(answers)
                .allSatisfy(answer -> assertThat(answer.status())
                        .as("%s %s", answer.response().request(), answer.body())
                        .isBetween(400, 499));
        assertThat(admin.get(user).header("ETag")).isEqualTo("\"1\"");
        assertThat(admin.get("/users").json().get("items").size()).isEqualTo(2);
    }

    @Test
    void aSearchForSomethingStrangeFindsNothing() {
        for (String search : List.of("%25", "_", "!", "%27", "%F0%9F%90%A2", "a".repeat(1_000))) {
            Answer answer = admin.get("/users?search=" + search);
            assertThat(answer.status()).as(search).isEqualTo(200);
            assertThat(answer.json().get("items").size()).as(search).isZero();
        }
    }

    @Test
    void pagesFollowEachOtherToTheEnd() {
        for (String name : List.of("ben", "cy", "dan")) {
            admin.post("/users", "{\"email\":\"" + name + "@example.com\",\"name\":\"Somebody\"}");
        }
        assertThat(emails("sort=email")).containsExactly("ada", "ben", "cy", "dan");
        assertThat(emails("sort=-email")).containsExactly("dan", "cy", "ben", "ada");
        assertThat(emails("sort=created")).containsExactly("ada", "ben", "cy", "dan");
        assertThat(emails("sort=-created")).containsExactly("dan", "cy", "ben", "ada");
        assertThat(emails("search=SOMEBODY")).containsExactly("ben", "cy", "dan");
        assertThat(emails("role=accountadmin")).containsExactly("ada");
    }

    private List<String> emails(String query) {
        List<String> emails = new ArrayList<>();
        String token = "";
        do {
            JsonNode page = admin.get("/users?pageSize=1&" + query + token).json();
            page.get("items")
                    .forEach(item -> emails.add(item.get("email").asString().replaceAll("@.*", "")));
            token = page.has("nextPageToken")
                    ? "&pageToken=" + page.get("nextPageToken").asString()
                    : "";
        } while (!token.isEmpty());
        return emails;
    }

    @Test
    void peopleSeeAndEndTheirSessionsThroughTheApi() {
        RunningServer.Browser here = signedIn();
        RunningServer.Browser there = signedIn();
        Answer list = server.send(session(here, "/me/sessions").build());
        assertThat(list.status()).isEqualTo(200);
        assertThat(list.json().get("items").size()).isEqualTo(2);
        // Both are a moment old; ending one leaves exactly one of the two browsers signed in.
        String id = list.json().get("items").get(0).get("id").asString();
        assertThat(server.send(session(here, "/me/sessions/" + id).DELETE().build())
                        .status())
                .as("without the form value")
                .isEqualTo(403);
        assertThat(server.send(session(here, "/me/sessions/" + id)
                                .header("X-CSRF-Token", there.csrf())
                                .DELETE()
                                .build())
                        .status())
                .as("with another session's form value")
                .isEqualTo(403);
        assertThat(server.send(session(here, "/me/sessions/" + id)
                                .header("X-CSRF-Token", here.csrf())
                                .DELETE()
                                .build())
                        .status())
                .isEqualTo(204);
        assertThat(List.of(here.get("/profile").status(), there.get("/profile").status()))
                .containsExactlyInAnyOrder(200, 303);
    }

    @Test
    void aProgramHasNoSessions() {
        signedIn();
        assertThat(admin.get("/me/sessions").json().get("items").size()).isZero();
        assertThat(admin.delete("/me/sessions/x").status()).isEqualTo(404);
    }

    @Test
    void allOtherSessionsEndWithOneClick() {
        RunningServer.Browser here = signedIn();
        RunningServer.Browser there = signedIn();
        assertThat(here.post("/profile/sessions/end-others", Map.of()).status())
                .as("without the form value")
                .isEqualTo(403);
        assertThat(here.get("/profile").body()).contains("End all other sessions");
        assertThat(here.post("/profile/sessions/end-others", Map.of("csrf", here.csrf()))
                        .status())
                .isEqualTo(303);
        assertThat(here.get("/profile").status()).isEqualTo(200);
        assertThat(here.get("/profile").body()).doesNotContain("End all other sessions");
        assertThat(there.get("/profile").status()).isEqualTo(303);
    }

    @Test
    void tooManyWrongPasswordsAreToldHowLongToWait() {
        Map<String, String> wrong = Map.of("email", RunningServer.ADMIN_EMAIL, "password", "wrong");
        Answer slowedDown = server.browser().post("/sign-in", wrong);
        // The wait doubles with each failure, so that however slow the machine is, one attempt falls into it.
        for (int i = 0; i < 15 && slowedDown.status() == 401; i++) {
            slowedDown = server.browser().post("/sign-in", wrong);
        }
        assertThat(slowedDown.status()).isEqualTo(429);
        assertThat(slowedDown.header("Retry-After")).matches("[1-9][0-9]?");
        assertThat(slowedDown.header("Set-Cookie")).isEmpty();
    }

    private RunningServer.Browser signedIn() {
        return server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
    }

    private HttpRequest.Builder session(RunningServer.Browser browser, String path) {
        return server.request("/api/v1" + path).header("Cookie", browser.cookieHeader());
    }
}
