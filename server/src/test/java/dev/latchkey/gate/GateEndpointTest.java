package dev.latchkey.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The question that gateways ask, and the answers. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class GateEndpointTest {
    @Parameter
    TestEngine engine;

    private RunningServer server;
    private Billing billing;

    @BeforeEach
    void start() {
        server = RunningServer.start(engine);
        billing = new Billing(server);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Answer ask(String accessToken, String method, String target, String... more) {
        HttpRequest.Builder request = server.request("/gate/v1/nginx/billing")
                .header("X-Original-Method", method)
                .header("X-Original-URI", target);
        if (accessToken != null) {
            request.header("Authorization", "Bearer " + accessToken);
        }
        for (int i = 0; i < more.length; i += 2) {
            request.header(more[i], more[i + 1]);
        }
        return server.send(request.build());
    }

    @Test
    void anAllowedRequestTellsTheApiWhoCalls() {
        Answer answer = ask(billing.accessToken(billing.clerk), "GET", "/v1/invoices/42?x=y");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
        assertThat(answer.header("Latchkey-Client-Id")).isEqualTo(billing.clerk.clientId());
        assertThat(answer.header("Latchkey-Account"))
                .isEqualTo(billing.clerk.clientId().substring(0, 6));
        assertThat(answer.header("Latchkey-Role")).isEqualTo("invoice_clerk");
        assertThat(answer.header("Latchkey-Description")).isEqualTo("B%C3%BCro \"1\"");
        assertThat(answer.header("Latchkey-Endpoint")).isEqualTo("GET /invoices/{id}");
    }

    @ParameterizedTest
    @CsvSource({
        "Nightly report (~24h), Nightly report (~24h)",
        "100% off, 100%25 off",
        "Łódź 🔑, %C5%81%C3%B3d%C5%BA %F0%9F%94%91"
    })
    void aDescriptionReachesTheApiInVisibleAsciiFromWhichItCanBeReadAgain(String description, String told) {
        Credentials token = billing.admin.createToken(description, "invoice_reader");
        Answer answer = ask(billing.accessToken(token), "GET", "/v1/invoices/42");
        assertThat(answer.header("Latchkey-Description")).isEqualTo(told);
    }

    @Test
    void aRequestWithoutThePrivilegeIsToldWhichOneIsMissing() {
        Answer answer = ask(billing.accessToken(billing.reader), "DELETE", "/v1/invoices/42");
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(answer.json().get("code").asString()).isEqualTo("missing_privilege");
        assertThat(answer.json().get("api").asString()).isEqualTo("billing");
        assertThat(answer.json().get("endpoint").asString()).isEqualTo("DELETE /invoices/{id}");
        assertThat(answer.json().get("privilege").asString()).isEqualTo("invoices:write");
        assertThat(answer.json().get("explain").asString())
                .isEqualTo(server.url() + "/explain?api=billing&method=DELETE&path=%2Fv1%2Finvoices%2F42&token="
                        + billing.reader.clientId());
        assertThat(answer.header("WWW-Authenticate"))
                .isEqualTo("Bearer realm=\"billing\", error=\"insufficient_scope\", scope=\"invoices:write\"");
        assertThat(answer.header("Latchkey-Problem")).contains("\"missing_privilege\"");
    }

    @Test
    void anEndpointThatNeedsTwoPrivilegesIsOpenToWhoHasBoth() {
        assertThat(ask(billing.accessToken(billing.clerk), "GET", "/v1/invoices/42/copies")
                        .status())
                .isEqualTo(200);
        Answer one = ask(billing.accessToken(billing.reader), "GET", "/v1/invoices/42/copies");
        assertThat(one.status()).isEqualTo(403);
        assertThat(one.json().get("detail").asString())
                .isEqualTo(
                        "GET /invoices/{id}/copies needs the privilege invoices:write, which the role invoice_reader does not"
                                + " have.");
        assertThat(one.json().get("privilege").asString()).isEqualTo("invoices:write");
        assertThat(one.header("WWW-Authenticate")).contains("scope=\"invoices:read invoices:write\"");
        billing.admin.createRole("temps");
        Answer none =
                ask(billing.accessToken(billing.admin.createToken("Temp", "temps")), "GET", "/v1/invoices/42/copies");
        assertThat(none.json().get("privileges").toString()).isEqualTo("[\"invoices:read\",\"invoices:write\"]");
        String narrowed = server.requestAccessToken(
                        billing.clerk, "&resource=" + Billing.AUDIENCE + "&scope=invoices:read")
                .json()
                .get("access_token")
                .asString();
        assertThat(ask(narrowed, "GET", "/v1/invoices/42/copies").status()).isEqualTo(403);
    }

    @Test
    void withoutACredentialTheAnswerIs401AndTellsNothingOfTheApi() {
        for (String target : new String[] {"/v1/invoices", "/v1/nothing", "/v1//x"}) {
            Answer answer = ask(null, "GET", target);
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.header("WWW-Authenticate"))
                    .isEqualTo("Bearer realm=\"billing\", resource_metadata=\"" + server.url()
                            + "/.well-known/oauth-protected-resource/apis/billing\"");
            assertThat(answer.json().get("code").asString()).isEqualTo("unauthenticated");
        }
        Answer answer = ask("nonsense", "GET", "/v1/invoices");
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.header("WWW-Authenticate")).contains("error=\"invalid_token\"");
    }

    @Test
    void anAccessTokenForAnotherApiDoesNotCount() {
        Answer answer = ask(server.accessToken(billing.clerk), "GET", "/v1/invoices");
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.json().get("detail").asString()).contains("resource=https://billing.example");
        Answer own = server.send(server.request("/api/v1/me")
                .header("Authorization", "Bearer " + billing.accessToken(billing.clerk))
                .build());
        assertThat(own.status()).isEqualTo(401);
    }

    @Test
    void aPublicEndpointIsOpenToEveryoneAndKnowsCallersWithAValidToken() {
        assertThat(ask(null, "GET", "/v1/status").status()).isEqualTo(200);
        assertThat(ask(null, "GET", "/v1/status").header("Latchkey-Client-Id")).isEmpty();
        assertThat(ask("nonsense", "GET", "/v1/status").status()).isEqualTo(200);
        assertThat(ask(billing.accessToken(billing.reader), "GET", "/v1/status").header("Latchkey-Client-Id"))
                .isEqualTo(billing.reader.clientId());
    }

    @Test
    void anEndpointForAnyTokenNeedsNoPrivilege() {
        billing.admin.createRole("nothing");
        Credentials credentials = billing.admin.createToken("Nothing", "nothing");
        assertThat(ask(billing.accessToken(credentials), "GET", "/v1/me").status())
                .isEqualTo(200);
        assertThat(ask(null, "GET", "/v1/me").status()).isEqualTo(401);
    }

    @Test
    void aRevokedTokenIsRefusedAtTheNextCall() {
        String accessToken = billing.accessToken(billing.reader);
        assertThat(ask(accessToken, "GET", "/v1/invoices").status()).isEqualTo(200);
        billing.admin.post("/tokens/" + billing.reader.clientId() + "/revoke", "{}");
        assertThat(ask(accessToken, "GET", "/v1/invoices").status()).isEqualTo(401);
    }

    @Test
    void aChangedRoleAndAChangedApiCountFromTheNextCall() {
        String accessToken = billing.accessToken(billing.reader);
        assertThat(ask(accessToken, "POST", "/v1/invoices").status()).isEqualTo(403);
        billing.admin.send("PUT", "/roles/invoice_reader/privileges/billing/invoices:write", "{\"effect\": \"allow\"}");
        assertThat(ask(accessToken, "POST", "/v1/invoices").status()).isEqualTo(200);
        billing.admin.send("PUT", "/roles/invoice_reader/privileges/billing/invoices:write", "{\"effect\": \"deny\"}");
        assertThat(ask(accessToken, "POST", "/v1/invoices").status()).isEqualTo(403);
        billing.admin.post(
                "/apis/billing/endpoints",
                "{\"method\":\"POST\",\"path\":\"/invoices\",\"privilege\":\"invoices:read\"}");
        assertThat(ask(accessToken, "POST", "/v1/invoices").status()).isEqualTo(200);
        assertThat(billing.admin.delete("/apis/billing").status()).isEqualTo(204);
        assertThat(ask(accessToken, "POST", "/v1/invoices").status()).isEqualTo(403);
    }

    @Test
    void anAccessTokenWithAScopeDoesNoMore() {
        String narrow = server.requestAccessToken(
                        billing.clerk, "&resource=" + Billing.AUDIENCE + "&scope=invoices:read")
                .json()
                .get("access_token")
                .asString();
        assertThat(ask(narrow, "GET", "/v1/invoices").status()).isEqualTo(200);
        assertThat(ask(narrow, "POST", "/v1/invoices").status()).isEqualTo(403);
    }

    @Test
    void anAdministratorOfLatchkeyMayNothingElsewhere() {
        String accessToken = billing.accessToken(server.bootstrap());
        assertThat(ask(accessToken, "GET", "/v1/invoices").status()).isEqualTo(403);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /v1/nothing, no_endpoint",
        "GET, /invoices, no_endpoint",
        "GET, /v2/invoices, no_endpoint",
        "PATCH, /v1/invoices, no_endpoint",
        "get, /v1/invoices, no_endpoint",
        "OPTIONS, /v1/invoices, no_endpoint",
        "TRACE, /v1/invoices, no_endpoint",
        "GET, /v1/invoices/, doubtful_request",
        "GET, /v1/Invoices, doubtful_request",
        "GET, /V1/invoices/42, doubtful_request",
        "GET, /v1/invoices/ADMIN, doubtful_request",
        "GET, /v1/invoices/admin/, doubtful_request",
        "GET, /v1//invoices, doubtful_request",
        "GET, /v1/./invoices, doubtful_request",
        "GET, /v1/x/../invoices, doubtful_request",
        "GET, /v1/invoices%2F42, doubtful_request",
        "GET, /v1/invoices/42;x=y, doubtful_request",
        "GET, /v1/invoices/%61dmin, doubtful_request",
        "GET, /v1/files/a/%2e%2e/b, doubtful_request",
        "GET, http://x/v1/invoices, doubtful_request",
        "OPTIONS, *, doubtful_request",
        "GET, /v1/invoices?_method=DELETE, doubtful_request",
        "POST, /v1/invoices?a=b&%5Fmethod=delete, doubtful_request",
        "POST, /v1/invoices?.method=PUT, doubtful_request"
    })
    void requestsWithoutAnEndpointAndAmbiguousOnesAreRefused(String method, String target, String code) {
        Answer answer = ask(billing.accessToken(billing.clerk), method, target);
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.json().get("code").asString()).isEqualTo(code);
        assertThat(answer.json().get("explain").asString()).startsWith(server.url() + "/explain?");
    }

    @ParameterizedTest
    @ValueSource(strings = {"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"})
    void aFieldThatNamesAnotherMethodIsRefused(String field) {
        String accessToken = billing.accessToken(billing.clerk);
        assertThat(ask(accessToken, "GET", "/v1/invoices", field, "DELETE").status())
                .isEqualTo(403);
        assertThat(ask(accessToken, "GET", "/v1/invoices", field, "GET", field, "DELETE")
                        .status())
                .isEqualTo(403);
        assertThat(ask(accessToken, "GET", "/v1/invoices", field, "get").status())
                .isEqualTo(200);
    }

    @Test
    void anApiTakesMoreCharactersInItsPathsWhenItSaysSo() {
        String accessToken = billing.accessToken(billing.clerk);
        List<String> onlyWhenAllowed = List.of("accounting%1Ftax/paid", "a|b", "[a]", "x^2");
        List<String> always = List.of("a%7Cb", "%5Ba%5D", "a?q=a|b[c]^");
        List<String> never = List.of(
                "a%1F",
                "a%1F%1Fb",
                "..%1Fb",
                "a%00b",
                "a%0Ab",
                "a%0Db",
                "a%1Eb",
                "a{b}",
                "a\\b",
                "a;b",
                "a%3Bb",
                "a%2Fb",
                "a%25b",
                "a%3Fb",
                "a%23b",
                "%2E%2E",
                "..|/../b");
        requireStatus(accessToken, onlyWhenAllowed, 403);
        requireStatus(accessToken, always, 200);
        allow("[\"%1f\", \"|\", \"[\", \"]\", \"^\"]");
        assertThat(billing.admin
                        .get("/apis/billing")
                        .json()
                        .get("pathCharacters")
                        .toString())
                .isEqualTo("[\"%1F\",\"|\",\"[\",\"]\",\"^\"]");
        requireStatus(accessToken, onlyWhenAllowed, 200);
        requireStatus(accessToken, always, 200);
        requireStatus(accessToken, never, 403);
        allow("[\"^\"]");
        requireStatus(accessToken, List.of("accounting%1Ftax/paid", "a|b", "[a]"), 403);
        requireStatus(accessToken, List.of("x^2"), 200);
        for (String other :
                List.of("/", "%2F", ";", "\\\\", "%", "%25", "%00", "%0D", "%0A", "?", "#", "..", "", "%7C", "a")) {
            assertThat(billing.admin
                            .send("PATCH", "/apis/billing", "{\"pathCharacters\": [\"" + other + "\"]}")
                            .status())
                    .as(other)
                    .isEqualTo(422);
        }
    }

    private void requireStatus(String accessToken, List<String> files, int status) {
        for (String file : files) {
            assertThat(ask(accessToken, "GET", "/v1/files/" + file).status())
                    .as(file)
                    .isEqualTo(status);
        }
    }

    private void allow(String characters) {
        Answer changed = billing.admin.send("PATCH", "/apis/billing", "{\"pathCharacters\": " + characters + "}");
        assertThat(changed.status()).isEqualTo(200);
    }

    @Test
    void envoysOwnPathMayHaveTheCharactersToo() throws Exception {
        String accessToken = billing.accessToken(billing.clerk);
        allow("[\"%1F\", \"|\", \"[\", \"]\"]");
        for (String path : List.of("/v1/files/a|b", "/v1/files/[a]", "/v1/files/a%1Fb")) {
            assertThat(statusOfRaw("/gate/v1/envoy/billing" + path, accessToken))
                    .as(path)
                    .isEqualTo(200);
        }
        for (String path : List.of("/v1/files/x^2", "/v1/files/a\\b", "/v1/files/a%1F")) {
            assertThat(statusOfRaw("/gate/v1/envoy/billing" + path, accessToken))
                    .as(path)
                    .isEqualTo(403);
        }
    }

    /** Java's own client refuses to send such paths. */
    private int statusOfRaw(String target, String accessToken) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", URI.create(server.url()).getPort())) {
            socket.setSoTimeout(10_000);
            String request = "GET " + target + " HTTP/1.1\r\nHost: billing.example\r\nAuthorization: Bearer "
                    + accessToken + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            return Integer.parseInt(answer.split(" ", 3)[1]);
        }
    }

    @Test
    void aBasePathIsFoundHoweverItIsSpelled() {
        billing.admin.post("/apis", """
                {"name": "bars", "audience": "https://bars.example", "hosts": ["billing.example"], "basePath": "/v1/a|b",
                 "endpoints": [{"method": "GET", "path": "/x", "access": "public"}]}""").created();
        assertThat(byHost("/v1/a%7Cb/x").status()).isEqualTo(200);
        assertThat(byHost("/v1/a|b/x").status()).isEqualTo(401);
        billing.admin.send("PATCH", "/apis/bars", "{\"pathCharacters\": [\"|\"]}");
        assertThat(byHost("/v1/a|b/x").status()).isEqualTo(200);
        assertThat(byHost("/v1/a%7cb/x").status()).isEqualTo(200);
    }

    @Test
    void headIsDecidedAsGet() {
        Answer answer = ask(billing.accessToken(billing.reader), "HEAD", "/v1/invoices/42");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(ask(billing.accessToken(billing.reader), "HEAD", "/v1/invoices/admin")
                        .status())
                .isEqualTo(403);
    }

    @Test
    void aHostThatIsNotTheApisIsRefused() {
        String accessToken = billing.accessToken(billing.reader);
        for (String host : new String[] {
            "billing.example", "Billing.Example", "billing.example:8443", "billing.example.", "billing.example.:8443"
        }) {
            assertThat(ask(accessToken, "GET", "/v1/invoices", "X-Original-Host", host)
                            .status())
                    .isEqualTo(200);
        }
        for (String host : new String[] {"evil.example", "billing.example..", ".", "billing.example.evil.example."}) {
            Answer other = ask(accessToken, "GET", "/v1/invoices", "X-Original-Host", host);
            assertThat(other.status()).isEqualTo(403);
            assertThat(other.json().get("code").asString()).isEqualTo("no_api");
        }
    }

    @Test
    void anApiThatTheGatewayDoesNotNameIsFoundByHostAndPath() {
        HttpRequest.Builder request = server.request("/gate/v1/forward-auth")
                .header("Authorization", "Bearer " + billing.accessToken(billing.reader))
                .header("X-Forwarded-Method", "GET")
                .header("X-Forwarded-Uri", "/v1/invoices");
        assertThat(server.send(request.copy()
                                .header("X-Forwarded-Host", "billing.example")
                                .build())
                        .status())
                .isEqualTo(200);
        assertThat(server.send(request.copy()
                                .header("X-Forwarded-Host", "other.example")
                                .build())
                        .status())
                .isEqualTo(403);
        assertThat(server.send(request.build()).status()).isEqualTo(403);
    }

    /** Two APIs at one host: a path in other letter case must not fall to the one without a base path. */
    @Test
    void theApiWithTheLongestBasePathIsMeantWhateverItsLetterCase() {
        billing.admin.post("/apis", """
                {"name": "root", "audience": "https://root.example", "hosts": ["billing.example"],
                 "endpoints": [{"method": "GET", "path": "/{path...}", "access": "public"}]}""");
        assertThat(byHost("/other").status()).isEqualTo(200);
        for (String target : new String[] {"/v1/invoices", "/V1/invoices", "/v1", "/v1?x=y", "/V1/"}) {
            assertThat(byHost(target).json().get("api").asString()).as(target).isEqualTo("billing");
        }
    }

    private Answer byHost(String target) {
        return server.send(server.request("/gate/v1/forward-auth")
                .header("X-Forwarded-Method", "GET")
                .header("X-Forwarded-Uri", target)
                .header("X-Forwarded-Host", "billing.example")
                .build());
    }

    @Test
    void eachDialectReadsItsOwnFieldsOnly() {
        HttpRequest.Builder request = server.request("/gate/v1/haproxy/billing")
                .header("Authorization", "Bearer " + billing.accessToken(billing.reader))
                .header("X-Original-Method", "DELETE")
                .header("X-Original-URI", "/v1/invoices/42")
                .header("X-Forwarded-Method", "GET")
                .header("X-Forwarded-Uri", "/v1/invoices");
        assertThat(server.send(request.build()).status()).isEqualTo(403);
        Answer twice =
                server.send(request.header("X-Original-URI", "/v1/invoices").build());
        assertThat(twice.status()).isEqualTo(403);
        assertThat(twice.json().get("code").asString()).isEqualTo("gateway_misconfigured");
        Answer without =
                server.send(server.request("/gate/v1/forward-auth/billing").build());
        assertThat(without.status()).isEqualTo(403);
        assertThat(without.json().get("detail").asString()).contains("X-Forwarded-Method");
    }

    /** A gateway that keeps its caller's method must not mistake a courtesy for permission. */
    @ParameterizedTest
    @ValueSource(strings = {"OPTIONS", "HEAD", "POST", "DELETE"})
    void aQuestionWithAnotherMethodIsNotAllowed(String method) {
        for (String path :
                new String[] {"/gate/v1/forward-auth/billing", "/gate/v1/nginx", "/gate/v1/x", "/gate/v1/"}) {
            int status = server.send(server.request(path)
                            .method(method, HttpRequest.BodyPublishers.noBody())
                            .header("Authorization", "Bearer " + billing.accessToken(billing.reader))
                            .header("X-Forwarded-Method", "GET")
                            .header("X-Forwarded-Uri", "/v1/status")
                            .build())
                    .status();
            assertThat(status).as(path).isGreaterThanOrEqualTo(400);
        }
    }

    @Test
    void envoyAsksWithTheRequestItself() {
        // The client here cannot choose its Host field.
        billing.admin.send("PATCH", "/apis/billing", "{\"hosts\": []}");
        String accessToken = billing.accessToken(billing.reader);
        assertThat(envoy("GET", "/v1/invoices/42?a=b", accessToken).status()).isEqualTo(200);
        assertThat(envoy("DELETE", "/v1/invoices/42", accessToken).status()).isEqualTo(403);
        assertThat(envoy("POST", "/v1/invoices", accessToken).status()).isEqualTo(403);
        assertThat(envoy("PROPFIND", "/v1/invoices", accessToken)
                        .json()
                        .get("code")
                        .asString())
                .isEqualTo("no_endpoint");
        assertThat(envoy("GET", "/v1/invoices;a", accessToken)
                        .json()
                        .get("code")
                        .asString())
                .isEqualTo("doubtful_request");
        assertThat(envoy("GET", "/v1/invoices/", accessToken).status()).isEqualTo(403);
        assertThat(envoy("GET", "/v1/status", null).status()).isEqualTo(200);
    }

    private Answer envoy(String method, String target, String accessToken) {
        HttpRequest.Builder request =
                server.request("/gate/v1/envoy/billing" + target).method(method, HttpRequest.BodyPublishers.noBody());
        if (accessToken != null) {
            request.header("Authorization", "Bearer " + accessToken);
        }
        return server.send(request.build());
    }

    @Test
    void anAllowedCallIsALastAccess() {
        String accessToken = billing.accessToken(billing.reader);
        ask(accessToken, "GET", "/v1/invoices", "User-Agent", "the-program/1");
        assertThat(billing.admin
                        .get("/tokens/" + billing.reader.clientId())
                        .json()
                        .toString())
                .contains("the-program/1");
    }
}
