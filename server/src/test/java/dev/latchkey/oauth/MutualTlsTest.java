package dev.latchkey.oauth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.SignedJWT;
import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.database.TestEngine;
import dev.latchkey.http.TestCertificate;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 8705 on a port of our own, and behind a proxy that ends TLS. */
class MutualTlsTest {
    private static final TestCertificate SERVER = TestCertificate.make("EC");
    private static final ClientIdentity AUTHORITY = ClientIdentity.authority("Authority");
    private static final ClientIdentity ISSUED = AUTHORITY.issue("shop");
    private static final ClientIdentity OWN = ClientIdentity.selfSigned("own");
    private static final HttpClient NOBODY = ClientIdentity.client(SERVER, null);
    private static final String FIELD = "Client-Cert";

    @TempDir
    private static Path folder;

    /** With TLS of its own. */
    private static RunningServer server;

    private static String mtls;
    private static String admin;

    /** Behind a proxy, played by this test. */
    private static RunningServer behind;

    @BeforeAll
    static void start() throws Exception {
        Path authorities = Files.writeString(folder.resolve("authorities.pem"), AUTHORITY.pem());
        server = RunningServer.start(
                TestEngine.SQLITE,
                Map.of(
                        "tls-certificate-file",
                        SERVER.writeCertificate(folder.resolve("server.pem")).toString(),
                        "tls-key-file",
                        SERVER.writeKey(folder.resolve("server.key")).toString(),
                        "mtls-port",
                        "0",
                        "client-ca-file",
                        authorities.toString()));
        mtls = send(
                        NOBODY,
                        HttpRequest.newBuilder(URI.create(server.url() + "/.well-known/oauth-authorization-server")))
                .json()
                .get("mtls_endpoint_aliases")
                .get("token_endpoint")
                .asString()
                .replace("/oauth/v2/token", "");
        Answer granted = ask(
                NOBODY,
                server.url(),
                "grant_type=client_credentials&client_id=" + server.bootstrap().clientId() + "&client_secret="
                        + server.bootstrap().clientSecret());
        admin = granted.json().get("access_token").asString();
        behind = RunningServer.start(
                TestEngine.SQLITE,
                Map.of(
                        "trusted-proxies",
                        "127.0.0.1",
                        "client-certificate-field",
                        FIELD,
                        "client-ca-file",
                        authorities.toString()));
    }

    @AfterAll
    static void stop() {
        server.close();
        behind.close();
    }

