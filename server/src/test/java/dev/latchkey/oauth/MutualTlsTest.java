package dev.latchkey.oauth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.SignedJWT;
import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import dev.latchkey.oauth.TestAuthority.Holder;
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
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** RFC 8705: certificates as credentials, and access tokens bound to them, behind a proxy and in our own TLS. */
class MutualTlsTest {
    private static final String SUBJECT = "CN=billing,O=Example";
    private static final String FIELD = "Client-Cert";
    private static final String RESOURCE = "/api/v1/tokens";

    private static final TestAuthority AUTHORITY = TestAuthority.make("CN=Authority");
    private static final Holder CERTIFICATE = AUTHORITY.issue(SUBJECT);

    /** We are a proxy that it trusts. */
    private static RunningServer behindProxy;

    /** It speaks TLS, and trusts a proxy that we are not. */
    private static RunningServer withTls;

    @TempDir
    private static Path folder;

    @BeforeAll
    static void start() {
        Path authorities = folder.resolve("authorities.pem");
        new Holder(CERTIFICATE.key(), AUTHORITY.certificate()).writeCertificate(authorities);
        behindProxy = RunningServer.start(
                TestEngine.SQLITE,
                Map.of(
                        "trusted-proxies",
                        "127.0.0.1,::1",
                        "client-certificate-field",
                        FIELD,
                        "client-ca-file",
                        authorities.toString()));
        Holder server = AUTHORITY.issue("CN=localhost", new GeneralName(GeneralName.dNSName, "localhost"));
        withTls = RunningServer.start(
                TestEngine.SQLITE,
                Map.of(
                        "tls-certificate-file",
                        server.writeCertificate(folder.resolve("server.pem")).toString(),
                        "tls-key-file",
                        server.writeKey(folder.resolve("server.key")).toString(),
                        "mtls-port",
                        "0",
                        "trusted-proxies",
                        "192.0.2.1",
                        "client-certificate-field",
                        FIELD,
                        "client-ca-file",
                        authorities.toString()),
                HttpClient.newBuilder().sslContext(AUTHORITY.trusted()).build());
    }

    @AfterAll
    static void stop() {
        behindProxy.close();
        withTls.close();
    }

    private static Answer create(RunningServer server, String more) {
        return server.admin().post("/tokens", "{\"description\":\"Shows\",\"role\":\"accountadmin\"," + more + "}");
    }

    private static String program(RunningServer server, String authentication) {
        return create(server, "\"authentication\":" + authentication)
                .created()
                .json()
                .get("clientId")
                .asString();
    }

    private static String named(String kind, String value) {
        return "{\"method\":\"tls_client_auth\",\"" + kind + "\":\"" + value + "\"}";
    }

    private static String registered(Holder... holders) {
        return new JsonMapper()
                .writeValueAsString(Map.of(
                        "method",
                        "self_signed_tls_client_auth",
                        "certificates",
                        List.of(holders).stream().map(Holder::pem).toList()));
    }

    private static Answer ask(String clientId, Holder shown) {
        return ask(clientId, shown.field());
    }

    private static Answer ask(String clientId, String field) {
        return Callers.postForm(
                behindProxy, "/oauth/v2/token", "grant_type=client_credentials&client_id=" + clientId, FIELD, field);
    }

    private static void assertAccepted(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    }

    private static void assertRefused(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(401);
        assertThat(answer.json().get("error").asString()).isEqualTo("invalid_client");
    }

    @Test
    void section2TheClientIdIsInTheRequest() {
        String id = program(behindProxy, named("subjectDn", SUBJECT));
        assertAccepted(ask(id, CERTIFICATE));
        for (String form : List.of("grant_type=client_credentials", "grant_type=client_credentials&client_id=")) {
            assertRefused(Callers.postForm(behindProxy, "/oauth/v2/token", form, FIELD, CERTIFICATE.field()));
        }
    }

    @Test
    void aCertificateProvesNothingForATokenWithAnotherMethod() {
        Credentials secret = behindProxy.admin().createToken("Has a secret", "public");
        assertRefused(ask(secret.clientId(), CERTIFICATE));
        String jwt = program(
                behindProxy,
                "{\"method\":\"private_key_jwt\",\"jwks\":" + ProgramKey.make().jwks() + "}");
        assertRefused(ask(jwt, CERTIFICATE));
        // And without one the client id alone is nobody.
        String id = program(behindProxy, named("subjectDn", SUBJECT));
        assertRefused(
                Callers.postForm(behindProxy, "/oauth/v2/token", "grant_type=client_credentials&client_id=" + id));
    }

