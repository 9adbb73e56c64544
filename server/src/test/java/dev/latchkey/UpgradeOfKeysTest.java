package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.SignedJWT;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.crypto.KeyedHash;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.crypto.Secret;
import dev.latchkey.crypto.Vault;
import dev.latchkey.database.TestEngine;
import java.security.SecureRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An earlier installation: one signing key without a life, and hashes made with keys of the master key itself. */
class UpgradeOfKeysTest {

    @ParameterizedTest
    @EnumSource(TestEngine.class)
    void itsSecretsAndItsSigningKeyGoOnWorking(TestEngine engine) throws Exception {
        MasterKey masterKey = MasterKey.parse("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "the test");
        Secret secret = Secret.generate(new SecureRandom());
        ECKey key = new ECKeyGenerator(Curve.P_256)
                .keyUse(KeyUse.SIGNATURE)
                .algorithm(JWSAlgorithm.ES256)
                .keyIDFromThumbprint(true)
                .generate();
        try (RunningServer server = RunningServer.startOn(
                engine,
                "2",
                "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
                "insert into key_check (singleton, sealed) values (1, '%s')"
                        .formatted(
                                new Vault(masterKey, "key check").seal("the master key fits", "the master key fits")),
                "insert into account (account_key, name, created_at) values ('k7m2qd', 'Before', 1772366400000)",
                "insert into role (role_name, description, created_at, created_by, version) values"
                        + " ('accountadmin', '', 1772366400000, 'setup', 1), ('public', '', 1772366400000, 'setup', 1)",
                "insert into api_token (client_id, description, search_text, role_name, state, created_at,"
                        + " created_by_kind, created_by_id, created_by_name, version) values"
                        + " ('k7m2qd.0123456789abcdef', 'job', 'job', 'public', 'active', 1772366400000, 'system', 's',"
                        + " 's', 1)",
                "insert into api_token_secret (client_id, secret_hash, created_at) values"
                        + " ('k7m2qd.0123456789abcdef', '%s', 1772366400000)"
                                .formatted(new KeyedHash(masterKey, "api token secret").of(secret.value())),
                "insert into signing_key (key_id, algorithm, public_jwk, sealed_private_jwk, created_at) values"
                        + " ('%s', 'ES256', '%s', '%s', 1772366400000)"
                                .formatted(
                                        key.getKeyID(),
                                        key.toPublicJWK().toJSONString(),
                                        new Vault(masterKey, "signing keys")
                                                .seal(key.toJSONString(), key.getKeyID())))) {
            Credentials job = new Credentials("k7m2qd.0123456789abcdef", secret.value());
            assertSignedWith(key, server, job);
            server.restart();
            assertSignedWith(key, server, job);
        }
    }

    private static void assertSignedWith(ECKey key, RunningServer server, Credentials job) throws Exception {
        String accessToken = server.accessToken(job);
        assertThat(SignedJWT.parse(accessToken).getHeader().getKeyID()).isEqualTo(key.getKeyID());
        assertThat(server.send(server.request("/api/v1/me")
                                .header("Authorization", "Bearer " + accessToken)
                                .build())
                        .status())
                .isEqualTo(200);
        assertThat(server.get("/oauth/v2/jwks")
                        .json()
                        .get("keys")
                        .get(0)
                        .get("kid")
                        .asString())
                .isEqualTo(key.getKeyID());
    }
}
