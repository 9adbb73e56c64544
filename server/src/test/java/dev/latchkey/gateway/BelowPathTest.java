package dev.latchkey.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.latchkey.FreePort;
import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Browser;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import dev.latchkey.oauth.ProgramKey;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
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

/** Latchkey below a path of a host, behind a real nginx with the lines that the documentation gives, and without any. */
@ParameterizedClass
@EnumSource
class BelowPathTest {
    private static final String HOST = "https://host.example";
    private static final String ISSUER = HOST + "/auth";

    /** How a request for {@code /auth/tokens} arrives. */
    enum Way {
        /** Unchanged, directly from its caller. */
        STRAIGHT,
        /** Unchanged, through a proxy. */
        PASSED_ON,
        /** As {@code /tokens}, from a proxy that strips the path. */
        TAKEN_AWAY
    }

    @Parameter
    Way way;

    private static RunningServer server;
    private static Gateway nginx;
    private static Billing billing;
    /** Where Latchkey itself listens, and where the world comes in; neither with the path. */
    private static String latchkey;

    private static String world;

    @BeforeParameterizedClassInvocation
    static void start(Way way) throws IOException {
        if (way != Way.STRAIGHT) {
            Gateway.require(Gateway.Kind.NGINX);
        }
        server = RunningServer.start(TestEngine.SQLITE, Map.of("issuer", ISSUER, "trusted-proxies", "127.0.0.1,::1"));
        latchkey = "http://127.0.0.1:" + server.port();
        world = latchkey;
        if (way != Way.STRAIGHT) {
            int port = FreePort.find();
            nginx = Gateway.run(Gateway.Kind.NGINX, configuration(way, port), port);
            world = "http://127.0.0.1:" + port;
        }
        server.reachedAt(world + "/auth");
        billing = new Billing(server);
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        if (nginx != null) {
            nginx.close();
            nginx = null;
        }
        if (server != null) {
            server.close();
            server = null;
        }
    }