    @ParameterizedTest
    @CsvSource({
        "sanDns,2,billing.example,other.example",
        "sanUri,6,spiffe://example/billing,spiffe://example/other",
        "sanIp,7,192.0.2.7,192.0.2.8",
        "sanIp,7,2001:db8::7,2001:db8::8",
        "sanEmail,1,billing@example.com,other@example.com"
    })
    void section2Point1TheNameMustBeTheRegisteredOne(String kind, int tag, String right, String wrong) {
        String id = program(behindProxy, named(kind, right));
        assertAccepted(ask(id, AUTHORITY.issue("CN=x", new GeneralName(tag, right))));
        assertAccepted(ask(id, AUTHORITY.issue("CN=x", new GeneralName(tag, wrong), new GeneralName(tag, right))));
        assertRefused(ask(id, AUTHORITY.issue("CN=x", new GeneralName(tag, wrong))));
        assertRefused(ask(id, AUTHORITY.issue("CN=" + right)));
        // The same text as another kind of name is another name.
        if (tag != 7) {
            assertRefused(ask(id, AUTHORITY.issue("CN=x", new GeneralName(tag == 2 ? 6 : 2, right))));
        }
    }

    @Test
    void section2Point1Point2ASubjectIsComparedAsAName() {
        String id = program(behindProxy, named("subjectDn", "cn=Billing, o=example"));
        assertAccepted(ask(id, CERTIFICATE));
        for (String other : List.of(
                "CN=billing",
                "CN=billing,O=Example,C=DE",
                "O=Example,CN=billing",
                "CN=billing\\,O\\=Example",
                "CN=x")) {
            assertRefused(ask(id, AUTHORITY.issue(other)));
        }
    }

    @Test
    void section2Point1Point2ExactlyOneNameIsRegistered() {
        for (String authentication : List.of(
                "{\"method\":\"tls_client_auth\"}",
                "{\"method\":\"tls_client_auth\",\"subjectDn\":\"\"}",
                "{\"method\":\"tls_client_auth\",\"subjectDn\":\"CN=a\",\"sanDns\":\"a.example\"}")) {
            assertThat(create(behindProxy, "\"authentication\":" + authentication)
                            .status())
                    .as(authentication)
                    .isEqualTo(422);
        }
    }

    @Test
    void section2Point1ACertificateOfAnotherAuthorityIsRefused() {
        String id = program(behindProxy, named("subjectDn", SUBJECT));
        assertRefused(ask(id, TestAuthority.make("CN=Authority").issue(SUBJECT)));
        assertRefused(ask(id, TestAuthority.make("CN=Other").issue(SUBJECT)));
        assertRefused(ask(id, TestAuthority.selfSigned(SUBJECT, Duration.ofDays(1))));
        assertRefused(ask(id, AUTHORITY.issueExpired(SUBJECT)));
        assertRefused(ask(id, AUTHORITY.issueFor(KeyPurposeId.id_kp_serverAuth, SUBJECT)));
        assertAccepted(ask(id, AUTHORITY.issueFor(KeyPurposeId.id_kp_clientAuth, SUBJECT)));
    }

    /** A program's own certificate makes it no authority. */
    @Test
    void aProgramIssuesNoCertificates() {
        String id = program(behindProxy, named("subjectDn", SUBJECT));
        Holder program = AUTHORITY.issue("CN=program");
        Holder forged = TestAuthority.with(program).issue(SUBJECT);
        String chain = forged.pem() + program.pem();
        assertRefused(ask(id, URLEncoder.encode(chain, StandardCharsets.UTF_8).replace("+", "%20")));
    }

    @Test
    void section2Point2OnlyTheRegisteredCertificateCounts() {
        Holder first = TestAuthority.selfSigned(SUBJECT, Duration.ofDays(1));
        Holder second = TestAuthority.selfSigned(SUBJECT, Duration.ofDays(1));
        Holder expired = TestAuthority.selfSigned(SUBJECT, Duration.ofMinutes(-5));
        String id = program(behindProxy, registered(first, second, expired));
        assertAccepted(ask(id, first));
        assertAccepted(ask(id, second));
        assertRefused(ask(id, expired));
        assertRefused(ask(id, TestAuthority.selfSigned(SUBJECT, Duration.ofDays(1))));
        assertRefused(ask(id, CERTIFICATE));
    }

    /** An API token whose access tokens are bound to a certificate, and one of those. */
    private static String bound(Holder holder) {
        String id = create(behindProxy, "\"senderConstraint\":\"certificate\",\"authentication\":" + registered(holder))
                .created()
                .json()
                .get("clientId")
                .asString();
        Answer answer = ask(id, holder);
        assertAccepted(answer);
        assertThat(answer.json().get("token_type").asString()).isEqualTo("Bearer");
        return answer.json().get("access_token").asString();
    }

    private static Answer call(String authorization, String... headers) {
        HttpRequest.Builder request = behindProxy.request(RESOURCE).header("Authorization", authorization);
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return behindProxy.send(request.build());
    }

