package dev.latchkey.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jwt.SignedJWT;
import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import dev.latchkey.oauth.ProgramKey.Draft;
import java.net.http.HttpRequest;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9449: at the token endpoint, at the management API and at the gate. */
class DpopTest {
    private static final String RESOURCE = "/api/v1/tokens";

    private static final ProgramKey KEY = ProgramKey.make();

    private static RunningServer server;
    private static Billing billing;
    private static Credentials program;
    private static String nonce;
    private static String bound;

    @BeforeAll
    static void start() {
        server = RunningServer.start(TestEngine.SQLITE);
        billing = new Billing(server);
        server.admin().createRole("token_reader", "tokens:read");
        program = server.admin().createToken("Program", "token_reader");
        nonce = ask(program, KEY.proof("POST", server.url() + "/oauth/v2/token").signed(), "")
                .header("DPoP-Nonce");
        Answer answer = ask(program, atTokenEndpoint().signed(), "");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        bound = answer.json().get("access_token").asString();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String basic(Credentials credentials) {
        return "Basic "
                + Base64.getEncoder()
                        .encodeToString((credentials.clientId() + ":" + credentials.clientSecret()).getBytes());
    }

    private static Answer ask(Credentials credentials, String proof, String more) {
        return server.postForm(
                "/oauth/v2/token",
                "grant_type=client_credentials" + more,
                "Authorization",
                basic(credentials),
                "DPoP",
                proof);
    }

    /** A proof that the token endpoint accepts. */
    private static Draft atTokenEndpoint() {
        return KEY.proof("POST", server.url() + "/oauth/v2/token").claim("nonce", nonce);
    }

    /** A proof that the management API accepts. */
    private static Draft atResource() {
        return KEY.proof("GET", server.url() + RESOURCE).claim("ath", ProgramKey.hash(bound));
    }

    private static Answer call(String authorization, String... proofs) {
        HttpRequest.Builder request = server.request(RESOURCE).header("Authorization", authorization);
        for (String proof : proofs) {
            request.header("DPoP", proof);
        }
        return server.send(request.build());
    }

    private static Answer call(Draft proof) {
        return call("DPoP " + bound, proof.signed());
    }

    /** The change makes a good proof a bad one, at both doors. */
    private static void assertRefused(UnaryOperator<Draft> change) {
        assertRefusedAtTokenEndpoint(change.apply(atTokenEndpoint()).signed());
        assertRefusedAtResource(change.apply(atResource()).signed());
    }

    /** Section 5. */
    private static void assertRefusedAtTokenEndpoint(String proof) {
        Answer answer = ask(program, proof, "");
        assertThat(answer.status()).as(proof).isEqualTo(400);
        assertThat(answer.json().get("error").asString()).isEqualTo("invalid_dpop_proof");
    }

    /** Section 7.1. */
    private static void assertRefusedAtResource(String proof) {
        Answer answer = call("DPoP " + bound, proof);
        assertThat(answer.status()).as(proof).isEqualTo(401);
        assertThat(answer.header("WWW-Authenticate"))
                .startsWith("DPoP ")
                .contains("error=\"invalid_dpop_proof\"", "algs=\"");
    }

    private static void assertAccepted(UnaryOperator<Draft> change) {
        Answer granted = ask(program, change.apply(atTokenEndpoint()).signed(), "");
        assertThat(granted.status()).as(granted.body()).isEqualTo(200);
        Answer called = call(change.apply(atResource()));
        assertThat(called.status()).as(called.body()).isEqualTo(200);
    }

    @Test
    void section4Point3WhatIsRightIsAccepted() {
        assertAccepted(proof -> proof);
    }

    @Test
    void section4Point3TwoProofsAreNone() {
        Answer granted = server.postForm(
                "/oauth/v2/token",
                "grant_type=client_credentials",
                "Authorization",
                basic(program),
                "DPoP",
                atTokenEndpoint().signed(),
                "DPoP",
                atTokenEndpoint().signed());
        assertThat(granted.status()).isEqualTo(400);
        assertThat(granted.json().get("error").asString()).isEqualTo("invalid_dpop_proof");
        assertThat(call("DPoP " + bound, atResource().signed(), atResource().signed())
                        .status())
                .isEqualTo(401);
        assertRefusedAtResource(atResource().signed() + ", " + atResource().signed());
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "..", "a.b.c", "e30.e30.e30", "eyJhbGciOiJFUzI1NiJ9.bnVsbA.e30", "W10.W10.W10"})
    void section4Point3WhatIsNoJwtIsNoProof(String text) {
        assertRefusedAtTokenEndpoint(text);
        assertRefusedAtResource(text);
    }

