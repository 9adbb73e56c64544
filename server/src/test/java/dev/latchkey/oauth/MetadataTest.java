package dev.latchkey.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** RFC 8414 and RFC 9728: what programs may read before they have a credential. */
class MetadataTest {
    private static final String SERVER = "/.well-known/oauth-authorization-server";
    private static final String RESOURCE = "/.well-known/oauth-protected-resource";

    private static RunningServer server;
    private static Billing billing;

    @BeforeAll
    static void start() {
        server = RunningServer.start(TestEngine.SQLITE);
        billing = new Billing(server);
        billing.admin
                .post("/apis", "{\"name\":\"bare\",\"audience\":\"https://bare.example\",\"endpoints\":[]}")
                .created();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static JsonNode metadata() {
        return server.get(SERVER).json();
    }

    private static List<String> texts(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asString)
                .toList();
    }

    private static void assertDocument(Answer answer) {
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        assertThat(answer.json().isObject()).isTrue();
    }

    @Test
    void section3TheDocumentIsAtTheWellKnownPath() {
        assertDocument(server.get(SERVER));
        assertThat(server.send(server.request(SERVER)
                                .POST(HttpRequest.BodyPublishers.noBody())
                                .build())
                        .status())
                .isEqualTo(405);
    }

    @Test
    void section3Point3TheIssuerIsTheAddressItself() {
        assertThat(metadata().get("issuer").asString())
                .isEqualTo(server.url())
                .doesNotContain("?", "#")
                .doesNotEndWith("/");
    }

    @Test
    void section2TheDocumentLeadsToEveryEndpoint() {
        for (String name : List.of("token_endpoint", "introspection_endpoint", "revocation_endpoint")) {
            String address = metadata().get(name).asString();
            assertThat(address).startsWith(server.url() + "/").doesNotContain("#");
            Answer answer = server.postForm(address.substring(server.url().length()), "x=y");
            assertThat(answer.status()).as(name).isEqualTo(401);
            assertThat(answer.json().get("error").asString()).isEqualTo("invalid_client");
        }
    }

    @Test
    void section2ThereIsNoAuthorizationEndpoint() {
        assertThat(metadata().has("authorization_endpoint")).isFalse();
        assertThat(metadata().get("response_types_supported")).isEmpty();
    }

    @Test
    void section2TheKeysArePublicAndSayTheirUse() {
        String address = metadata().get("jwks_uri").asString();
        Answer answer = server.get(address.substring(server.url().length()));
        assertThat(answer.json().get("keys")).isNotEmpty().allSatisfy(key -> {
            assertThat(key.has("d") || key.has("p") || key.has("k")).isFalse();
            assertThat(key.get("use").asString()).isEqualTo("sig");
            assertThat(key.get("kid").asString()).isNotEmpty();
        });
    }

    @Test
    void section2TheScopesAreThePrivileges() {
        List<String> scopes = texts(metadata().get("scopes_supported"));
        assertThat(scopes).contains("tokens:read", "roles:manage").doesNotHaveDuplicates();
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
                .containsExactlyInAnyOrder(
                        "client_credentials",
                        "urn:ietf:params:oauth:grant-type:token-exchange",
                        "urn:ietf:params:oauth:grant-type:jwt-bearer");
        for (String grant : grants) {
            assertThat(server.postForm("/oauth/v2/token", "grant_type=" + grant).body())
                    .doesNotContain("unsupported_grant_type");
        }
    }

    @Test
    void section2TheMethodsAreThoseThatWork() {
        for (String endpoint : List.of("token", "introspection", "revocation")) {
            assertThat(texts(metadata().get(endpoint + "_endpoint_auth_methods_supported")))
                    .as(endpoint)
                    .containsExactlyInAnyOrder("client_secret_basic", "client_secret_post", "private_key_jwt");
        }
        assertThat(metadata().has("tls_client_certificate_bound_access_tokens"))
                .as("nobody shows certificates here")
                .isFalse();
        try (RunningServer behindProxy = RunningServer.start(
                TestEngine.SQLITE,
                java.util.Map.of("trusted-proxies", "127.0.0.1", "client-certificate-field", "Client-Cert"))) {
            JsonNode other = behindProxy.get(SERVER).json();
            assertThat(texts(other.get("token_endpoint_auth_methods_supported")))
                    .contains("self_signed_tls_client_auth")
                    .doesNotContain("tls_client_auth");
            assertThat(other.get("tls_client_certificate_bound_access_tokens").asBoolean())
                    .isTrue();
        }
    }

