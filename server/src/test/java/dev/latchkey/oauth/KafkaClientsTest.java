package dev.latchkey.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.latchkey.RunningServer;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.security.auth.callback.Callback;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.auth.login.AppConfigurationEntry.LoginModuleControlFlag;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.security.oauthbearer.JwtBearerJwtRetriever;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerTokenCallback;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Kafka's own client gets access tokens as producers and consumers do, and finds nothing wrong with them. It can name
 * neither an API nor, with the JWT-bearer grant, the API token.
 */
class KafkaClientsTest {
    /** It reads no other keys, whatever algorithm it is told. */
    private static final ProgramKey KEY = ProgramKey.make(JWSAlgorithm.RS256);

    /** What the client may talk to and read; nothing unless it is named. */
    private static final String URLS = "org.apache.kafka.sasl.oauthbearer.allowed.urls";

    private static final String FILES = "org.apache.kafka.sasl.oauthbearer.allowed.files";

    private static RunningServer server;
    private static Billing billing;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() {
        server = RunningServer.start(TestEngine.SQLITE);
        billing = new Billing(server);
        System.setProperty(URLS, server.url() + "/oauth/v2/token");
    }

    @AfterAll
    static void stop() {
        System.clearProperty(URLS);
        System.clearProperty(FILES);
        server.close();
    }

    private static JsonNode program(String more) {
        return billing.admin
                .post(
                        "/tokens",
                        "{\"description\": \"Producer\", \"role\": \"invoice_reader\", \"defaultResource\": \""
                                + Billing.AUDIENCE + "\"" + more + "}")
                .created()
                .json();
    }

    private static JWTClaimsSet claimsOfWhatItGets(Map<String, String> settings) throws Exception {
        Map<String, String> all = new HashMap<>(settings);
        all.put(SaslConfigs.SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL, server.url() + "/oauth/v2/token");
        ConfigDef known = new ConfigDef();
        SaslConfigs.addClientSaslSupport(known);
        OAuthBearerLoginCallbackHandler client = new OAuthBearerLoginCallbackHandler();
        try {
            client.configure(
                    known.parse(all),
                    OAuthBearerLoginModule.OAUTHBEARER_MECHANISM,
                    List.of(new AppConfigurationEntry(
                            OAuthBearerLoginModule.class.getName(), LoginModuleControlFlag.REQUIRED, Map.of())));
            OAuthBearerTokenCallback callback = new OAuthBearerTokenCallback();
            client.handle(new Callback[] {callback});
            assertThat(callback.errorDescription()).isNull();
            return SignedJWT.parse(callback.token().value()).getJWTClaimsSet();
        } finally {
            client.close();
        }
    }

    @Test
    void byItsSecret() throws Exception {
        JsonNode program = program("");
        JWTClaimsSet claims = claimsOfWhatItGets(Map.of(
                SaslConfigs.SASL_OAUTHBEARER_CLIENT_CREDENTIALS_CLIENT_ID,
                program.get("clientId").asString(),
                SaslConfigs.SASL_OAUTHBEARER_CLIENT_CREDENTIALS_CLIENT_SECRET,
                program.get("clientSecret").asString()));
        assertThat(claims.getSubject()).isEqualTo(program.get("clientId").asString());
        assertThat(claims.getAudience()).containsExactly(Billing.AUDIENCE);
        assertThat(claims.getStringClaim("scope")).isEqualTo("invoices:read");
    }

    @Test
    void byAnAssertionThatItSignsItself() throws Exception {
        JsonNode program = program("""
                , "authentication": {"method": "federated", "issuer": "https://kafka.example",
                   "claims": {"sub": "producer-7"}, "jwks": %s}""".formatted(KEY.jwks()));
        Path pem = folder.resolve("key.pem");
        Files.writeString(
                pem,
                "-----BEGIN PRIVATE KEY-----\n"
                        + Base64.getEncoder()
                                .encodeToString(KEY.privateKey()
                                        .toRSAKey()
                                        .toRSAPrivateKey()
                                        .getEncoded())
                        + "\n-----END PRIVATE KEY-----\n");
        System.setProperty(FILES, pem.toString());
        JWTClaimsSet claims = claimsOfWhatItGets(Map.of(
                SaslConfigs.SASL_OAUTHBEARER_JWT_RETRIEVER_CLASS,
                JwtBearerJwtRetriever.class.getName(),
                SaslConfigs.SASL_OAUTHBEARER_ASSERTION_ALGORITHM,
                "RS256",
                SaslConfigs.SASL_OAUTHBEARER_ASSERTION_PRIVATE_KEY_FILE,
                pem.toString(),
                SaslConfigs.SASL_OAUTHBEARER_ASSERTION_CLAIM_ISS,
                "https://kafka.example",
                SaslConfigs.SASL_OAUTHBEARER_ASSERTION_CLAIM_SUB,
                "producer-7",
                SaslConfigs.SASL_OAUTHBEARER_ASSERTION_CLAIM_AUD,
                server.url()));
        assertThat(claims.getSubject()).isEqualTo(program.get("clientId").asString());
        assertThat(claims.getAudience()).containsExactly(Billing.AUDIENCE);
    }
}