    /** The documentation's own lines, with TLS ending before this nginx. */
    private static String configuration(Way way, int port) throws IOException {
        Matcher lines = Pattern.compile("```nginx\n(location /auth/ .*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Gateway.repository().resolve("docs/operations.md")));
        assertThat(lines.find()).isTrue();
        String documented = lines.group(1);
        if (way == Way.TAKEN_AWAY) {
            documented =
                    replaced(documented, "proxy_pass http://127.0.0.1:8080;", "proxy_pass http://127.0.0.1:8080/;");
            documented = replaced(documented, "X-Forwarded-Prefix \"\";", "X-Forwarded-Prefix /auth;");
        }
        documented = documented.replace("127.0.0.1:8080", "127.0.0.1:" + server.port());
        return "pid nginx.pid; events {} http { access_log off; server { listen 127.0.0.1:" + port + ";\n"
                + replaced(documented, "$scheme", "https") + "location / { return 418; } } }\n";
    }

    private static String replaced(String text, String what, String by) {
        assertThat(text).contains(what);
        int at = text.indexOf(what);
        return text.substring(0, at) + by + text.substring(at + what.length());
    }

    /** What is at an address that we were told, with the path or the whole issuer before it. */
    private static String below(String address) {
        String path = address.startsWith(HOST) ? address.substring(HOST.length()) : address;
        assertThat(path).startsWith("/auth/");
        return path.substring("/auth".length());
    }

    private static Answer get(String url, String... fields) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url));
        if (fields.length > 0) {
            request.headers(fields);
        }
        return server.send(request.build());
    }

    private static Browser ada() {
        return server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
    }

    /** The values of a page's hidden fields. */
    private static Map<String, String> hidden(Answer page) {
        Map<String, String> fields = new HashMap<>();
        Matcher field = Pattern.compile("type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\"")
                .matcher(page.body());
        while (field.find()) {
            fields.putIfAbsent(field.group(1), field.group(2));
        }
        return fields;
    }

    @Test
    void whoIsNotSignedInIsLedToSignInAndBackWithACookieForThisPathAlone() {
        Browser browser = server.browser();
        Answer away = browser.get("/users");
        assertThat(away.status()).isEqualTo(303);
        assertThat(away.header("Location")).isEqualTo("/auth/sign-in?next=%2Fusers");
        Answer page = browser.get(below(away.header("Location")));
        assertThat(page.body()).contains(" action=\"/auth/sign-in\"");
        Answer signedIn = browser.post(
                "/sign-in",
                Map.of(
                        "email",
                        RunningServer.ADMIN_EMAIL,
                        "password",
                        RunningServer.ADMIN_PASSWORD,
                        "next",
                        hidden(page).get("next")));
        assertThat(signedIn.header("Location")).isEqualTo("/auth/users");
        assertThat(signedIn.response().headers().allValues("Set-Cookie"))
                .hasSize(2)
                .allSatisfy(
                        cookie -> assertThat(cookie).contains("; Path=/auth; ").endsWith("; Secure"))
                .anyMatch(cookie -> cookie.startsWith("__Secure-latchkey="))
                .anyMatch(cookie -> cookie.startsWith("__Secure-latchkey-device="));
        assertThat(browser.get("/users").status()).isEqualTo(200);

        Answer themed = browser.post("/theme", Map.of("csrf", browser.csrf(), "theme", "dark", "back", "/users"));
        assertThat(themed.header("Location")).isEqualTo("/auth/users");
        assertThat(themed.header("Set-Cookie")).startsWith("latchkey_theme=dark; Path=/auth; ");
        Answer signedOut = browser.post("/sign-out", Map.of("csrf", browser.csrf()));
        assertThat(signedOut.header("Set-Cookie")).startsWith("__Secure-latchkey=; Path=/auth; Max-Age=0; ");
        assertThat(browser.get("/users").status()).isEqualTo(303);
    }

    /** Follows every link of every existing page. */
    @Test
    void noPageLeadsOutOfThePath() {
        Browser browser = ada();
        Pattern attribute = Pattern.compile("\\s([a-z-]+)=\"([^\"]+)\"");
        Deque<String> open = new ArrayDeque<>(List.of("/", "/nothing-here"));
        Set<String> seen = new HashSet<>();
        Set<String> addressed = new HashSet<>();
        while (!open.isEmpty()) {
            String path = open.pop();
            if (!seen.add(path.replaceFirst("[?#].*", ""))) {
                continue;
            }
            Answer answer = browser.get(path);
            if (answer.status() == 303) {
                open.push(below(answer.header("Location")));
                continue;
            }
            assertThat(answer.status()).as(path).isEqualTo(path.equals("/nothing-here") ? 404 : 200);
            if (!answer.header("Content-Type").startsWith("text/html")) {
                continue;
            }
            Matcher found = attribute.matcher(answer.body());
            while (found.find()) {
                String name = found.group(1);
                String value = found.group(2).replace("&amp;", "&").replace("&#34;", "\"");
                boolean address = Set.of("href", "src", "action", "formaction").contains(name);
                if (address
                        || (value.startsWith("/")
                                && !Set.of("value", "placeholder").contains(name))) {
                    addressed.add(name);
                    if (!value.startsWith("#")) {
                        assertThat(value)
                                .as(name + " of " + path)
                                .startsWith("/auth/")
                                .doesNotContain("/auth/auth");
                        if (name.equals("href") || name.equals("src")) {
                            open.push(below(value));
                        }
                    }
                }
            }
        }
        assertThat(addressed).contains("href", "src", "action", "formaction", "hx-get", "hx-post", "data-back");
        assertThat(seen)
                .contains(
                        "/tokens",
                        "/tokens/new",
                        "/tokens/" + billing.clerk.clientId() + "/revoke",
                        "/roles/invoice_clerk",
                        "/apis/billing/endpoint",
                        "/users",
                        "/audit",
                        "/signing-keys",
                        "/settings",
                        "/profile",
                        "/api",
                        "/api/openapi.json",
                        "/oauth/v2/jwks")
                .anyMatch(path -> path.matches("/assets/[0-9a-f]+/console.js"))
                .anyMatch(path -> path.matches("/assets/[0-9a-f]+/console.css"));
    }

    @Test
    void aTokenIsGeneratedInTheConsoleAndUsed() {
        Browser browser = ada();
        Map<String, String> form = hidden(browser.get("/tokens/new"));
        form.putAll(
                Map.of("description", "Nightly", "role", "invoice_reader", "method", "client_secret", "expires", "90"));
        Answer shown = browser.post("/tokens", form);
        assertThat(shown.status()).as(shown.body()).isEqualTo(200);
        Matcher secret = Pattern.compile(
                        "id=\"cid\" readonly value=\"([^\"]+)\".*id=\"sec\"[^>]* value=\"([^\"]+)\"", Pattern.DOTALL)
                .matcher(shown.body());
        assertThat(secret.find()).isTrue();
        String clientId = secret.group(1);
        assertThat(shown.body())
                .contains(" action=\"/auth/tokens/" + clientId + "/save\" data-discard=\"/auth/tokens/" + clientId
                        + "/discard\"")
                .contains(" -s " + ISSUER + "/oauth/v2/token ");
        Answer saved = browser.post("/tokens/" + clientId + "/save", Map.of("csrf", form.get("csrf"), "saved", "on"));
        assertThat(saved.header("Location")).isEqualTo("/auth/tokens?done=saved");
        assertThat(server.accessToken(new Credentials(clientId, secret.group(2))))
                .isNotEmpty();
    }

    @Test
    void theManagementApiTellsItsAddressesBelowThePath() {
        Answer created = billing.admin
                .post("/tokens", "{\"description\":\"Shop\",\"role\":\"public\"}")
                .created();
        String clientId = created.json().get("clientId").asString();
        assertThat(created.header("Location")).isEqualTo("/auth/api/v1/tokens/" + clientId);
        assertThat(billing.admin
                        .get(below(created.header("Location")).substring("/api/v1".length()))
                        .status())
                .isEqualTo(200);
        Answer invited = billing.admin
                .post("/users", "{\"email\":\"" + way + "@example.com\",\"name\":\"Grace\",\"roles\":[]}")
                .created();
        assertThat(server.get(below(invited.json().get("invitationUrl").asString()))
                        .body())
                .contains("action=\"/auth/invitation/");

        Answer nobody = server.get("/api/v1/me");
        assertThat(nobody.status()).isEqualTo(401);
        Matcher metadata = Pattern.compile("resource_metadata=\"([^\"]+)\"").matcher(nobody.header("WWW-Authenticate"));
        assertThat(metadata.find()).isTrue();
        assertThat(server.get(below(metadata.group(1))).json().get("resource").asString())
                .isEqualTo(ISSUER + "/api/v1");

        JsonNode document = server.get("/api/openapi.json").json();
        assertThat(document.get("servers").get(0).get("url").asString()).isEqualTo(ISSUER + "/api/v1");
        assertThat(document.toString())
                .contains(ISSUER + "/oauth/v2/token")
                .doesNotContain(HOST + "/oauth", HOST + "/api");
        assertThat(billing.admin
                        .get("/explain?api=latchkey&path=/auth/api/v1/tokens&role=accountadmin")
                        .json()
                        .get("endpoint")
                        .asString())
                .isEqualTo("GET /tokens");
    }

    @ParameterizedTest
    @ValueSource(strings = {"oauth-authorization-server", "openid-configuration"})
    void theMetadataIsWhereEitherStandardPutsThePathAndLeadsNowhereElse(String name) {
        JsonNode inserted = get(world + "/.well-known/" + name + "/auth").json();
        assertThat(inserted).isEqualTo(server.get("/.well-known/" + name).json());
        assertThat(inserted.get("issuer").asString()).isEqualTo(ISSUER);
        for (String endpoint : List.of("token_endpoint", "jwks_uri", "introspection_endpoint", "revocation_endpoint")) {
            assertThat(server.get(below(inserted.get(endpoint).asString())).status())
                    .as(endpoint)
                    .isIn(200, 405);
        }
        inserted.properties().stream()
                .map(Map.Entry::getValue)
                .filter(JsonNode::isString)
                .forEach(value -> assertThat(value.asString()).startsWith(ISSUER));
    }

    /** RFC 9728 section 3.1. */
    @Test
    void theMetadataOfTheManagementApiIsWhereItsAddressLeads() {
        Answer inserted = get(world + "/.well-known/oauth-protected-resource/auth/api/v1");
        assertThat(inserted.json().get("resource").asString()).isEqualTo(ISSUER + "/api/v1");
        assertThat(inserted.json().get("authorization_servers").get(0).asString())
                .isEqualTo(ISSUER);
        assertThat(server.get("/.well-known/oauth-protected-resource/api/v1").json())
                .isEqualTo(inserted.json());
        assertThat(get(world + "/.well-known/oauth-protected-resource/auth/apis/billing")
                        .json()
                        .get("resource")
                        .asString())
                .isEqualTo(Billing.AUDIENCE);
    }

    @Test
    void proofsAndAssertionsNameTheAddressWithThePath() {
        ProgramKey key = ProgramKey.make();
        String tokenEndpoint = ISSUER + "/oauth/v2/token";
        String form =
                "grant_type=client_credentials&client_id=" + server.bootstrap().clientId() + "&client_secret="
                        + server.bootstrap().clientSecret();
        Answer first = server.postForm(
                "/oauth/v2/token",
                form,
                "DPoP",
                key.proof("POST", tokenEndpoint).signed());
        String nonce = first.header("DPoP-Nonce");
        Answer granted = server.postForm(
                "/oauth/v2/token",
                form,
                "DPoP",
                key.proof("POST", tokenEndpoint).claim("nonce", nonce).signed());
        assertThat(granted.status()).as(granted.body()).isEqualTo(200);
        String accessToken = granted.json().get("access_token").asString();
        assertThat(me(accessToken, key, ISSUER + "/api/v1/me").status()).isEqualTo(200);
        assertThat(me(accessToken, key, HOST + "/api/v1/me").status()).isEqualTo(401);

        ProgramKey own = ProgramKey.make();
        String clientId = billing.admin
                .post(
                        "/tokens",
                        "{\"description\":\"Signs\",\"role\":\"public\",\"authentication\":{\"method\":\"private_key_jwt\",\"jwks\":"
                                + own.jwks() + "}}")
                .created()
                .json()
                .get("clientId")
                .asString();
        assertThat(asserted(own.assertion(clientId, HOST)).status()).isEqualTo(401);
        assertThat(asserted(own.assertion(clientId, ISSUER)).status()).isEqualTo(200);
    }

    private static Answer me(String accessToken, ProgramKey key, String address) {
        return server.send(server.request("/api/v1/me")
                .header("Authorization", "DPoP " + accessToken)
                .header(
                        "DPoP",
                        key.proof("GET", address)
                                .claim("ath", ProgramKey.hash(accessToken))
                                .signed())
                .build());
    }

    private static Answer asserted(ProgramKey.Draft assertion) {
        return server.postForm(
                "/oauth/v2/token",
                "grant_type=client_credentials&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
                        + "&client_assertion=" + assertion.signed());
    }

    /** The path that a gateway asks about is another API's, and may begin as ours does. */
    @ParameterizedTest
    @CsvSource({"/v1/invoices, 200", "/auth/v1/invoices, 403", "/auth/gate/v1/nginx/billing, 403"})
    void theGateIsBelowThePathAndJudgesTheApisPathAsItIs(String target, int status) throws IOException {
        String accessToken = billing.accessToken(billing.reader);
        for (String base : List.of(world + "/auth", latchkey + "/auth", latchkey)) {
            assertThat(asked(base, "nginx/billing", accessToken, "X-Original-Method", "GET", "X-Original-URI", target))
                    .as("nginx at " + base)
                    .isEqualTo(status);
            assertThat(asked(
                            base,
                            "forward-auth/billing",
                            accessToken,
                            "X-Forwarded-Method",
                            "GET",
                            "X-Forwarded-Uri",
                            target))
                    .as("forward-auth at " + base)
                    .isEqualTo(status);
            assertThat(asked(base, "envoy/billing" + target, accessToken))
                    .as("Envoy at " + base)
                    .isEqualTo(status);
        }
    }

    /** What the gate says, to a gateway that passes the API's host on as Envoy does. */
    private static int asked(String base, String path, String accessToken, String... fields) throws IOException {
        URI address = URI.create(base + "/gate/v1/" + path);
        StringBuilder request = new StringBuilder("GET " + address.getPath()
                + " HTTP/1.1\r\nHost: billing.example\r\nAuthorization: Bearer " + accessToken + "\r\n");
        for (int i = 0; i < fields.length; i += 2) {
            request.append(fields[i]).append(": ").append(fields[i + 1]).append("\r\n");
        }
        try (RawHttp connection = new RawHttp(address.getPort())) {
            return connection.exchange(request + "\r\n").orElseThrow().status();
        }
    }

    @Test
    void aRefusalOfTheGateLeadsToItsExplanation() {
        String gate = latchkey + "/gate/v1/nginx/billing";
        String[] question = {"X-Original-Method", "GET", "X-Original-URI", "/v1/invoices/admin"};
        Answer nobody = get(gate, question);
        assertThat(nobody.header("WWW-Authenticate"))
                .contains("resource_metadata=\"" + ISSUER + "/.well-known/oauth-protected-resource/apis/billing\"");
        String authorization = "Bearer " + billing.accessToken(billing.reader);
        String explain = get(
                        gate,
                        Stream.concat(Stream.of("Authorization", authorization), Stream.of(question))
                                .toArray(String[]::new))
                .json()
                .get("explain")
                .asString();
        assertThat(explain).startsWith(ISSUER + "/explain?api=billing&");
        assertThat(ada().get(below(explain)).body()).contains("invoices:admin");
    }

    /** Programs on the same machine need no proxy, nor the path. */
    @Test
    void straightEverythingIsThereWithThePathAndWithoutIt() {
        for (String path :
                List.of("/health/live", "/health/ready", "/oauth/v2/jwks", "/.well-known/jwks.json", "/sign-in")) {
            assertThat(get(latchkey + path).status()).as(path).isEqualTo(200);
            assertThat(get(latchkey + "/auth" + path).status()).as(path).isEqualTo(200);
        }
        assertThat(get(latchkey + "/auth").header("Location")).isEqualTo("/auth/sign-in");
        assertThat(get(latchkey + "/auth/").header("Location")).isEqualTo("/auth/sign-in");
    }

    @Test
    void nothingHasASecondSpelling() {
        for (String path : List.of("/authx/sign-in", "/Auth/sign-in", "/auth/auth/sign-in", "/x/auth/sign-in")) {
            assertThat(get(latchkey + path).status()).as(path).isEqualTo(404);
        }
        for (String path : List.of(
                "//auth/sign-in", "/auth//sign-in", "/%61uth/sign-in", "/auth;a=b/sign-in", "/auth/./sign-in")) {
            assertThat(get(latchkey + path).status()).as(path).isEqualTo(400);
        }
        assertThat(server.get("/auth/sign-in").status())
                .as("through the proxy, with the path twice")
                .isEqualTo(404);
        assertThat(get(latchkey + "/auth/sign-in", "X-Forwarded-Prefix", "/auth")
                        .status())
                .as("taken away, and still there")
                .isEqualTo(404);
        assertThat(get(latchkey + "/sign-in", "X-Forwarded-Prefix", "/auth").status())
                .isEqualTo(200);
    }

    /** Directly, Latchkey also answers without the path. */
    @Test
    void theCommandThatImportsFindsLatchkeyBelowThePath() throws Exception {
        assumeTrue(way == Way.PASSED_ON);
        Path document = Files.writeString(
                server.folder().resolve("shop.yaml"),
                "openapi: 3.1.0\ninfo: {title: Shop, version: '1'}\npaths: {/a: {get: {tags: [x]}}}");
        ProcessBuilder command = RunningServer.command(
                "api",
                "import",
                "shop",
                document.toString(),
                "--server",
                world + "/auth/",
                "--create",
                "https://shop.example");
        command.environment().put("CLIENT_ID", server.bootstrap().clientId());
        command.environment().put("CLIENT_SECRET", server.bootstrap().clientSecret());
        Process process = command.start();
        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("+ GET /a  x:read");
        assertThat(process.waitFor()).isZero();
    }

    @Test
    void theHostsOtherPathsAreOthers() {
        assumeTrue(way != Way.STRAIGHT);
        Stream.of("/", "/tokens", "/authx/tokens", "/.well-known/oauth-authorization-server", "/api/v1/me")
                .forEach(path -> assertThat(get(world + path).status()).as(path).isEqualTo(418));
    }
}
