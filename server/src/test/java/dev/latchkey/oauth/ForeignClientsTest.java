package dev.latchkey.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.Waiting;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What third-party clients send because they cannot do otherwise: Kafka, Iceberg, google-auth, Trino, JavaScript. */
class ForeignClientsTest {
    private static final String EXCHANGE = "grant_type=urn:ietf:params:oauth:grant-type:token-exchange";
    private static final String ACCESS_TOKEN = "&subject_token_type=urn:ietf:params:oauth:token-type:access_token";
    private static final String BEARER = "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer";
    private static final String ISSUER = "https://ci.example";
    private static final ProgramKey KEY = ProgramKey.make();

    private static RunningServer server;
    private static Billing billing;
    private static Credentials iceberg;

    @BeforeAll
    static void start() {
        server = RunningServer.start(TestEngine.SQLITE, Callers.BELIEVED);
        billing = new Billing(server);
        billing.admin.send("PATCH", "/apis/billing", "{\"scopes\":{\"catalog\":\"\",\"read\":\"invoices:read\"}}");
        iceberg = program("\"defaultResource\":\"https://billing.example/\",\"nameInAccessTokens\":\"nightly-job\"");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Credentials program(String more) {
        JsonNode created = billing.admin
                .post("/tokens", "{\"description\":\"Engine\",\"role\":\"invoice_clerk\"," + more + "}")
                .created()
                .json();
        return new Credentials(
                created.get("clientId").asString(),
                created.has("clientSecret") ? created.get("clientSecret").asString() : "");
    }

    private static Answer form(String form, String... headers) {
        return Callers.postForm(server, "/oauth/v2/token", form, headers);
    }

    private static String credentials(Credentials credentials) {
        return "&client_id=" + credentials.clientId() + "&client_secret=" + credentials.clientSecret();
    }

    private static String accessToken(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json().get("access_token").asString();
    }

    private static JWTClaimsSet claims(Answer answer) throws Exception {
        return SignedJWT.parse(accessToken(answer)).getJWTClaimsSet();
    }

    private static void assertError(Answer answer, String error) {
        assertThat(answer.status()).as(answer.body()).isIn(400, 401);
        assertThat(answer.json().get("error").asString()).as(answer.body()).isEqualTo(error);
    }

    private static Answer issued(String more) {
        return form("grant_type=client_credentials" + credentials(iceberg) + more);
    }

    @Test
    void whoCannotNameAResourceMeansTheOneOfItsApiToken() throws Exception {
        assertThat(claims(issued("")).getAudience()).containsExactly(Billing.AUDIENCE);
        assertThat(billing.admin
                        .get("/tokens/" + iceberg.clientId())
                        .json()
                        .get("defaultResource")
                        .asString())
                .as("in the API's own spelling")
                .isEqualTo(Billing.AUDIENCE);
        assertThat(claims(issued("&resource=" + server.url() + "/api/v1")).getAudience())
                .containsExactly(server.url() + "/api/v1");
        assertThat(billing.admin
                        .post(
                                "/tokens",
                                "{\"description\":\"x\",\"role\":\"public\",\"defaultResource\":\"https://nobody.example\"}")
                        .status())
                .isEqualTo(422);
    }

    @Test
    void aDefaultResourceThatIsGoneIsNotReplacedByAnother() {
        billing.admin
                .post("/apis", "{\"name\":\"passing\",\"audience\":\"https://passing.example\"}")
                .created();
        Credentials program = program("\"defaultResource\":\"https://passing.example\"");
        billing.admin.delete("/apis/passing");
        Answer answer = form("grant_type=client_credentials" + credentials(program));
        assertError(answer, "invalid_target");
        assertThat(answer.json().get("error_description").asString()).contains("no longer registered");
    }

    @Test
    void theSlashBehindAHostMakesNoOtherResource() throws Exception {
        for (String spelling : new String[] {"https://billing.example", "https://billing.example/"}) {
            assertThat(claims(issued("&resource=" + spelling)).getAudience()).containsExactly(Billing.AUDIENCE);
        }
        assertThat(claims(issued("&resource=https://billing.example/&audience=https://billing.example"))
                        .getAudience())
                .containsExactly(Billing.AUDIENCE);
        assertError(issued("&resource=https://billing.example//"), "invalid_target");
        Answer second = billing.admin.post("/apis", "{\"name\":\"twin\",\"audience\":\"https://billing.example/\"}");
        assertThat(second.status()).isEqualTo(422);
        assertThat(second.body()).contains("The API billing has this audience");
    }

    @Test
    void anApiSaysWhichScopesMeanNothingOrStandForAPrivilege() throws Exception {
        Answer all = issued("&scope=catalog");
        assertThat(claims(all).getStringClaim("scope")).contains("invoices:read", "invoices:write");
        assertThat(claims(all).getClaim("scope_limited")).isNull();
        Answer some = issued("&scope=catalog%20read");
        assertThat(some.json().get("scope").asString()).isEqualTo("invoices:read");
        assertThat(claims(some).getClaim("scope_limited")).isEqualTo(true);
        assertError(issued("&scope=catalog%20nothing"), "invalid_scope");
        assertError(issued("&scope=catalog&resource=" + server.url() + "/api/v1"), "invalid_scope");
        for (String wrong : new String[] {"{\"x\":\"no:such\"}", "{\"a b\":\"\"}", "{\"invoices:read\":\"\"}"}) {
            Answer answer = billing.admin.send("PATCH", "/apis/billing", "{\"scopes\":" + wrong + "}");
            assertThat(answer.status()).as(answer.body()).isEqualTo(422);
        }
        assertThat(billing.admin.get("/apis/billing").json().get("scopes").toString())
                .contains("\"catalog\":\"\"", "\"read\":\"invoices:read\"");
    }

    /** RFC 6749 section 3.3. */
    @Test
    void thereIsNoEmptyScope() throws Exception {
        Credentials bare = server.admin().createToken("May nothing", "public");
        Answer answer = server.requestAccessToken(bare, "&resource=" + Billing.AUDIENCE);
        assertThat(answer.json().has("scope")).isFalse();
        assertThat(claims(answer).getClaim("scope")).isNull();
        assertThat(server.postForm(
                                "/oauth/v2/introspect",
                                "token=" + accessToken(answer),
                                "Authorization",
                                "Basic " + billing.ownCredential().basic())
                        .body())
                .contains("\"active\":true")
                .doesNotContain("\"scope\"");
    }

    @Test
    void anEngineThatShowsANameGetsOne() throws Exception {
        assertThat(claims(issued("")).getStringClaim("name")).isEqualTo("nightly-job");
        assertThat(claims(server.requestAccessToken(billing.clerk, "")).getClaim("name"))
                .isNull();
        Answer wrong = billing.admin.post(
                "/tokens", "{\"description\":\"x\",\"role\":\"public\",\"nameInAccessTokens\":\"a b\"}");
        assertThat(wrong.status()).isEqualTo(422);
    }

    /** Iceberg sends its old access token with its credentials. */
    @Test
    void anAccessTokenIsNoAuthenticationOfAClient() {
        for (String old : new String[] {"expired.or.whatever", accessToken(issued(""))}) {
            assertThat(form(
                                    "grant_type=client_credentials&scope=catalog" + credentials(iceberg),
                                    "Authorization",
                                    "Bearer " + old)
                            .status())
                    .isEqualTo(200);
        }
        assertError(
                form("grant_type=client_credentials", "Authorization", "Bearer " + accessToken(issued(""))),
                "invalid_client");
    }

    @Test
    void aProgramExchangesItsOwnAccessToken() throws Exception {
        String own = accessToken(issued("&scope=read"));
        Answer renewed = form(EXCHANGE + ACCESS_TOKEN + "&subject_token=" + own + credentials(iceberg));
        assertThat(claims(renewed).getAudience()).containsExactly(Billing.AUDIENCE);
        assertThat(renewed.json().get("scope").asString()).isEqualTo("invoices:read");
        assertThat(renewed.json().get("issued_token_type").asString())
                .isEqualTo("urn:ietf:params:oauth:token-type:access_token");
        assertThat(renewed.json().get("expires_in").asInt()).isEqualTo(600);
        assertThat(form(EXCHANGE + ACCESS_TOKEN + "&scope=catalog&subject_token=" + own + credentials(iceberg))
                        .json()
                        .get("scope")
                        .asString())
                .isEqualTo("invoices:read");

        assertError(
                form(EXCHANGE + ACCESS_TOKEN + "&scope=invoices:write&subject_token=" + own + credentials(iceberg)),
                "invalid_scope");
        assertError(
                form(EXCHANGE + ACCESS_TOKEN + "&resource=" + server.url() + "/api/v1&subject_token=" + own
                        + credentials(iceberg)),
                "invalid_target");
        assertError(
                form(EXCHANGE + ACCESS_TOKEN + "&subject_token=" + own + credentials(billing.clerk)),
                "invalid_request");
        assertError(
                form(EXCHANGE + ACCESS_TOKEN + "&subject_token=" + own
                        + credentials(new Credentials(iceberg.clientId(), "lks_wrong"))),
                "invalid_client");
        assertError(form(EXCHANGE + ACCESS_TOKEN + "&subject_token=x.y.z" + credentials(iceberg)), "invalid_request");
        assertError(form(EXCHANGE + ACCESS_TOKEN + "&subject_token=" + own), "invalid_client");
    }

    /** A stolen access token must not be kept alive on its own. */
    @Test
    void anAccessTokenAloneIsExchangedForOneThatEndsWhenItDoes() throws Exception {
        Answer first = issued("");
        String own = accessToken(first);
        long issued = claims(first).getIssueTime().toInstant().getEpochSecond();
        Waiting.until("the next second", () -> ProgramKey.now() > issued);
        Answer second =
                form(EXCHANGE + ACCESS_TOKEN + "&scope=catalog&subject_token=" + own, "Authorization", "Bearer " + own);
        assertThat(claims(second).getExpirationTime()).isEqualTo(claims(first).getExpirationTime());
        assertThat(second.json().get("expires_in").asInt()).isLessThan(600);
        assertError(
                form(
                        EXCHANGE + ACCESS_TOKEN + "&subject_token=" + own,
                        "Authorization",
                        "Bearer " + accessToken(issued(""))),
                "invalid_client");
        server.postForm("/oauth/v2/revoke", "token=" + own, "Authorization", "Basic " + iceberg.basic());
        assertError(
                form(EXCHANGE + ACCESS_TOKEN + "&subject_token=" + own, "Authorization", "Bearer " + own),
                "invalid_request");
        // Nor do those that were obtained with it.
        String copy = accessToken(second);
        assertError(
                form(EXCHANGE + ACCESS_TOKEN + "&subject_token=" + copy, "Authorization", "Bearer " + copy),
                "invalid_request");
    }

    /** An administrator demands bound access tokens because one was stolen: the thief must not bind it to a key of their own. */
    @Test
    void anAccessTokenThatIsBoundToNothingIsNotExchangedWhereItWouldNotCount() {
        Credentials program = program("\"authentication\":{\"method\":\"client_secret\"}");
        String stolen =
                accessToken(form("grant_type=client_credentials&resource=" + Billing.AUDIENCE + credentials(program)));
        billing.admin.send("PATCH", "/tokens/" + program.clientId(), "{\"senderConstraint\": \"dpop\"}");
        ProgramKey thief = ProgramKey.make();
        String endpoint = server.url() + "/oauth/v2/token";
        String nonce = form(
                        EXCHANGE + ACCESS_TOKEN + "&subject_token=" + stolen,
                        "Authorization",
                        "Bearer " + stolen,
                        "DPoP",
                        thief.proof("POST", endpoint).signed())
                .header("DPoP-Nonce");
        assertError(
                form(
                        EXCHANGE + ACCESS_TOKEN + "&subject_token=" + stolen,
                        "Authorization",
                        "Bearer " + stolen,
                        "DPoP",
                        thief.proof("POST", endpoint).claim("nonce", nonce).signed()),
                "invalid_request");
    }

    private static Credentials federated(String subject) {
        return federated(subject, KEY);
    }

    private static Credentials federated(String subject, ProgramKey key) {
        return program("\"authentication\":{\"method\":\"federated\",\"issuer\":\"" + ISSUER + "\",\"jwks\":"
                + key.jwks() + ",\"claims\":{\"sub\":\"" + subject + "\"}}");
    }

    private static String outside(String subject) {
        return KEY.assertion(subject, server.url()).claim("iss", ISSUER).signed();
    }

    /** google-auth names its client with HTTP Basic and an empty secret. */
    @Test
    void httpBasicWithoutASecretNamesTheClient() {
        Credentials build = federated("basic/build");
        String basic = "Basic "
                + Base64.getEncoder().encodeToString((build.clientId() + ":").getBytes(StandardCharsets.UTF_8));
        String exchange = EXCHANGE + "&subject_token_type=urn:ietf:params:oauth:token-type:jwt&subject_token="
                + outside("basic/build");
        assertThat(form(exchange, "Authorization", basic).status()).isEqualTo(200);
        assertThat(form(exchange + "&client_id=" + build.clientId(), "Authorization", basic)
                        .status())
                .isEqualTo(200);
        assertError(form(exchange + "&client_id=zzzzzz.zzzzzzzzzzzzzzzz", "Authorization", basic), "invalid_request");
        assertError(form("grant_type=client_credentials", "Authorization", basic), "invalid_client");
        String empty = "Basic "
                + Base64.getEncoder().encodeToString((iceberg.clientId() + ":").getBytes(StandardCharsets.UTF_8));
        assertError(form("grant_type=client_credentials", "Authorization", empty), "invalid_client");
    }

    /** Kafka's JWT-bearer grant and Google-style service accounts send no client id at all. */
    @Test
    void anOutsideTokenFindsTheOneApiTokenThatItFits() throws Exception {
        Credentials shop = federated("found/shop");
        federated("found/shop", ProgramKey.make());
        Answer found = form(BEARER + "&assertion=" + outside("found/shop"));
        assertThat(claims(found).getSubject()).isEqualTo(shop.clientId());
        assertError(form(BEARER + "&assertion=" + outside("found/other")), "invalid_grant");
        assertError(
                form(BEARER + "&assertion="
                        + KEY.assertion("found/shop", server.url())
                                .claim("iss", ISSUER)
                                .by(ProgramKey.make())
                                .signed()),
                "invalid_grant");
        assertError(
                form(BEARER + "&assertion="
                        + KEY.assertion("found/shop", server.url())
                                .claim("iss", "https://unknown.example")
                                .signed()),
                "invalid_grant");

        Credentials twin = federated("found/*");
        assertError(form(BEARER + "&assertion=" + outside("found/shop")), "invalid_grant");
        assertThat(Callers.refusals(
                        server,
                        shop.clientId().compareTo(twin.clientId()) < 0 ? shop.clientId() : twin.clientId(),
                        "fits 2 API tokens"))
                .contains("fits 2 API tokens: send client_id");
        assertThat(form(BEARER + "&client_id=" + shop.clientId() + "&assertion=" + outside("found/shop"))
                        .status())
                .isEqualTo(200);
        billing.admin.post("/tokens/" + twin.clientId() + "/revoke", "{}");
        assertThat(form(BEARER + "&assertion=" + outside("found/shop")).status())
                .as("of those that count")
                .isEqualTo(200);
    }

    @Test
    void ofManyThatTrustTheSameWordsTheOneIsFoundWhoseKeySigned() throws Exception {
        ProgramKey other = ProgramKey.make();
        for (int i = 0; i < 11; i++) {
            federated("many/shop", other);
        }
        Credentials shop = federated("many/shop");
        Answer found = form(BEARER + "&assertion=" + outside("many/shop"));
        assertThat(claims(found).getSubject()).isEqualTo(shop.clientId());
    }

    @Test
    void unsignedTokensAreNotReportedAsAmbiguous() throws Exception {
        String first = "~";
        for (int i = 0; i < 11; i++) {
            String clientId = federated("forged/shop").clientId();
            first = clientId.compareTo(first) < 0 ? clientId : first;
        }
        assertError(
                form(BEARER + "&assertion="
                        + KEY.assertion("forged/shop", server.url())
                                .claim("iss", ISSUER)
                                .by(ProgramKey.make())
                                .signed()),
                "invalid_grant");
        assertError(form(BEARER + "&client_id=" + first + "&assertion=" + outside("forged/other")), "invalid_grant");
        assertThat(Callers.refusals(server, first, "its claim sub")).doesNotContain("API tokens: send client_id");
        assertError(form(BEARER + "&assertion=" + outside("forged/shop")), "invalid_grant");
        assertThat(Callers.refusals(server, first, "fits 11 API tokens"))
                .contains("fits 11 API tokens: send client_id");
    }

    /** Here, where few are refused: the log tells only so many apart at a time. */
    @Test
    void theLogSaysWhatToDo() throws Exception {
        Credentials signs = program("\"authentication\":{\"method\":\"private_key_jwt\",\"jwks\":" + KEY.jwks() + "}");
        assertError(
                form("grant_type=client_credentials&client_assertion_type="
                        + "urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion="
                        + KEY.assertion(signs.clientId(), server.url() + "/oauth/v2/token")
                                .signed()),
                "invalid_client");
        assertThat(Callers.refusals(server, signs.clientId(), "token endpoint"))
                .contains("aud is the token endpoint but must be the issuer, " + server.url(), "edit this API token");

        Credentials typed = program("\"authentication\":{\"method\":\"federated\",\"issuer\":\"" + ISSUER
                + "\",\"jwks\":" + KEY.jwks() + ",\"claims\":{\"sub\":\"typed/x\",\"attempt\":\"1\"}}");
        assertError(
                form(BEARER + "&client_id=" + typed.clientId() + "&assertion="
                        + KEY.assertion("typed/x", server.url())
                                .claim("iss", ISSUER)
                                .claim("attempt", 1)
                                .signed()),
                "invalid_grant");
        assertThat(Callers.refusals(server, typed.clientId(), "its claim attempt"))
                .contains("its claim attempt is not 1, but a number");
    }
}
