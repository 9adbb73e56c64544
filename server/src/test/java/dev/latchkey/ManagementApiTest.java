package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The management API over real HTTP: everything the console can do, and precise answers to what is wrong. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class ManagementApiTest {
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

    @Test
    void aTokenIsCreatedListedDescribedAndRevoked() {
        Answer created = admin.post("/tokens", "{\"description\":\"Nightly sync\",\"role\":\"public\"}");
        assertThat(created.status()).isEqualTo(201);
        assertThat(created.header("Cache-Control")).isEqualTo("no-store");
        String clientId = created.json().get("clientId").asString();
        assertThat(clientId).matches("[0-9a-z]{6}\\.[0-9a-z]{16}");
        assertThat(created.json().get("clientSecret").asString()).matches("lks_[0-9A-Za-z]{49}");
        assertThat(created.header("Location")).isEqualTo("/api/v1/tokens/" + clientId);

        Answer found = admin.get("/tokens/" + clientId);
        assertThat(found.json().has("clientSecret")).isFalse();
        assertThat(found.header("ETag")).isEqualTo("\"1\"");

        Answer described = server.send(admin.to("/tokens/" + clientId)
                .header("Content-Type", "application/json")
                .header("If-Match", "\"1\"")
                .method("PATCH", HttpRequest.BodyPublishers.ofString("{\"description\":\"Hourly sync\"}"))
                .build());
        assertThat(described.status()).isEqualTo(200);
        assertThat(described.json().get("description").asString()).isEqualTo("Hourly sync");
        Answer stale = server.send(admin.to("/tokens/" + clientId)
                .header("Content-Type", "application/json")
                .header("If-Match", "\"1\"")
                .method("PATCH", HttpRequest.BodyPublishers.ofString("{\"description\":\"Daily sync\"}"))
                .build());
        assertThat(stale.status()).isEqualTo(412);

        assertThat(admin.get("/tokens?search=HOURLY").json().get("items")).hasSize(1);
        assertThat(admin.get("/tokens?search=50%25").json().get("items")).isEmpty();

        Answer revoked = admin.post("/tokens/" + clientId + "/revoke", "{\"reason\":\"Moved\"}");
        assertThat(revoked.json().get("status").asString()).isEqualTo("revoked");
        assertThat(revoked.json().get("revokedBy"))
                .as("by the same program that created it")
                .isEqualTo(revoked.json().get("createdBy"));
        assertThat(revoked.json().get("revokedBy").get("kind").asString()).isEqualTo("program");
        Answer twice = admin.post("/tokens/" + clientId + "/revoke", "{}");
        assertThat(twice.status()).isEqualTo(200);
        assertThat(twice.json().get("revokedAt")).isEqualTo(revoked.json().get("revokedAt"));
        assertThat(operations("target=api_token:" + clientId))
                .containsExactly("api_token.revoke", "api_token.update", "api_token.create");
    }

    @Test
    void aRevokedTokenAndAllItsAccessTokensStopAtTheNextCall() {
        admin.createRole("reader", "tokens:read");
        Credentials program = admin.createToken("Program", "reader");
        RunningServer.Api first = server.api(program);
        RunningServer.Api second = server.api(program);
        assertThat(first.get("/tokens").status()).isEqualTo(200);
        admin.post("/tokens/" + program.clientId() + "/revoke", "");
        assertThat(first.get("/tokens").status()).isEqualTo(401);
        assertThat(second.get("/tokens").status()).isEqualTo(401);
        assertThat(server.requestAccessToken(program, "").json().get("error").asString())
                .isEqualTo("invalid_client");
        server.restart();
        assertThat(first.get("/tokens").status()).isEqualTo(401);
    }

    @Test
    void aChangedRoleCountsFromTheNextCall() {
        admin.createRole("changing");
        RunningServer.Api program = server.api(admin.createToken("Program", "changing"));
        Answer refused = program.get("/tokens");
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.json().get("privilege").asString()).isEqualTo("tokens:read");
        assertThat(refused.header("WWW-Authenticate"))
                .contains("insufficient_scope")
                .contains("tokens:read");
        admin.send("PUT", "/roles/changing/privileges/latchkey/tokens:read", "{\"effect\":\"allow\"}");
        assertThat(program.get("/tokens").status()).isEqualTo(200);
        admin.delete("/roles/changing/privileges/latchkey/tokens:read");
        assertThat(program.get("/tokens").status()).isEqualTo(403);
    }

    @Test
    void lastAccessIsRightAtOnceAndSurvivesARestart() {
        Credentials program = admin.createToken("Program", "public");
        assertThat(admin.get("/tokens/" + program.clientId()).json().has("lastAccessAt"))
                .isFalse();
        server.requestAccessToken(new Credentials(program.clientId(), "lks_wrong"), "");
        assertThat(admin.get("/tokens/" + program.clientId()).json().has("lastAccessAt"))
                .as("a refused request is no access")
                .isFalse();
        server.accessToken(program);
        JsonNode used = admin.get("/tokens/" + program.clientId()).json();
        assertThat(used.get("lastAccessAddress").asString()).isEqualTo("127.0.0.1");
        assertThat(used.get("lastAccessUserAgent").asString()).contains("Java");
        server.restart();
        assertThat(server.admin().get("/tokens/" + program.clientId()).json().get("lastAccessAt"))
                .isEqualTo(used.get("lastAccessAt"));
    }

    @Test
    void aScopeNarrowsAndNeverWidens() {
        admin.createRole("two", "tokens:read", "roles:read");
        Credentials program = admin.createToken("Program", "two");
        Answer narrowed = server.requestAccessToken(program, "&scope=tokens:read");
        assertThat(narrowed.json().get("scope").asString()).isEqualTo("tokens:read");
        String accessToken = narrowed.json().get("access_token").asString();
        assertThat(call("/tokens", accessToken)).isEqualTo(200);
        assertThat(call("/roles", accessToken)).isEqualTo(403);
        assertThat(server.requestAccessToken(program, "&scope=users:read")
                        .json()
                        .get("error")
                        .asString())
                .isEqualTo("invalid_scope");
    }

    private int call(String path, String accessToken) {
        return server.send(server.request("/api/v1" + path)
                        .header("Authorization", "Bearer " + accessToken)
                        .build())
                .status();
    }

    @Test
    void noOneGrantsMoreThanTheyHave() {
        admin.createRole("clerk", "tokens:create", "tokens:read", "roles:read", "roles:manage", "users:manage");
        RunningServer.Api clerk = server.api(admin.createToken("Clerk", "clerk"));
        Answer tooMuch = clerk.post("/tokens", "{\"description\":\"Mine\",\"role\":\"accountadmin\"}");
        assertThat(tooMuch.status()).isEqualTo(403);
        assertThat(tooMuch.json().get("code").asString()).isEqualTo("role_exceeds_yours");
        assertThat(clerk.send("PUT", "/roles/clerk/privileges/latchkey/audit:read", "{\"effect\":\"allow\"}")
                        .status())
                .isEqualTo(403);
        assertThat(clerk.send("PUT", "/roles/clerk/granted-roles/accountadmin", "")
                        .status())
                .isEqualTo(403);
        assertThat(clerk.send("PUT", "/roles/public/privileges/latchkey/audit:read", "{\"effect\":\"allow\"}")
                        .status())
                .isEqualTo(403);
        assertThat(clerk.post("/users", "{\"email\":\"x@example.com\",\"name\":\"X\",\"roles\":[\"accountadmin\"]}")
                        .status())
                .isEqualTo(403);
        String administrator =
                admin.get("/users").json().get("items").get(0).get("id").asString();
        assertThat(clerk.post("/users/" + administrator + "/invitation", "").status())
                .as("a new password link for somebody more powerful")
                .isEqualTo(403);
        assertThat(clerk.post("/users/" + administrator + "/disable", "").status())
                .isEqualTo(403);
        assertThat(clerk.post("/tokens", "{\"description\":\"Mine\",\"role\":\"clerk\"}")
                        .status())
                .isEqualTo(201);
    }

    @Test
    void aLinkFromBeforeARoleWasGainedOpensNothing() {
        admin.createRole("clerk", "users:read", "users:manage");
        RunningServer.Api clerk = server.api(admin.createToken("Clerk", "clerk"));
        Answer invited = clerk.post("/users", "{\"email\":\"tom@example.com\",\"name\":\"Tom\",\"roles\":[]}");
        assertThat(invited.status()).isEqualTo(201);
        String link = invited.json()
                .get("invitationUrl")
                .asString()
                .substring(server.url().length());
        assertThat(server.get(link).status()).isEqualTo(200);
        admin.send("PUT", "/users/" + invited.json().get("id").asString() + "/roles/accountadmin", "");
        assertThat(server.browser()
                        .post(link, Map.of("name", "Tom", "password", "a few plain words"))
                        .status())
                .as("the clerk would be an administrator")
                .isEqualTo(404);
    }

    @Test
    void aDenyCannotBeLiftedByCallersItDoesNotCover() {
        admin.createRole("base", "audit:read");
        admin.post(
                "/roles",
                "{\"name\":\"muted\",\"privileges\":[{\"api\":\"latchkey\",\"privilege\":\"audit:read\",\"effect\":\"deny\"}],"
                        + "\"grantedRoles\":[\"base\"]}");
        admin.createRole("clerk", "roles:read", "roles:manage");
        RunningServer.Api clerk = server.api(admin.createToken("Clerk", "clerk"));
        assertThat(clerk.delete("/roles/muted/privileges/latchkey/audit:read").status())
                .isEqualTo(403);
        assertThat(admin.delete("/roles/muted/privileges/latchkey/audit:read").status())
                .isEqualTo(200);
    }

    @Test
    void aCircleOfRolesIsRefusedAndShown() {
        admin.createRole("a");
        admin.createRole("b");
        admin.createRole("c");
        admin.send("PUT", "/roles/a/granted-roles/b", "");
        admin.send("PUT", "/roles/b/granted-roles/c", "");
        Answer circle = admin.send("PUT", "/roles/c/granted-roles/a", "");
        assertThat(circle.status()).isEqualTo(409);
        assertThat(circle.json().get("detail").asString()).contains("c -> a -> b -> c");
        assertThat(admin.send("PUT", "/roles/a/granted-roles/a", "").status()).isEqualTo(409);
    }

    @Test
    void aRoleThatActiveTokensUseStays() {
        admin.createRole("used");
        Credentials program = admin.createToken("Program", "used");
        Answer refused = admin.delete("/roles/used");
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.json().get("tokens").asInt()).isEqualTo(1);
        assertThat(refused.json().get("href").asString()).isEqualTo("/tokens?status=active&role=used");
        admin.post("/tokens/" + program.clientId() + "/revoke", "");
        assertThat(admin.delete("/roles/used").status()).isEqualTo(204);
        assertThat(admin.get("/tokens/" + program.clientId()).json().get("role").asString())
                .isEqualTo("used");
    }

    @Test
    void thePredefinedRolesStay() {
        assertThat(admin.delete("/roles/accountadmin").status()).isEqualTo(409);
        assertThat(admin.delete("/roles/public").status()).isEqualTo(409);
        assertThat(admin.send("PUT", "/roles/accountadmin/privileges/latchkey/tokens:read", "{\"effect\":\"deny\"}")
                        .status())
                .isEqualTo(409);
        assertThat(admin.send("PUT", "/roles/public/privileges/latchkey/security:manage", "{\"effect\":\"deny\"}")
                        .status())
                .isEqualTo(422);
        // Whatever public denies, the administrators can still undo it.
        assertThat(admin.send("PUT", "/roles/public/privileges/latchkey/roles:manage", "{\"effect\":\"deny\"}")
                        .status())
                .isEqualTo(200);
        assertThat(admin.delete("/roles/public/privileges/latchkey/roles:manage")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void theLastAdministratorStays() {
        String only = admin.get("/users").json().get("items").get(0).get("id").asString();
        for (Answer refused : List.of(
                admin.delete("/users/" + only),
                admin.post("/users/" + only + "/disable", ""),
                admin.delete("/users/" + only + "/roles/accountadmin"))) {
            assertThat(refused.status()).isEqualTo(409);
            assertThat(refused.json().get("code").asString()).isEqualTo("last_administrator");
        }
        assertThat(admin.get("/users/" + only).json().get("roles").get(0).asString())
                .isEqualTo("accountadmin");
    }

    @Test
    void arepeatedCreateCreatesOnceAndShowsNoSecretAgain() {
        HttpRequest request = admin.to("/tokens")
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", "abc")
                .POST(HttpRequest.BodyPublishers.ofString("{\"description\":\"Once\",\"role\":\"public\"}"))
                .build();
        Answer first = server.send(request);
        Answer second = server.send(request);
        assertThat(second.status()).isEqualTo(201);
        assertThat(second.header("Idempotency-Replayed")).isEqualTo("true");
        assertThat(second.json().get("clientId")).isEqualTo(first.json().get("clientId"));
        assertThat(second.json().has("clientSecret")).isFalse();
        assertThat(admin.get("/tokens?search=Once").json().get("items")).hasSize(1);
        Answer other = server.send(admin.to("/tokens")
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", "abc")
                .POST(HttpRequest.BodyPublishers.ofString("{\"description\":\"Other\",\"role\":\"public\"}"))
                .build());
        assertThat(other.status()).isEqualTo(422);
    }

    @Test
    void pagesHoldEveryTokenOnceInEveryOrder() {
        for (int i = 0; i < 12; i++) {
            admin.createToken("Token " + (i * 7 % 12), "public");
        }
        for (String sort : List.of(
                "created",
                "-created",
                "description",
                "-description",
                "lastAccess",
                "-lastAccess",
                "role",
                "-role",
                "status",
                "-status",
                "clientId",
                "-clientId")) {
            List<String> seen = new ArrayList<>();
            String pageToken = "";
            do {
                JsonNode page = admin.get("/tokens?pageSize=5&sort=" + sort
                                + (pageToken.isEmpty() ? "" : "&pageToken=" + pageToken))
                        .json();
                page.get("items").forEach(item -> seen.add(item.get("clientId").asString()));
                pageToken =
                        page.has("nextPageToken") ? page.get("nextPageToken").asString() : "";
            } while (!pageToken.isEmpty());
            assertThat(seen).as(sort).hasSize(13);
            assertThat(new HashSet<>(seen)).as(sort).hasSize(13);
        }
    }

    @Test
    void wrongInputIsAnsweredPreciselyAndChangesNothing() {
        Map<String, Integer> bodies = Map.ofEntries(
                Map.entry("", 400),
                Map.entry("{", 400),
                Map.entry("null", 400),
                Map.entry("[]", 422),
                Map.entry("{}", 422),
                Map.entry("{\"description\":\"x\",\"role\":\"public\",\"colour\":\"red\"}", 422),
                Map.entry("{\"description\":7,\"role\":\"public\"}", 422),
                Map.entry("{\"description\":\"x\",\"role\":\"none_such\"}", 422),
                Map.entry("{\"description\":\"" + "x".repeat(121) + "\",\"role\":\"public\"}", 422),
                Map.entry("{\"description\":\"x\",\"role\":\"public\",\"expiresAt\":\"soon\"}", 422),
                Map.entry("{\"description\":\"x\",\"role\":\"public\",\"expiresAt\":\"2001-01-01T00:00:00Z\"}", 422),
                Map.entry("{\"description\":\"x\",\"description\":\"y\",\"role\":\"public\"}", 400),
                Map.entry("{\"description\":\"" + "x".repeat(70_000) + "\",\"role\":\"public\"}", 413));
        bodies.forEach((body, status) -> {
            Answer answer = admin.post("/tokens", body);
            assertThat(answer.status())
                    .as(body.substring(0, Math.min(80, body.length())))
                    .isEqualTo(status);
            assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        });
        Answer notUtf8 = server.send(admin.to("/tokens")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[] {'{', '"', (byte) 0xff, '"', '}'}))
                .build());
        assertThat(notUtf8.status()).isEqualTo(400);
        Answer notJson = server.send(admin.to("/tokens")
                .header("Content-Type", "text/plain")
                .POST(HttpRequest.BodyPublishers.ofString("x"))
                .build());
        assertThat(notJson.status()).isEqualTo(415);
        for (String query :
                List.of("?pageSize=0", "?pageSize=x", "?pageToken=x", "?sort=colour", "?status=lost", "?search=%ff")) {
            assertThat(admin.get("/tokens" + query).status()).as(query).isBetween(400, 422);
        }
        assertThat(admin.get("/tokens").json().get("items")).hasSize(1);
    }

    @Test
    void aTokenWithoutANameIsNamedAfterItsRoleAndTheDay() {
        for (String body : List.of(
                "{\"role\":\"public\"}",
                "{\"role\":\"public\",\"description\":null}",
                "{\"role\":\"public\",\"description\":\" \"}")) {
            assertThat(admin.post("/tokens", body)
                            .created()
                            .json()
                            .get("description")
                            .asString())
                    .as(body)
                    .matches("public, [1-9][0-9]? [A-Z][a-z]+ 20[0-9]{2}");
        }
    }

    @Test
    void unknownCallersAreToldHowToAuthenticate() {
        Answer nobody = server.get("/api/v1/tokens");
        assertThat(nobody.status()).isEqualTo(401);
        assertThat(nobody.header("WWW-Authenticate"))
                .isEqualTo("Bearer realm=\"latchkey\", resource_metadata=\"" + server.url()
                        + "/.well-known/oauth-protected-resource/api/v1\"");
        Answer wrong = server.send(server.request("/api/v1/tokens")
                .header("Authorization", "Bearer nonsense")
                .build());
        assertThat(wrong.status()).isEqualTo(401);
        assertThat(wrong.header("WWW-Authenticate")).contains("error=\"invalid_token\"");
    }

    @Test
    void aSessionMayCallTheApiButChangesNeedItsOwnValue() {
        RunningServer.Browser browser =
                server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
        assertThat(browser.get("/api/v1/me").json().get("kind").asString()).isEqualTo("person");
        HttpRequest.Builder change = server.request("/api/v1/roles")
                .header("Cookie", browser.cookieHeader())
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"forged\"}"));
        assertThat(server.send(change.copy().build()).status()).isEqualTo(403);
        assertThat(server.send(change.copy()
                                .header("X-CSRF-Token", browser.csrf())
                                .header("Sec-Fetch-Site", "cross-site")
                                .build())
                        .status())
                .isEqualTo(403);
        assertThat(server.send(change.copy()
                                .header("X-CSRF-Token", browser.csrf())
                                .build())
                        .status())
                .isEqualTo(201);
        assertThat(browser.post("/roles", Map.of("name", "forged_too", "description", ""))
                        .status())
                .as("a form without the value")
                .isEqualTo(403);
    }

    @Test
    void aPersonChangesTheirOwnNameAndPassword() {
        RunningServer.Browser browser =
                server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
        HttpRequest.Builder own = server.request("/api/v1/me")
                .header("Cookie", browser.cookieHeader())
                .header("X-CSRF-Token", browser.csrf())
                .header("Content-Type", "application/json");
        Answer renamed = server.send(own.copy()
                .method("PATCH", HttpRequest.BodyPublishers.ofString("{\"name\":\"Ada Byron\"}"))
                .build());
        assertThat(renamed.json().get("name").asString()).isEqualTo("Ada Byron");
        HttpRequest.Builder password = own.copy().uri(java.net.URI.create(server.url() + "/api/v1/me/password"));
        assertThat(server.send(password.copy()
                                .POST(HttpRequest.BodyPublishers.ofString(
                                        "{\"currentPassword\":\"wrong\",\"password\":\"a few plain words\"}"))
                                .build())
                        .status())
                .isEqualTo(422);
        assertThat(server.send(password.copy()
                                .POST(HttpRequest.BodyPublishers.ofString("{\"currentPassword\":\""
                                        + RunningServer.ADMIN_PASSWORD + "\",\"password\":\"a few plain words\"}"))
                                .build())
                        .status())
                .isEqualTo(204);
        assertThat(browser.get("/api/v1/me").status()).as("all sessions end").isEqualTo(401);
        server.browser().signIn(RunningServer.ADMIN_EMAIL, "a few plain words");
        assertThat(admin.send("PATCH", "/me", "{\"name\":\"Program\"}").status())
                .isEqualTo(403);
    }

    @Test
    void everyEndpointRefusesCallersWithoutItsPrivilege() {
        admin.createRole("nothing");
        RunningServer.Api powerless = server.api(admin.createToken("Powerless", "nothing"));
        JsonNode document = server.get("/api/openapi.json").json();
        int guarded = 0;
        for (Map.Entry<String, JsonNode> path : document.get("paths").properties()) {
            for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
                JsonNode privilege = operation.getValue().get("x-required-privilege");
                if (privilege != null) {
                    Answer answer = powerless.send(
                            operation.getKey().toUpperCase(java.util.Locale.ROOT),
                            path.getKey().replaceAll("\\{\\w+}", "x"),
                            "{}");
                    assertThat(answer.status())
                            .as(operation.getKey() + path.getKey())
                            .isEqualTo(403);
                    assertThat(answer.json().get("privilege")).isEqualTo(privilege);
                    guarded++;
                }
            }
        }
        assertThat(guarded).isGreaterThan(20);
    }

    @Test
    void everyReferenceOfTheOpenApiDocumentLeadsSomewhere() {
        JsonNode document = server.get("/api/openapi.json").json();
        assertThat(document.get("openapi").asString()).startsWith("3.1");
        Set<String> references = new HashSet<>();
        collect(document, references);
        assertThat(references).isNotEmpty();
        references.forEach(
                reference -> assertThat(document.at(reference.substring(1)).isMissingNode())
                        .as(reference)
                        .isFalse());
    }

    @Test
    void theOpenApiDocumentDeclaresTheHeaderFieldsThatCallsTakeAndAnswerWith() {
        JsonNode paths = server.get("/api/openapi.json").json().get("paths");
        assertThat(headerFields(paths.at("/~1tokens/post")))
                .containsExactly(
                        "Idempotency-Key",
                        "201 ETag",
                        "201 Location",
                        "201 Idempotency-Replayed",
                        "429 Retry-After",
                        "429 RateLimit-Policy",
                        "429 RateLimit",
                        "503 Retry-After");
        assertThat(headerFields(paths.at("/~1tokens~1{clientId}/get")))
                .containsExactly(
                        "If-None-Match",
                        "200 ETag",
                        "304 ETag",
                        "429 Retry-After",
                        "429 RateLimit-Policy",
                        "429 RateLimit",
                        "503 Retry-After");
        assertThat(headerFields(paths.at("/~1tokens~1{clientId}/patch")))
                .containsExactly(
                        "If-Match",
                        "200 ETag",
                        "429 Retry-After",
                        "429 RateLimit-Policy",
                        "429 RateLimit",
                        "503 Retry-After");
        assertThat(headerFields(paths.at("/~1roles~1{name}/delete")))
                .as("no limit refuses what ends something")
                .containsExactly("If-Match", "503 Retry-After");
        assertThat(headerFields(paths.at("/~1apis~1{api}~1policy/get")))
                .containsExactly(
                        "If-None-Match",
                        "200 ETag",
                        "304 ETag",
                        "429 Retry-After",
                        "429 RateLimit-Policy",
                        "429 RateLimit",
                        "503 Retry-After");
        assertThat(headerFields(paths.at("/~1me~1password/post")))
                .containsExactly("429 Retry-After", "429 RateLimit-Policy", "429 RateLimit", "503 Retry-After");
        assertThat(paths.at("/~1tokens~1{clientId}~1revoke/post/requestBody/required")
                        .asBoolean())
                .isFalse();
        assertThat(paths.at("/~1apis~1{api}~1imports/post/requestBody/content/application~1octet-stream/schema/format")
                        .asString())
                .isEqualTo("binary");
    }

    /** The guard answers a GET with 304 if the caller already has the version with that tag. */
    @Test
    void everyReadThatAnswersWithATagDeclaresHowToAskWhetherItIsStillTheSame() {
        List<String> tagged = new ArrayList<>();
        for (Map.Entry<String, JsonNode> path :
                server.get("/api/openapi.json").json().get("paths").properties()) {
            List<String> fields =
                    path.getValue().has("get") ? headerFields(path.getValue().get("get")) : List.of();
            boolean hasTag = fields.contains("200 ETag");
            assertThat(fields.contains("If-None-Match")).as(path.getKey()).isEqualTo(hasTag);
            assertThat(fields.contains("304 ETag")).as(path.getKey()).isEqualTo(hasTag);
            if (hasTag) {
                tagged.add(path.getKey());
            }
        }
        assertThat(tagged)
                .contains("/account", "/roles/{name}", "/apis/{api}", "/users/{userId}", "/tokens/{clientId}");
        String tag = admin.get("/account").header("ETag");
        assertThat(server.send(admin.to("/account").header("If-None-Match", tag).build())
                        .status())
                .isEqualTo(304);
    }

    private static List<String> headerFields(JsonNode operation) {
        List<String> fields = new ArrayList<>();
        operation.path("parameters").forEach(parameter -> {
            if (parameter.get("in").asString().equals("header")) {
                fields.add(parameter.get("name").asString());
            }
        });
        operation
                .get("responses")
                .properties()
                .forEach(response -> response.getValue()
                        .path("headers")
                        .propertyNames()
                        .forEach(name -> fields.add(response.getKey() + " " + name)));
        return fields;
    }

    /** A caller who sends a member that is ignored believes something that is not so. */
    @Test
    void aBodyWhereNoneIsReadIsRefused() {
        Credentials program = admin.createToken("Program", "public");
        String secrets = "/tokens/" + program.clientId() + "/secrets";
        Answer refused = admin.post(secrets, "{\"secret\":\"chosen\"}");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.json().get("detail").asString())
                .isEqualTo("POST /tokens/{clientId}/secrets takes no body. Send the request without one.");
        assertThat(admin.get(secrets).json().get("items")).hasSize(1);
        String tom = admin.post("/users", "{\"email\":\"tom@example.com\",\"name\":\"Tom\",\"roles\":[]}")
                .json()
                .get("id")
                .asString();
        String role = "/users/" + tom + "/roles/public";
        assertThat(admin.send("PUT", role, "{\"expiresAt\":\"2030-01-01T00:00:00Z\"}")
                        .status())
                .isEqualTo(400);
        assertThat(admin.get("/users/" + tom).json().get("roles")).isEmpty();
        for (String nothing : List.of("", "{}", " { } ")) {
            assertThat(admin.send("PUT", role, nothing).status()).as(nothing).isEqualTo(200);
        }
        for (String something : List.of("[]", "null", "x", "{\"a\":1}", "{}{}")) {
            assertThat(admin.send("DELETE", role, something).status())
                    .as(something)
                    .isEqualTo(400);
        }
        Answer misspelled = admin.get("/tokens?staus=active");
        assertThat(misspelled.status()).isEqualTo(422);
        assertThat(misspelled.json().get("errors").toString())
                .contains("\"staus\"", "There is no such parameter. Known parameters: ", "status");
        assertThat(admin.send("PUT", role + "?expiresAt=2030-01-01T00:00:00Z", "")
                        .status())
                .isEqualTo(422);
        assertThat(admin.post("/tokens/" + program.clientId() + "/revoke", "{\"because\":\"x\"}")
                        .status())
                .isEqualTo(422);
    }

    @Test
    void whatWasReadCanBeSentBackWithOnlyTheChangeChanged() {
        admin.createRole("nightly", "tokens:read");
        admin.post(
                "/apis",
                "{\"name\":\"shop\",\"audience\":\"https://shop.example\",\"endpoints\":[{\"method\":\"GET\",\"path\":\"/a\","
                        + "\"privilege\":\"a:read\"}]}");
        String token = "/tokens/" + admin.createToken("Program", "nightly").clientId();
        String tom = "/users/"
                + admin.post("/users", "{\"email\":\"tom@example.com\",\"name\":\"Tom\",\"roles\":[]}")
                        .json()
                        .get("id")
                        .asString();
        for (String path : List.of(token, tom, "/roles/nightly", "/apis/shop", "/account", "/signing-keys/policy")) {
            Answer read = admin.get(path);
            Answer sent = admin.send("PATCH", path, read.body());
            assertThat(sent.status()).as(path + sent.body()).isEqualTo(200);
            assertThat(sent.json()).as(path).isEqualTo(admin.get(path).json());
        }
        ObjectNode changed = (ObjectNode) admin.get(token).json();
        changed.put("description", "Another")
                .put("lastAccessAddress", "192.0.2.1")
                .putNull("expiresAt");
        assertThat(admin.send("PATCH", token, changed.toString())
                        .json()
                        .get("description")
                        .asString())
                .isEqualTo("Another");
        changed.put("createdAt", "2020-01-01T00:00:00.000Z").put("role", "public");
        Answer refused = admin.send("PATCH", token, changed.toString());
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.json().get("errors").toString())
                .contains("\"createdAt\"", "\"role\"", "This cannot be changed here.");
        assertThat(admin.get(token).json().get("role").asString()).isEqualTo("nightly");
        changed.put("unknown", 1);
        changed.remove(List.of("createdAt", "role"));
        assertThat(admin.send("PATCH", token, changed.toString()).body()).contains("There is no such field");
        assertThat(admin.send("PATCH", token, "{\"createdAt\":").status()).isEqualTo(400);
        assertThat(admin.send("PATCH", token, "[]").status()).isEqualTo(422);
    }

    private static void collect(JsonNode node, Set<String> references) {
        if (node.has("$ref")) {
            references.add(node.get("$ref").asString());
        }
        node.forEach(child -> collect(child, references));
    }

    @Test
    void peopleAreInvitedDisabledAndRemoved() {
        Answer invited =
                admin.post("/users", "{\"email\":\"Tom@Example.com\",\"name\":\"Tom\",\"roles\":[\"public\"]}");
        assertThat(invited.status()).isEqualTo(201);
        String id = invited.json().get("id").asString();
        assertThat(invited.json().get("email").asString()).isEqualTo("tom@example.com");
        String link = invited.json()
                .get("invitationUrl")
                .asString()
                .substring(server.url().length());
        RunningServer.Browser tom = server.browser();
        assertThat(tom.post(link, Map.of("name", "Tom", "password", "short")).status())
                .isEqualTo(422);
        assertThat(tom.post(link, Map.of("name", "Tom", "password", "a few plain words"))
                        .status())
                .isEqualTo(303);
        assertThat(tom.get("/profile").status()).isEqualTo(200);
        assertThat(server.browser()
                        .post(link, Map.of("name", "T", "password", "a few other words"))
                        .status())
                .as("the link works once")
                .isEqualTo(404);
        admin.post("/users/" + id + "/disable", "");
        assertThat(tom.get("/profile").status()).as("signed out at once").isEqualTo(303);
        assertThat(server.browser()
                        .post("/sign-in", Map.of("email", "tom@example.com", "password", "a few plain words"))
                        .status())
                .isEqualTo(401);
        assertThat(admin.delete("/users/" + id).status()).isEqualTo(204);
        assertThat(admin.get("/users/" + id).status()).isEqualTo(404);
        assertThat(operations("target=user:" + id))
                .containsExactly("user.remove", "user.disable", "user.accept", "user.invite");
    }

    @Test
    void refusedTokenRequestsAppearInTheAuditLog() throws Exception {
        Credentials program = admin.createToken("Program", "public");
        Credentials wrong = new Credentials(program.clientId(), "lks_wrong");
        for (int i = 0; i < 3; i++) {
            assertThat(server.requestAccessToken(wrong, "").status()).isEqualTo(401);
        }
        Waiting.until(
                "the refusal in the log",
                () -> !operations("operation=access_token.refuse").isEmpty());
    }

    private List<String> operations(String query) {
        List<String> operations = new ArrayList<>();
        admin.get("/events?" + query)
                .json()
                .get("items")
                .forEach(item -> operations.add(item.get("operation").asString()));
        return operations;
    }
}