    @Test
    void section3ABoundAccessTokenNeedsItsCertificate() {
        String accessToken = bound(CERTIFICATE);
        assertAccepted(call("Bearer " + accessToken, FIELD, CERTIFICATE.field()));
        for (Answer answer : List.of(
                call("Bearer " + accessToken),
                call("Bearer " + accessToken, FIELD, AUTHORITY.issue(SUBJECT).field()),
                call("DPoP " + accessToken, FIELD, CERTIFICATE.field()))) {
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.header("WWW-Authenticate")).contains("error=\"invalid_token\"");
        }
    }

    @Test
    void section3TheGateChecksTheCertificateToo() {
        Billing billing = new Billing(behindProxy);
        String id = behindProxy
                .admin()
                .post(
                        "/tokens",
                        "{\"description\":\"x\",\"role\":\"invoice_reader\",\"senderConstraint\":\"certificate\","
                                + "\"authentication\":" + registered(CERTIFICATE) + "}")
                .created()
                .json()
                .get("clientId")
                .asString();
        String accessToken = Callers.postForm(
                        behindProxy,
                        "/oauth/v2/token",
                        "grant_type=client_credentials&client_id=" + id + "&resource=" + Billing.AUDIENCE,
                        FIELD,
                        CERTIFICATE.field())
                .json()
                .get("access_token")
                .asString();
        assertThat(billing.reader.clientId()).isNotEqualTo(id);
        HttpRequest.Builder request = behindProxy
                .request("/gate/v1/nginx/billing")
                .header("X-Original-Method", "GET")
                .header("X-Original-URI", "/v1/invoices")
                .header("Authorization", "Bearer " + accessToken);
        assertThat(behindProxy.send(request.copy().build()).status()).isEqualTo(401);
        assertThat(behindProxy
                        .send(request.copy().header(FIELD, CERTIFICATE.field()).build())
                        .status())
                .isEqualTo(200);
        assertThat(behindProxy
                        .send(request.copy()
                                .header(FIELD, AUTHORITY.issue(SUBJECT).field())
                                .build())
                        .status())
                .isEqualTo(401);
    }

    private static String thumbprint(Holder holder) throws Exception {
        return Base64URL.encode(MessageDigest.getInstance("SHA-256").digest(holder.der()))
                .toString();
    }

    @Test
    void section3Point1TheAccessTokenNamesTheCertificate() throws Exception {
        assertThat(SignedJWT.parse(bound(CERTIFICATE)).getJWTClaimsSet().getJSONObjectClaim("cnf"))
                .isEqualTo(Map.of("x5t#S256", thumbprint(CERTIFICATE)));
    }

    @Test
    void section3Point2IntrospectionTellsTheCertificate() throws Exception {
        Credentials admin = behindProxy.bootstrap();
        Answer answer = Callers.postForm(
                behindProxy,
                "/oauth/v2/introspect",
                "token=" + bound(CERTIFICATE) + "&client_id=" + admin.clientId() + "&client_secret="
                        + admin.clientSecret());
        assertThat(answer.json().get("cnf").get("x5t#S256").asString()).isEqualTo(thumbprint(CERTIFICATE));
        assertThat(answer.json().get("token_type").asString()).isEqualTo("Bearer");
    }

    @Test
    void section3Point4WhoeverMustBindGetsNoUnboundAccessToken() throws Exception {
        Answer created =
                create(behindProxy, "\"senderConstraint\":\"certificate\"").created();
        Credentials must = new Credentials(
                created.json().get("clientId").asString(),
                created.json().get("clientSecret").asString());
        Answer without = behindProxy.requestAccessToken(must, "");
        assertThat(without.status()).isEqualTo(400);
        assertThat(without.json().has("access_token")).isFalse();
        Answer with = Callers.postForm(
                behindProxy,
                "/oauth/v2/token",
                "grant_type=client_credentials&client_id=" + must.clientId() + "&client_secret=" + must.clientSecret(),
                FIELD,
                CERTIFICATE.field());
        assertThat(SignedJWT.parse(with.json().get("access_token").asString())
                        .getJWTClaimsSet()
                        .getJSONObjectClaim("cnf"))
                .isEqualTo(Map.of("x5t#S256", thumbprint(CERTIFICATE)));
    }

    @Test
    void section6Point5ATrustedProxyPassesTheCertificateOn() {
        String id = program(behindProxy, named("subjectDn", SUBJECT));
        for (String spelling : List.of(
                CERTIFICATE.field(),
                Base64.getEncoder().encodeToString(CERTIFICATE.der()),
                URLEncoder.encode(CERTIFICATE.pem(), StandardCharsets.UTF_8)
                        .replace("+", "%20")
                        .replace("%2B", "+"))) {
            assertAccepted(ask(id, spelling));
        }
    }

    @Test
    void section6Point5AFieldFromJustAnybodyIsNotBelieved() {
        String id = program(withTls, named("subjectDn", SUBJECT));
        for (String base : List.of(withTls.url(), mtls())) {
            HttpResponse<String> answer = send(
                    AUTHORITY.trusted(),
                    HttpRequest.newBuilder(URI.create(base + "/oauth/v2/token"))
                            .header("Content-Type", "application/x-www-form-urlencoded")
                            .header(FIELD, CERTIFICATE.field())
                            .POST(HttpRequest.BodyPublishers.ofString("grant_type=client_credentials&client_id=" + id))
                            .build());
            assertThat(answer.statusCode()).isEqualTo(401);
        }
    }

    @Test
    void aBrokenCertificateIsNoCertificate() {
        String id = program(behindProxy, named("subjectDn", SUBJECT));
        for (String broken : List.of("x", ":x:", ":AAAA:", "%zz", "-----BEGIN CERTIFICATE-----", "::", "%2")) {
            assertThat(ask(id, broken).status()).as(broken).isEqualTo(400);
        }
        Answer twice = Callers.postForm(
                behindProxy,
                "/oauth/v2/token",
                "grant_type=client_credentials&client_id=" + id,
                FIELD,
                CERTIFICATE.field(),
                FIELD,
                CERTIFICATE.field());
        assertThat(twice.status()).isEqualTo(400);
    }

    /** Where certificates are shown to ourselves. */
    private static String mtls() {
        String endpoint = withTls.get("/.well-known/oauth-authorization-server")
                .json()
                .get("mtls_endpoint_aliases")
                .get("token_endpoint")
                .asString();
        return endpoint.substring(0, endpoint.indexOf("/oauth"));
    }

    private static HttpResponse<String> send(javax.net.ssl.SSLContext tls, HttpRequest request) {
        try (HttpClient client = HttpClient.newBuilder().sslContext(tls).build()) {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theHandshakeProvesTheKey() {
        Holder own = TestAuthority.selfSigned(SUBJECT, Duration.ofDays(1));
        String named = program(withTls, named("subjectDn", SUBJECT));
        String registered = program(withTls, registered(own));
        assertThat(send(CERTIFICATE.trusting(AUTHORITY.certificate()), tokenRequest(named))
                        .statusCode())
                .isEqualTo(200);
        assertThat(send(own.trusting(AUTHORITY.certificate()), tokenRequest(registered))
                        .statusCode())
                .isEqualTo(200);
        assertThat(send(CERTIFICATE.trusting(AUTHORITY.certificate()), tokenRequest(registered))
                        .statusCode())
                .isEqualTo(401);
        assertThat(send(AUTHORITY.trusted(), tokenRequest(named)).statusCode()).isEqualTo(401);
        Holder thief = new Holder(own.key(), CERTIFICATE.certificate());
        assertThatThrownBy(() -> send(thief.trusting(AUTHORITY.certificate()), tokenRequest(named)))
                .as("the certificate of another, without its key")
                .isInstanceOf(java.io.UncheckedIOException.class);
    }

    private static HttpRequest tokenRequest(String clientId) {
        return HttpRequest.newBuilder(URI.create(mtls() + "/oauth/v2/token"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("grant_type=client_credentials&client_id=" + clientId))
                .build();
    }

    @Test
    void section3ABoundAccessTokenCountsInOurOwnTls() {
        String id = create(
                        withTls,
                        "\"senderConstraint\":\"certificate\",\"authentication\":" + named("subjectDn", SUBJECT))
                .created()
                .json()
                .get("clientId")
                .asString();
        String accessToken = new JsonMapper()
                .readTree(send(CERTIFICATE.trusting(AUTHORITY.certificate()), tokenRequest(id))
                        .body())
                .get("access_token")
                .asString();
        HttpRequest request = HttpRequest.newBuilder(URI.create(mtls() + RESOURCE))
                .header("Authorization", "Bearer " + accessToken)
                .build();
        assertThat(send(CERTIFICATE.trusting(AUTHORITY.certificate()), request).statusCode())
                .isEqualTo(200);
        assertThat(send(AUTHORITY.issue(SUBJECT).trusting(AUTHORITY.certificate()), request)
                        .statusCode())
                .isEqualTo(401);
        assertThat(send(AUTHORITY.trusted(), request).statusCode()).isEqualTo(401);
    }

    @Test
    void aFileOfAuthoritiesThatHoldsNoneIsNoStart() throws IOException {
        Path empty = Files.writeString(folder.resolve("empty.pem"), "");
        assertThatThrownBy(() -> RunningServer.start(TestEngine.SQLITE, Map.of("client-ca-file", empty.toString())))
                .hasMessageContaining("empty.pem");
    }
}
