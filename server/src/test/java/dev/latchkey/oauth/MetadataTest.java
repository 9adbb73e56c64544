package dev.latchkey.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What programs can learn before they are known: RFC 8414 and RFC 9728. */
class MetadataTest {
    private static final String WELL_KNOWN = "/.well-known/oauth-authorization-server";

    private static RunningServer server;
    private static Billing billing;

    @BeforeAll
    static void start() {
        server = RunningServer.start(
                TestEngine.SQLITE, Map.of("client-certificate-field", "Client-Cert", "trusted-proxies", "10.1.1.1"));
        billing = new Billing(server);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static JsonNode metadata() {
        return server.get(WELL_KNOWN).json();
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(one -> texts.add(one.asString()));
        return texts;
    }

    private static void assertNothingIsEmpty(JsonNode document) {
        document.properties().forEach(entry -> {
            assertThat(entry.getValue().isNull()).as(entry.getKey()).isFalse();
            assertThat(entry.getValue().isArray() && entry.getValue().isEmpty())
                    .as(entry.getKey())
                    .isFalse();
        });
    }

    private static void assertIsDocument(Answer answer) {
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        assertThat(answer.json().isObject()).isTrue();
        assertThat(answer.header("Cache-Control")).contains("max-age");
    }

    @Test
    void section3TheDocumentIsAtTheWellKnownPath() {
        assertIsDocument(server.get(WELL_KNOWN));
        assertThat(server.postForm(WELL_KNOWN, "x=y").status()).isEqualTo(405);
    }

    @Test
    void section3Point3TheIssuerIsTheAddressItself() {
        assertThat(metadata().get("issuer").asString()).isEqualTo(server.url());
    }

    @Test
    void section2TheAuthorizationEndpointAnswersEveryRequestWithTheErrorAndRedirectsNowhere() {
        assertThat(texts(metadata().get("response_types_supported"))).containsExactly("none");
        String path = metadata()
                .get("authorization_endpoint")
                .asString()
                .substring(server.url().length());
        for (String query : List.of(
                "",
                "?response_type=none&client_id=x&redirect_uri=https://evil.example/",
                "?response_type=code&client_id=x&redirect_uri=https://evil.example/&state=y")) {
            Answer answer = server.get(path + query);
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.json().get("error").asString()).isEqualTo("unsupported_response_type");
            assertThat(answer.response().headers().firstValue("Location")).isEmpty();
        }
        assertThat(server.postForm(path, "response_type=code").status()).isEqualTo(400);
        Answer page = server.send(
                server.request(path).header("Accept", "text/html,*/*").build());
        assertThat(page.status()).isEqualTo(400);
        assertThat(page.header("Content-Type")).startsWith("text/html");
        assertThat(page.body()).contains("People do not sign in to programs here");
    }

    /** Many libraries look only there; what go-oidc does not find there it takes for RS256. */
    @Test
    void thereIsADocumentForClientsOfOpenIdConnectWithWhatIsTrue() {
        assertIsDocument(server.get("/.well-known/openid-configuration"));
        JsonNode document = server.get("/.well-known/openid-configuration").json();
        assertThat(document).isEqualTo(metadata());
        assertThat(texts(document.get("subject_types_supported"))).containsExactly("public");
        assertThat(texts(document.get("id_token_signing_alg_values_supported"))).contains("ES256", "RS256");
        assertThat(server.get("/.well-known/jwks.json").json())
                .isEqualTo(server.get("/oauth/v2/jwks").json());
    }

    @Test
    void section2TheDocumentLeadsToEveryEndpoint() {
        for (String endpoint : List.of("token_endpoint", "introspection_endpoint", "revocation_endpoint")) {
            String address = metadata().get(endpoint).asString();
            assertThat(address).startsWith(server.url());
            Answer answer = server.postForm(address.substring(server.url().length()), "token=x");
            assertThat(answer.status()).as(endpoint).isEqualTo(401);
            assertThat(answer.json().get("error").asString()).isEqualTo("invalid_client");
        }
    }

    @Test
    void section2TheKeysArePublicAndSayTheirUse() {
        String address = metadata().get("jwks_uri").asString();
        JsonNode keys =
                server.get(address.substring(server.url().length())).json().get("keys");
        assertThat(keys.isEmpty()).isFalse();
        keys.forEach(key -> {
            assertThat(key.has("d")).isFalse();
            assertThat(key.get("use").asString()).isEqualTo("sig");
            assertThat(key.has("alg")).isTrue();
        });
    }

    @Test
    void section2TheScopesAreThePrivileges() {
        List<String> scopes = texts(metadata().get("scopes_supported"));
        assertThat(scopes).contains("tokens:read", "security:manage").doesNotHaveDuplicates();
        for (String scope : scopes) {
            assertThat(server.requestAccessToken(server.bootstrap(), "&scope=" + scope)
                            .status())
                    .as(scope)
                    .isEqualTo(200);
        }
    }