    @Test
    void anOversizeProofIsRefused() {
        assertAccepted(proof -> proof.claim("pad", "x".repeat(1_000)));
        assertRefusedAtResource(atResource().claim("pad", "x".repeat(7_000)).signed());
    }

    @ParameterizedTest
    @ValueSource(strings = {"jti", "htm", "htu", "iat"})
    void section4Point3NoClaimIsMissing(String claim) {
        assertRefused(proof -> proof.claim(claim, null));
        assertRefused(proof -> proof.claim(claim, List.of("x")));
        assertRefused(proof -> proof.claim(claim, Map.of("x", "y")));
    }

    @Test
    void section4Point3TheTypeIsDpop() {
        for (String type : new String[] {null, "JWT", "at+jwt", ""}) {
            assertRefused(proof -> proof.header("typ", type));
        }
    }

    @Test
    void section4Point3OnlyAsymmetricAlgorithmsCount() {
        atTokenEndpoint().unsigned().forEach(DpopTest::assertRefusedAtTokenEndpoint);
        atResource().unsigned().forEach(DpopTest::assertRefusedAtResource);
        atTokenEndpoint().signedWithThePublicKey().forEach(DpopTest::assertRefusedAtTokenEndpoint);
        atResource().signedWithThePublicKey().forEach(DpopTest::assertRefusedAtResource);
        assertRefusedAtResource(atResource()
                .header("jwk", Map.of("kty", "oct", "k", "c2VjcmV0"))
                .signedWithThePublicKey()
                .getFirst());
    }

    @Test
    void section4Point3TheKeyIsInTheHeader() {
        assertRefused(proof -> proof.header("jwk", null));
        assertRefused(proof -> proof.header("jwk", "x"));
        assertRefused(proof -> proof.header("jwk", Map.of("kty", "EC")));
        assertRefused(
                proof -> proof.header("jwk", null).header("kid", KEY.publicKey().getKeyID()));
    }

    @Test
    void section4Point3APrivateKeyIsRefused() {
        assertRefused(proof -> proof.header("jwk", KEY.privateKey().toJSONObject()));
    }

    @Test
    void section4Point3TheSignatureIsByTheKeyInTheHeader() {
        assertRefused(proof -> proof.by(ProgramKey.make()));
    }

    @Test
    void section4Point3AnUnknownCriticalHeaderIsRefused() {
        assertRefused(proof -> proof.header("crit", List.of("x")).header("x", 1));
    }

    @Test
    void section4Point3TheProofMustNameTheMethodAndTheUri() {
        for (String method : List.of("PUT", "HEAD", "get", "post", "")) {
            assertRefused(proof -> proof.claim("htm", method));
        }
        for (String address : List.of(
                "",
                "x",
                "/oauth/v2/token",
                server.url(),
                server.url() + "/",
                server.url() + "/oauth/v2/token/",
                server.url() + RESOURCE + "/",
                server.url() + "/oauth/v2/revoke",
                server.url().replace("http:", "https:") + "/oauth/v2/token",
                server.url().replace("localhost", "localhost.evil.example") + "/oauth/v2/token",
                server.url().replace("localhost", "user@localhost") + "/oauth/v2/token")) {
            assertRefused(proof -> proof.claim("htu", address));
        }
        // A proof for one door is not valid at the other.
        assertRefusedAtTokenEndpoint(
                atTokenEndpoint().claim("htu", server.url() + RESOURCE).signed());
        assertRefusedAtResource(
                atResource().claim("htu", server.url() + "/oauth/v2/token").signed());
    }