    @Test
    void section2TheAlgorithmsAreListedAndNoneIsNotAmongThem() {
        for (String name : List.of(
                "token_endpoint_auth_signing_alg_values_supported",
                "introspection_endpoint_auth_signing_alg_values_supported",
                "revocation_endpoint_auth_signing_alg_values_supported",
                "dpop_signing_alg_values_supported")) {
            assertThat(texts(metadata().get(name)))
                    .as(name)
                    .contains("ES256", "RS256", "EdDSA")
                    .doesNotContain("none", "HS256", "HS384", "HS512");
        }
        assertThat(texts(metadata().get("introspection_signing_alg_values_supported")))
                .contains("ES256")
                .doesNotContain("none");
    }

    /** Section 3.2 of both RFCs; {@code response_types_supported} is required, and so is there though it is empty. */
    private static void assertNothingIsEmpty(JsonNode document) {
        document.properties().forEach(property -> {
            if (!property.getKey().equals("response_types_supported")) {
                assertThat(property.getValue().isNull()
                                || property.getValue().isContainer()
                                        && property.getValue().isEmpty())
                        .as(property.getKey())
                        .isFalse();
            }
        });
    }

    @Test
    void section3Point2NothingIsEmpty() {
        assertNothingIsEmpty(metadata());
    }

    @Test
    void rfc9728Section3TheManagementApiHasItsDocument() {
        assertDocument(server.get(RESOURCE + "/api/v1"));
        assertDocument(server.get(RESOURCE + "/apis/billing"));
        assertThat(server.get(RESOURCE + "/apis/unknown").status()).isEqualTo(404);
    }

    @Test
    void rfc9728Section3Point3TheResourceIsTheAudience() {
        assertThat(server.get(RESOURCE + "/api/v1").json().get("resource").asString())
                .isEqualTo(server.url() + "/api/v1");
        String resource =
                server.get(RESOURCE + "/apis/billing").json().get("resource").asString();
        assertThat(resource).isEqualTo(Billing.AUDIENCE);
        assertThat(server.requestAccessToken(billing.reader, "&resource=" + resource)
                        .status())
                .isEqualTo(200);
    }

    @Test
    void rfc9728Section2TheDocumentNamesTheServerAndTheScopes() {
        for (String path : List.of("/api/v1", "/apis/billing")) {
            JsonNode document = server.get(RESOURCE + path).json();
            assertThat(texts(document.get("authorization_servers"))).containsExactly(server.url());
            assertThat(texts(document.get("bearer_methods_supported"))).containsExactly("header");
            assertThat(document.get("resource_name").asString()).isNotEmpty();
            assertThat(texts(document.get("dpop_signing_alg_values_supported"))).contains("ES256");
        }
        assertThat(texts(server.get(RESOURCE + "/apis/billing").json().get("scopes_supported")))
                .contains("invoices:read", "invoices:write");
        assertThat(texts(metadata().get("protected_resources"))).contains(server.url() + "/api/v1");
    }

    @Test
    void rfc9728Section3Point2NothingIsEmpty() {
        for (String path : List.of("/api/v1", "/apis/billing", "/apis/bare")) {
            assertNothingIsEmpty(server.get(RESOURCE + path).json());
        }
    }

    @Test
    void rfc9728Section5Point1TheChallengeLeadsToTheDocument() {
        for (Answer answer : List.of(
                server.get("/api/v1/tokens"),
                server.send(server.request("/api/v1/tokens")
                        .header("Authorization", "Bearer x")
                        .build()),
                server.send(server.request("/gate/v1/nginx/billing")
                        .header("X-Original-Method", "GET")
                        .header("X-Original-URI", "/v1/invoices")
                        .build()))) {
            assertThat(answer.status()).isEqualTo(401);
            Matcher address =
                    Pattern.compile("resource_metadata=\"([^\"]+)\"").matcher(answer.header("WWW-Authenticate"));
            assertThat(address.find()).isTrue();
            assertDocument(server.get(address.group(1).substring(server.url().length())));
        }
    }
}