    @Test
    void section2TheGrantsAreThoseThatWork() {
        List<String> grants = texts(metadata().get("grant_types_supported"));
        assertThat(grants)
                .containsExactly(
                        "client_credentials",
                        "urn:ietf:params:oauth:grant-type:token-exchange",
                        "urn:ietf:params:oauth:grant-type:jwt-bearer");
        for (String grant : grants) {
            Answer answer = server.postForm("/oauth/v2/token", "grant_type=" + grant);
            assertThat(answer.json().get("error").asString()).isNotEqualTo("unsupported_grant_type");
        }
    }

    @Test
    void section2TheMethodsAreThoseThatWork() {
        assertThat(texts(metadata().get("token_endpoint_auth_methods_supported")))
                .as("no authority is trusted for certificates")
                .containsExactly(
                        "client_secret_basic", "client_secret_post", "private_key_jwt", "self_signed_tls_client_auth");
        assertThat(metadata().get("tls_client_certificate_bound_access_tokens").asBoolean())
                .isTrue();
        try (RunningServer plain = RunningServer.start(TestEngine.SQLITE)) {
            JsonNode without = plain.get(WELL_KNOWN).json();
            assertThat(texts(without.get("token_endpoint_auth_methods_supported")))
                    .containsExactly("client_secret_basic", "client_secret_post", "private_key_jwt");
            assertThat(without.has("tls_client_certificate_bound_access_tokens"))
                    .isFalse();
        }
    }

    @Test
    void section2TheAlgorithmsAreListedAndNoneIsNotAmongThem() {
        for (String list : List.of(
                "token_endpoint_auth_signing_alg_values_supported",
                "introspection_endpoint_auth_signing_alg_values_supported",
                "revocation_endpoint_auth_signing_alg_values_supported",
                "introspection_signing_alg_values_supported",
                "dpop_signing_alg_values_supported")) {
            assertThat(texts(metadata().get(list)))
                    .as(list)
                    .contains("ES256", "RS256", "PS256", "EdDSA")
                    .noneMatch(name -> name.equals("none") || name.startsWith("HS"));
        }
    }

    @Test
    void section3Point2NothingIsEmpty() {
        assertNothingIsEmpty(metadata());
    }

    @Test
    void rfc9728Section3TheManagementApiHasItsDocument() {
        assertIsDocument(server.get("/.well-known/oauth-protected-resource/api/v1"));
        assertThat(server.get("/.well-known/oauth-protected-resource/apis/nothing")
                        .status())
                .isEqualTo(404);
    }

    @Test
    void rfc9728Section3Point3TheResourceIsTheAudience() {
        assertThat(server.get("/.well-known/oauth-protected-resource/api/v1")
                        .json()
                        .get("resource")
                        .asString())
                .isEqualTo(server.url() + "/api/v1");
        assertThat(server.get("/.well-known/oauth-protected-resource/apis/billing")
                        .json()
                        .get("resource")
                        .asString())
                .isEqualTo(Billing.AUDIENCE);
    }

    @Test
    void rfc9728Section2TheDocumentNamesTheServerAndTheScopes() {
        JsonNode document =
                server.get("/.well-known/oauth-protected-resource/apis/billing").json();
        assertThat(texts(document.get("authorization_servers"))).containsExactly(server.url());
        assertThat(texts(document.get("scopes_supported"))).contains("invoices:read", "invoices:write");
        assertThat(texts(document.get("bearer_methods_supported"))).containsExactly("header");
        assertThat(document.get("resource_name").asString()).isEqualTo("billing");
        assertThat(texts(metadata().get("protected_resources")))
                .as("RFC 9728 section 4")
                .containsExactly(server.url() + "/api/v1");
    }

    @Test
    void rfc9728Section3Point2NothingIsEmpty() {
        assertNothingIsEmpty(
                server.get("/.well-known/oauth-protected-resource/api/v1").json());
        assertNothingIsEmpty(
                server.get("/.well-known/oauth-protected-resource/apis/billing").json());
        billing.admin
                .post("/apis", "{\"name\":\"bare\",\"audience\":\"https://bare.example\",\"endpoints\":[]}")
                .created();
        assertNothingIsEmpty(
                server.get("/.well-known/oauth-protected-resource/apis/bare").json());
    }

    @Test
    void rfc9728Section5Point1TheChallengeLeadsToTheDocument() {
        Answer own = server.get("/api/v1/tokens");
        String path = "/.well-known/oauth-protected-resource/";
        assertThat(own.header("WWW-Authenticate")).contains("resource_metadata=\"" + server.url() + path + "api/v1\"");
        Answer theirs = server.send(server.request("/gate/v1/nginx/billing")
                .header("X-Original-Method", "GET")
                .header("X-Original-URI", "/v1/invoices")
                .build());
        assertThat(theirs.header("WWW-Authenticate"))
                .contains("resource_metadata=\"" + server.url() + path + "apis/billing\"");
        assertThat(billing.accessToken(billing.reader)).isNotBlank();
    }
}