    @Test
    void section4Point3QueryAndFragmentDoNotMatter() {
        Answer answer = server.send(server.request(RESOURCE + "?pageSize=1")
                .header("Authorization", "DPoP " + bound)
                .header("DPoP", atResource().signed())
                .build());
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(call(atResource().claim("htu", server.url() + RESOURCE + "?x=y#z"))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void section4Point3TheUriIsNormalized() {
        String other = server.url().replace("http://localhost", "HTTP://LocalHost");
        assertThat(ask(
                                program,
                                atTokenEndpoint()
                                        .claim("htu", other + "/oauth/v2/%74oken")
                                        .signed(),
                                "")
                        .status())
                .isEqualTo(200);
        assertThat(call(atResource().claim("htu", other + "/api/v1/%74okens")).status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ES256", "ES384", "EdDSA", "RS256", "PS256"})
    void everyKindOfKeyWorks(String algorithm) {
        ProgramKey key = ProgramKey.make(JWSAlgorithm.parse(algorithm));
        Answer answer = ask(
                program,
                key.proof("POST", server.url() + "/oauth/v2/token")
                        .claim("nonce", nonce)
                        .signed(),
                "");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        String accessToken = answer.json().get("access_token").asString();
        assertThat(call(
                                "DPoP " + accessToken,
                                key.proof("GET", server.url() + RESOURCE)
                                        .claim("ath", ProgramKey.hash(accessToken))
                                        .signed())
                        .status())
                .isEqualTo(200);
    }

    @Test
    void section5TheAccessTokenIsBoundToTheKey() throws Exception {
        Answer answer = ask(program, atTokenEndpoint().signed(), "");
        assertThat(answer.json().get("token_type").asString()).isEqualTo("DPoP");
        assertThat(SignedJWT.parse(answer.json().get("access_token").asString())
                        .getJWTClaimsSet()
                        .getJSONObjectClaim("cnf"))
                .isEqualTo(Map.of("jkt", KEY.thumbprint()));
    }

    @Test
    void section5Point2AClientThatMustSendAProofGetsNothingWithoutIt() {
        Answer created = server.admin()
                .post(
                        "/tokens",
                        "{\"description\":\"Must prove\",\"role\":\"token_reader\",\"senderConstraint\":\"dpop\"}")
                .created();
        Credentials must = new Credentials(
                created.json().get("clientId").asString(),
                created.json().get("clientSecret").asString());
        Answer without = server.requestAccessToken(must, "");
        assertThat(without.status()).isEqualTo(400);
        assertThat(without.json().has("access_token")).isFalse();
        assertThat(ask(must, atTokenEndpoint().signed(), "").status()).isEqualTo(200);
    }

    /** Section 6.2. */
    @Test
    void section6Point2IntrospectionTellsTheKey() {
        Answer answer =
                server.postForm("/oauth/v2/introspect", "token=" + bound, "Authorization", basic(server.bootstrap()));
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.json().get("token_type").asString()).isEqualTo("DPoP");
        assertThat(answer.json().get("cnf").get("jkt").asString()).isEqualTo(KEY.thumbprint());
    }

    @Test
    void section7TheProofIsForThisAccessToken() {
        String other = ask(program, atTokenEndpoint().signed(), "")
                .json()
                .get("access_token")
                .asString();
        for (String hash : new String[] {null, "", ProgramKey.hash(other), ProgramKey.hash(bound) + "="}) {
            assertRefusedAtResource(atResource().claim("ath", hash).signed());
        }
    }

    @Test
    void section7Point1AProofOfAnotherKeyIsRefused() {
        ProgramKey thief = ProgramKey.make();
        Answer answer = call(
                "DPoP " + bound,
                thief.proof("GET", server.url() + RESOURCE)
                        .claim("ath", ProgramKey.hash(bound))
                        .signed());
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.header("WWW-Authenticate")).startsWith("DPoP ").contains("error=\"");
    }

    @Test
    void section7Point1WithoutAProofNothingOpens() {
        Answer answer = call("DPoP " + bound);
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.header("WWW-Authenticate")).startsWith("DPoP ");
    }

    @Test
    void section7Point1TheChallengeSaysWhyAndWhichAlgorithms() {
        for (Answer answer : List.of(
                call("DPoP " + bound),
                call("Bearer " + bound),
                call("DPoP x", atResource().signed()))) {
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.header("WWW-Authenticate"))
                    .startsWith("DPoP ")
                    .contains("error=\"", "error_description=\"")
                    .containsPattern("algs=\"[A-Za-z0-9 ]*\\bES256\\b");
        }
    }

