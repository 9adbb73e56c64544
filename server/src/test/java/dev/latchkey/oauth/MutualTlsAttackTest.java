package dev.latchkey.oauth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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

/** RFC 8705: certificates that almost match, as forwarded by a trusted proxy. */
class MutualTlsAttackTest {
    private static final String SUBJECT = "CN=billing,O=Example";
    private static final String FIELD = "Client-Cert";

    private static final ClientIdentity AUTHORITY = ClientIdentity.authority("Authority");
    private static final ClientIdentity CERTIFICATE = issued(SUBJECT);

    /** It trusts this test as its proxy. */
    private static RunningServer server;

    @TempDir
    private static Path folder;

    @BeforeAll
    static void start() throws IOException {
        Path authorities = Files.writeString(folder.resolve("authorities.pem"), AUTHORITY.pem());
        server = RunningServer.start(
                TestEngine.SQLITE,
                Map.of(
                        "trusted-proxies",
                        "127.0.0.1,::1",
                        "client-certificate-field",
                        FIELD,
                        "client-ca-file",
                        authorities.toString()));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static ClientIdentity issued(String subject, GeneralName... names) {
        return AUTHORITY.issue(subject, null, Duration.ofDays(1), names);
    }

    private static ClientIdentity issued(ClientIdentity issuer, String subject) {
        return issuer.issue(subject, null, Duration.ofDays(1));
    }

    private static Answer create(String more) {
        return server.admin().post("/tokens", "{\"description\":\"Shows\",\"role\":\"accountadmin\"," + more + "}");
    }

    private static String program(String authentication) {
        return create("\"authentication\":" + authentication)
                .created()
                .json()
                .get("clientId")
                .asString();
    }

    private static String named(String kind, String value) {
        return "{\"method\":\"tls_client_auth\",\"" + kind + "\":\"" + value + "\"}";
    }

    private static String registered(ClientIdentity... holders) {
        return new JsonMapper()
                .writeValueAsString(Map.of(
                        "method",
                        "self_signed_tls_client_auth",
                        "certificates",
                        List.of(holders).stream().map(ClientIdentity::pem).toList()));
    }

    private static Answer ask(String clientId, ClientIdentity shown) {
        return ask(clientId, shown.field());
    }

    private static Answer ask(String clientId, String field) {
        return Callers.postForm(
                server, "/oauth/v2/token", "grant_type=client_credentials&client_id=" + clientId, FIELD, field);
    }

    private static void assertAccepted(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    }

    private static void assertRefused(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(401);
        assertThat(answer.json().get("error").asString()).isEqualTo("invalid_client");
    }

    @Test
    void aCertificateProvesNothingForATokenWithAnotherMethod() {
        Credentials secret = server.admin().createToken("Has a secret", "public");
        assertRefused(ask(secret.clientId(), CERTIFICATE));
        String jwt = program(
                "{\"method\":\"private_key_jwt\",\"jwks\":" + ProgramKey.make().jwks() + "}");
        assertRefused(ask(jwt, CERTIFICATE));
        // And without one, the client id alone does not authenticate.
        String id = program(named("subjectDn", SUBJECT));
        assertRefused(Callers.postForm(server, "/oauth/v2/token", "grant_type=client_credentials&client_id=" + id));
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
        String id = program(named(kind, right));
        assertAccepted(ask(id, issued("CN=x", new GeneralName(tag, right))));
        assertAccepted(ask(id, issued("CN=x", new GeneralName(tag, wrong), new GeneralName(tag, right))));
        assertRefused(ask(id, issued("CN=x", new GeneralName(tag, wrong))));
        assertRefused(ask(id, issued("CN=" + right)));
        // The same text as a different kind of name is a different name.
        if (tag != 7) {
            assertRefused(ask(id, issued("CN=x", new GeneralName(tag == 2 ? 6 : 2, right))));
        }
    }

    @Test
    void section2Point1Point2ASubjectIsComparedAsAName() {
        String id = program(named("subjectDn", "cn=Billing, o=example"));
        assertAccepted(ask(id, CERTIFICATE));
        for (String other : List.of(
                "CN=billing",
                "CN=billing,O=Example,C=DE",
                "O=Example,CN=billing",
                "CN=billing\\,O\\=Example",
                "CN=x")) {
            assertRefused(ask(id, issued(other)));
        }
    }

    @Test
    void section2Point1ACertificateOfAnotherAuthorityIsRefused() {
        String id = program(named("subjectDn", SUBJECT));
        assertRefused(ask(id, issued(ClientIdentity.authority("Authority"), SUBJECT)));
        assertRefused(ask(id, issued(ClientIdentity.authority("Other"), SUBJECT)));
        assertRefused(ask(id, ClientIdentity.selfSigned("billing")));
        assertRefused(ask(id, AUTHORITY.issue(SUBJECT, null, Duration.ofMinutes(-5))));
        assertRefused(ask(id, AUTHORITY.issue(SUBJECT, KeyPurposeId.id_kp_serverAuth, Duration.ofDays(1))));
        assertAccepted(ask(id, AUTHORITY.issue(SUBJECT, KeyPurposeId.id_kp_clientAuth, Duration.ofDays(1))));
    }

    /** A program's own certificate makes it no authority. */
    @Test
    void aProgramIssuesNoCertificates() {
        String id = program(named("subjectDn", SUBJECT));
        ClientIdentity program = issued("CN=program");
        ClientIdentity forged = issued(program, SUBJECT);
        String chain = forged.pem() + program.pem();
        assertRefused(ask(id, URLEncoder.encode(chain, StandardCharsets.UTF_8).replace("+", "%20")));
    }

    @Test
    void section3TheGateChecksTheCertificateToo() {
        Billing billing = new Billing(server);
        String id = server.admin()
                .post(
                        "/tokens",
                        "{\"description\":\"x\",\"role\":\"invoice_reader\",\"senderConstraint\":\"certificate\","
                                + "\"authentication\":" + registered(CERTIFICATE) + "}")
                .created()
                .json()
                .get("clientId")
                .asString();
        String accessToken = Callers.postForm(
                        server,
                        "/oauth/v2/token",
                        "grant_type=client_credentials&client_id=" + id + "&resource=" + Billing.AUDIENCE,
                        FIELD,
                        CERTIFICATE.field())
                .json()
                .get("access_token")
                .asString();
        assertThat(billing.reader.clientId()).isNotEqualTo(id);
        HttpRequest.Builder request = server.request("/gate/v1/nginx/billing")
                .header("X-Original-Method", "GET")
                .header("X-Original-URI", "/v1/invoices")
                .header("Authorization", "Bearer " + accessToken);
        assertThat(server.send(request.copy().build()).status()).isEqualTo(401);
        assertThat(server.send(request.copy().header(FIELD, CERTIFICATE.field()).build())
                        .status())
                .isEqualTo(200);
        assertThat(server.send(request.copy()
                                .header(FIELD, issued(SUBJECT).field())
                                .build())
                        .status())
                .isEqualTo(401);
    }

    @Test
    void aBrokenCertificateIsNoCertificate() {
        String id = program(named("subjectDn", SUBJECT));
        for (String broken : List.of("x", ":x:", ":AAAA:", "%zz", "-----BEGIN CERTIFICATE-----", "::", "%2")) {
            assertThat(ask(id, broken).status()).as(broken).isEqualTo(400);
        }
        Answer twice = Callers.postForm(
                server,
                "/oauth/v2/token",
                "grant_type=client_credentials&client_id=" + id,
                FIELD,
                CERTIFICATE.field(),
                FIELD,
                CERTIFICATE.field());
        assertThat(twice.status()).isEqualTo(400);
    }

    @Test
    void aFileOfAuthoritiesThatHoldsNoneIsNoStart() throws IOException {
        Path empty = Files.writeString(folder.resolve("empty.pem"), "");
        assertThatThrownBy(() -> RunningServer.start(TestEngine.SQLITE, Map.of("client-ca-file", empty.toString())))
                .hasMessageContaining("empty.pem");
    }
}