    private static Answer send(HttpClient client, HttpRequest.Builder request) {
        try {
            HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), response);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static Answer ask(HttpClient client, String base, String form) {
        return send(
                client,
                HttpRequest.newBuilder(URI.create(base + "/oauth/v2/token"))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(form)));
    }

    private static Answer ask(ClientIdentity identity, String clientId) {
        return ask(identity.client(SERVER), mtls, "grant_type=client_credentials&client_id=" + clientId);
    }

    private static String body(String authentication, String constraint) {
        return "{\"description\":\"Certified\",\"role\":\"public\",\"senderConstraint\":\"" + constraint
                + "\",\"authentication\":" + authentication + "}";
    }

    private static Answer create(String authentication, String constraint) {
        return send(
                NOBODY,
                HttpRequest.newBuilder(URI.create(server.url() + "/api/v1/tokens"))
                        .header("Content-Type", "application/json")
                        .header("Authorization", "Bearer " + admin)
                        .POST(HttpRequest.BodyPublishers.ofString(body(authentication, constraint))));
    }

    private static String created(String authentication, String constraint) {
        return create(authentication, constraint)
                .created()
                .json()
                .get("clientId")
                .asString();
    }

    private static String named(String member) {
        return "{\"method\":\"tls_client_auth\"," + member + "}";
    }

    private static String registered(ClientIdentity identity) {
        return "{\"method\":\"self_signed_tls_client_auth\",\"certificates\":[\""
                + identity.pem().replace("\n", "\\n") + "\"]}";
    }

    private static void assertRefused(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(401);
        assertThat(answer.json().get("error").asString()).isEqualTo("invalid_client");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"subjectDn\":\"CN=shop,O=Example\"",
                "\"sanDns\":\"shop.example\"",
                "\"sanIp\":\"192.0.2.7\"",
                "\"sanUri\":\"spiffe://example/shop\""
            })
    void section2Point1TheNameMustBeTheRegisteredOne(String name) {
        String clientId = created(named(name), "none");
        assertThat(ask(ISSUED, clientId).status()).isEqualTo(200);
        ClientIdentity other = AUTHORITY.issue("other");
        if (!name.contains("sanIp")) {
            assertRefused(ask(other, clientId));
        }
    }

    @Test
    void section2Point1Point2ASubjectIsComparedAsAName() {
        String clientId = created(named("\"subjectDn\":\"cn=shop, o=Example\""), "none");
        assertThat(ask(ISSUED, clientId).status()).isEqualTo(200);
    }

    @Test
    void section2Point1ACertificateOfAnotherAuthorityIsRefused() {
        String clientId = created(named("\"subjectDn\":\"CN=shop,O=Example\""), "none");
        assertRefused(ask(ClientIdentity.authority("Authority").issue("shop"), clientId));
        assertRefused(ask(ClientIdentity.selfSigned("shop"), clientId));
        assertRefused(ask(AUTHORITY, clientId));
        // An issued one is not an authority.
        assertRefused(ask(ISSUED.issue("shop"), clientId));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'{\"method\":\"tls_client_auth\"}'|subjectDn",
                "'{\"method\":\"tls_client_auth\",\"subjectDn\":\"CN=a\",\"sanDns\":\"a\"}'|subjectDn",
                "'{\"method\":\"tls_client_auth\",\"subjectDn\":\"nonsense\"}'|subjectDn",
                "'{\"method\":\"tls_client_auth\",\"sanIp\":\"example\"}'|sanIp",
                "'{\"method\":\"tls_client_auth\",\"sanDns\":\"a\",\"jwksUri\":\"https://a\"}'|jwksUri"
            })
    void section2Point1Point2ExactlyOneNameIsRegistered(String authentication, String field) {
        Answer answer = create(authentication, "none");
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.body()).contains("authentication." + field);
    }

    @Test
    void section2Point2OnlyTheRegisteredCertificateCounts() {
        String clientId = created(registered(OWN), "none");
        assertThat(ask(OWN, clientId).status()).isEqualTo(200);
        assertRefused(ask(ClientIdentity.selfSigned("own"), clientId));
        assertRefused(ask(ISSUED, clientId));
        ClientIdentity old = ClientIdentity.expired("old");
        assertRefused(ask(old, created(registered(old), "none")));
    }

    @Test
    void section2TheClientIdIsInTheRequest() {
        assertRefused(ask(OWN.client(SERVER), mtls, "grant_type=client_credentials"));
    }

    @Test
    void theHandshakeProvesTheKey() {
        String clientId = created(registered(OWN), "none");
        assertRefused(ask(NOBODY, mtls, "grant_type=client_credentials&client_id=" + clientId));
        // The usual port asks for no certificate, so that browsers need not choose one.
        assertRefused(ask(OWN.client(SERVER), server.url(), "grant_type=client_credentials&client_id=" + clientId));
        ClientIdentity thief = new ClientIdentity(ISSUED.keys(), OWN.certificate());
        assertThatThrownBy(() -> ask(thief, clientId))
                .as("the certificate of another, without its key")
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aCertificateIsNoSecretAndASecretIsNoCertificate() {
        String clientId = created(registered(OWN), "none");
        assertRefused(ask(NOBODY, server.url(), "grant_type=client_credentials&client_secret=x&client_id=" + clientId));
        assertRefused(ask(OWN, server.bootstrap().clientId()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----"})
    void aBrokenCertificateIsNoCertificate(String pem) {
        Answer answer =
                create("{\"method\":\"self_signed_tls_client_auth\",\"certificates\":[\"" + pem + "\"]}", "none");
        assertThat(answer.status()).isEqualTo(422);
        for (String field : List.of("x", ":AAAA:", "%zz", "%2")) {
            Answer behindProxy =
                    behind.postForm("/oauth/v2/token", "grant_type=client_credentials&client_id=x", FIELD, field);
            assertThat(behindProxy.status()).as(field).isEqualTo(400);
        }
    }

    private static String bound(ClientIdentity identity) {
        Answer answer = ask(identity, created(registered(identity), "certificate"));
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.json().get("token_type").asString()).isEqualTo("Bearer");
        return answer.json().get("access_token").asString();
    }

    private static Answer me(HttpClient client, String base, String accessToken) {
        return send(
                client,
                HttpRequest.newBuilder(URI.create(base + "/api/v1/me"))
                        .header("Authorization", "Bearer " + accessToken));
    }

    @Test
    void section3ABoundAccessTokenNeedsItsCertificate() {
        String accessToken = bound(OWN);
        assertThat(me(OWN.client(SERVER), mtls, accessToken).status()).isEqualTo(200);
        for (Answer refused : List.of(
                me(NOBODY, mtls, accessToken),
                me(ISSUED.client(SERVER), mtls, accessToken),
                me(OWN.client(SERVER), server.url(), accessToken))) {
            assertThat(refused.status()).isEqualTo(401);
            assertThat(refused.header("WWW-Authenticate")).contains("error=\"invalid_token\"");
        }
    }

    @Test
    void section3Point1TheAccessTokenNamesTheCertificate() throws Exception {
        assertThat(SignedJWT.parse(bound(OWN)).getJWTClaimsSet().getJSONObjectClaim("cnf"))
                .containsEntry(
                        "x5t#S256",
                        Base64URL.encode(MessageDigest.getInstance("SHA-256").digest(OWN.der()))
                                .toString());
    }

    @Test
    void section3Point2IntrospectionTellsTheCertificate() {
        Answer answer = send(
                NOBODY,
                HttpRequest.newBuilder(URI.create(server.url() + "/oauth/v2/introspect"))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .header("Authorization", "Bearer " + admin)
                        .POST(HttpRequest.BodyPublishers.ofString("token=" + bound(OWN))));
        assertThat(answer.json().get("cnf").has("x5t#S256")).as(answer.body()).isTrue();
    }

    @Test
    void section3Point4AClientThatMustBindGetsNoUnboundAccessToken() {
        Answer created = create("{\"method\":\"client_secret\"}", "certificate").created();
        String form = "grant_type=client_credentials&client_id="
                + created.json().get("clientId").asString() + "&client_secret="
                + created.json().get("clientSecret").asString();
        assertThat(ask(NOBODY, server.url(), form).json().get("error").asString())
                .isEqualTo("invalid_request");
        assertThat(ask(OWN.client(SERVER), mtls, form).status())
                .as("a secret and a certificate to bind to")
                .isEqualTo(200);
    }

    @Test
    void section6Point5ATrustedProxyPassesTheCertificateOn() {
        String clientId = behind.admin()
                .post("/tokens", body(registered(OWN), "certificate"))
                .created()
                .json()
                .get("clientId")
                .asString();
        for (String field : List.of(
                ":" + Base64.getEncoder().encodeToString(OWN.der()) + ":",
                Base64.getEncoder().encodeToString(OWN.der()),
                URLEncoder.encode(OWN.pem(), StandardCharsets.UTF_8).replace("+", "%20"))) {
            Answer answer = behind.postForm(
                    "/oauth/v2/token", "grant_type=client_credentials&client_id=" + clientId, FIELD, field);
            assertThat(answer.status()).as(answer.body()).isEqualTo(200);
            String accessToken = answer.json().get("access_token").asString();
            HttpRequest.Builder call = behind.request("/api/v1/me").header("Authorization", "Bearer " + accessToken);
            assertThat(behind.send(call.copy().header(FIELD, field).build()).status())
                    .isEqualTo(200);
            assertThat(behind.send(call.build()).status()).isEqualTo(401);
        }
        assertRefused(
                behind.postForm("/oauth/v2/token", "grant_type=client_credentials&client_id=" + clientId, FIELD, ""));
    }

    @Test
    void section6Point5AFieldFromAnUntrustedAddressIsIgnored() {
        try (RunningServer direct = RunningServer.start(
                TestEngine.SQLITE, Map.of("trusted-proxies", "10.1.1.1", "client-certificate-field", FIELD))) {
            String clientId = direct.admin()
                    .post("/tokens", body(registered(OWN), "none"))
                    .created()
                    .json()
                    .get("clientId")
                    .asString();
            assertRefused(direct.postForm(
                    "/oauth/v2/token",
                    "grant_type=client_credentials&client_id=" + clientId,
                    FIELD,
                    ":" + Base64.getEncoder().encodeToString(OWN.der()) + ":"));
        }
    }
}