    @Test
    void section7Point1TheGateChecksTheProofToo() {
        Answer granted = ask(billing.reader, atTokenEndpoint().signed(), "&resource=" + Billing.AUDIENCE);
        assertThat(granted.status()).as(granted.body()).isEqualTo(200);
        String accessToken = granted.json().get("access_token").asString();
        String right = "https://billing.example/v1/invoices";
        assertThat(atTheGate("DPoP " + accessToken, gateProof(accessToken, "GET", right))
                        .status())
                .isEqualTo(200);
        for (Answer refused : List.of(
                atTheGate("Bearer " + accessToken, gateProof(accessToken, "GET", right)),
                atTheGate("DPoP " + accessToken),
                atTheGate("DPoP " + accessToken, gateProof(accessToken, "POST", right)),
                atTheGate("DPoP " + accessToken, gateProof(accessToken, "GET", right + "/1")),
                atTheGate("DPoP " + accessToken, gateProof(bound, "GET", right)),
                atTheGate("DPoP " + accessToken, gateProof(accessToken, "GET", right + "x")))) {
            assertThat(refused.status()).isEqualTo(401);
            assertThat(refused.header("WWW-Authenticate")).startsWith("DPoP ");
        }
        String once = gateProof(accessToken, "GET", right);
        assertThat(atTheGate("DPoP " + accessToken, once).status()).isEqualTo(200);
        assertThat(atTheGate("DPoP " + accessToken, once).status()).isEqualTo(401);
    }

    private static String gateProof(String accessToken, String method, String address) {
        return KEY.proof(method, address)
                .claim("ath", ProgramKey.hash(accessToken))
                .signed();
    }

    private static Answer atTheGate(String authorization, String... proofs) {
        HttpRequest.Builder request = server.request("/gate/v1/nginx/billing")
                .header("X-Original-Method", "GET")
                .header("X-Original-URI", "/v1/invoices?x=y")
                .header("X-Original-Host", "billing.example")
                .header("Authorization", authorization);
        for (String proof : proofs) {
            request.header("DPoP", proof);
        }
        return server.send(request.build());
    }

    @Test
    void section7Point2ABoundAccessTokenIsNoBearerToken() {
        assertThat(call("Bearer " + bound).status()).isEqualTo(401);
        assertThat(call("Bearer " + bound, atResource().signed()).status()).isEqualTo(401);
        assertThat(call("Bearer " + server.accessToken(program)).status()).isEqualTo(200);
    }

    @Test
    void section8WithoutANonceOneIsGiven() {
        Answer answer = ask(program, atTokenEndpoint().claim("nonce", null).signed(), "");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("error").asString()).isEqualTo("use_dpop_nonce");
        assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
        assertThat(answer.response().headers().allValues("DPoP-Nonce"))
                .singleElement()
                .asString()
                .matches("[\\x21\\x23-\\x5b\\x5d-\\x7e]+");
        assertThat(ask(
                                program,
                                atTokenEndpoint()
                                        .claim("nonce", answer.header("DPoP-Nonce"))
                                        .signed(),
                                "")
                        .status())
                .isEqualTo(200);
    }

    /** A first try without the nonce must not cost a program its one-time credentials. */
    @Test
    void section8TheNonceIsAskedForBeforeAnythingElse() {
        ProgramKey signer = ProgramKey.make();
        String id = server.admin()
                .post(
                        "/tokens",
                        "{\"description\":\"Signs\",\"role\":\"public\",\"authentication\":"
                                + "{\"method\":\"private_key_jwt\",\"jwks\":" + signer.jwks() + "}}")
                .created()
                .json()
                .get("clientId")
                .asString();
        String form = "grant_type=client_credentials&client_assertion_type="
                + "urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion="
                + signer.assertion(id, server.url()).signed();
        Answer first = server.postForm(
                "/oauth/v2/token",
                form,
                "DPoP",
                atTokenEndpoint().claim("nonce", null).signed());
        assertThat(first.json().get("error").asString()).isEqualTo("use_dpop_nonce");
        Answer second = server.postForm(
                "/oauth/v2/token", form, "DPoP", atTokenEndpoint().signed());
        assertThat(second.status()).as(second.body()).isEqualTo(200);
    }

    @Test
    void section8AForeignNonceIsRefused() {
        for (Object foreign : List.of("x", "", nonce + "x", nonce.toUpperCase(Locale.ROOT) + "A", List.of(nonce))) {
            Answer answer =
                    ask(program, atTokenEndpoint().claim("nonce", foreign).signed(), "");
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.json().get("error").asString()).isEqualTo("use_dpop_nonce");
        }
    }

    @Test
    void section8ANonceIsOurs() {
        try (RunningServer other = RunningServer.start(TestEngine.SQLITE)) {
            String theirs = other.postForm(
                            "/oauth/v2/token",
                            "grant_type=client_credentials",
                            "DPoP",
                            KEY.proof("POST", other.url() + "/oauth/v2/token").signed())
                    .header("DPoP-Nonce");
            assertThat(theirs).hasSizeGreaterThan(20).isNotEqualTo(nonce);
            assertThat(ask(program, atTokenEndpoint().claim("nonce", theirs).signed(), "")
                            .json()
                            .get("error")
                            .asString())
                    .isEqualTo("use_dpop_nonce");
        }
    }

    @Test
    void section11Point1AProofCountsForAMinute() {
        long now = ProgramKey.now();
        assertThat(call(atResource().claim("iat", now + 15)).status()).isEqualTo(200);
        assertRefused(proof -> proof.claim("iat", now - 90));
        assertRefused(proof -> proof.claim("iat", now + 90));
        assertRefused(proof -> proof.claim("iat", 0L));
    }

    @Test
    void section11Point1AProofCountsOnce() {
        String proof = atResource().signed();
        assertThat(call("DPoP " + bound, proof).status()).isEqualTo(200);
        assertRefusedAtResource(proof);
        String grant = atTokenEndpoint().signed();
        assertThat(ask(program, grant, "").status()).isEqualTo(200);
        assertRefusedAtTokenEndpoint(grant);
    }

    /** Callers of operations that take large bodies are identified before the body is read, and again with it. */
    @Test
    void section11Point1AProofIsValidForARequestWithALargeBody() {
        String apis = "/api/v1/apis";
        Draft proof = KEY.proof("POST", server.url() + apis).claim("ath", ProgramKey.hash(bound));
        Answer answer = server.send(server.request(apis)
                .header("Authorization", "DPoP " + bound)
                .header("DPoP", proof.signed())
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"name\": \"\", \"audience\": \"https://x.example\"}"))
                .build());
        assertThat(answer.status()).as(answer.body()).isEqualTo(403);
    }

    @Test
    void section11Point1ALongJtiIsRefused() {
        assertRefused(proof -> proof.claim("jti", "x".repeat(1_000)));
        assertRefused(proof -> proof.claim("jti", ""));
    }
}
