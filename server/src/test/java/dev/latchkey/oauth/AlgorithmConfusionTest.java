package dev.latchkey.oauth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.util.Base64;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.latchkey.TestClock;
import dev.latchkey.access.Caller;
import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.ApiTokenTerms;
import dev.latchkey.apitoken.LastWeek;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.database.Database;
import dev.latchkey.database.TestEngine;
import dev.latchkey.event.EventLog;
import dev.latchkey.oauth.AccessTokens.Verification;
import dev.latchkey.registry.CurrentPolicy;
import dev.latchkey.signing.SigningAlgorithm;
import dev.latchkey.signing.SigningKeys;
import dev.latchkey.signing.StolenKeys;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * RFC 8725: the verifier decides about algorithm and key, never the header. Every attack changes one thing about an access
 * token that is accepted without the change.
 */
@ParameterizedClass
@EnumSource(SigningAlgorithm.class)
class AlgorithmConfusionTest {
    private static final String ISSUER = "https://auth.example.com";
    private static final String AUDIENCE = ISSUER + "/api/v1";
    private static final JOSEObjectType TYPE = new JOSEObjectType("at+jwt");

    @Parameter
    SigningAlgorithm algorithm;

    private final TestClock clock = new TestClock();
    private final MasterKey masterKey =
            MasterKey.parse(java.util.Base64.getEncoder().encodeToString(new byte[32]), "the test");
    private Database database;
    private EventLog log;
    private SigningKeys keys;
    private AccessTokens accessTokens;
    private JWK ours;
    private JWTClaimsSet claims;

    @BeforeEach
    void open() throws Exception {
        database = TestEngine.SQLITE.open();
        log = new EventLog(database, masterKey, clock);
        keys = new SigningKeys(database, log, masterKey, clock);
        keys.rotate(Caller.system("test"), algorithm);
        clock.advance(SigningKeys.ANNOUNCED);
        accessTokens = new AccessTokens(keys.current(), new CurrentPolicy(log), ISSUER, clock);
        ApiToken apiToken = new ApiToken(
                "abc123.0123456789abcdef",
                "reader",
                ApiTokenTerms.withSecret("Program", null),
                null,
                clock.instant(),
                new ApiToken.Who("system", "test", "test"),
                new ApiToken.Active(),
                null,
                LastWeek.NONE,
                1);
        SignedJWT good = SignedJWT.parse(accessTokens
                .mint(apiToken, AUDIENCE, "latchkey", Optional.empty(), null)
                .compact());
        assertThat(good.getHeader().getAlgorithm()).isEqualTo(algorithm.jws());
        claims = good.getJWTClaimsSet();
        ours = StolenKeys.privateJwk(database, masterKey, good.getHeader().getKeyID());
        assertAccepted(signed(header().build(), algorithm.signer(ours)));
    }

    @AfterEach
    void close() {
        log.close();
        database.close();
    }

    private JWSHeader.Builder header() {
        return new JWSHeader.Builder(algorithm.jws()).type(TYPE).keyID(ours.getKeyID());
    }

    private String signed(JWSHeader header, JWSSigner signer) throws Exception {
        SignedJWT jwt = new SignedJWT(header, claims);
        jwt.sign(signer);
        return jwt.serialize();
    }

    private void assertAccepted(String compact) {
        assertThat(accessTokens.verify(compact, AUDIENCE)).isInstanceOf(Verification.Verified.class);
    }

    private void assertRefused(String compact) {
        assertThat(accessTokens.verify(compact, AUDIENCE)).isInstanceOf(Verification.Invalid.class);
    }

    private String compact(String header, String signature) {
        return Base64URL.encode(header) + "." + Base64URL.encode(claims.toString()) + "." + signature;
    }

    /** RFC 7518 section 3.6. */
    @Test
    void noneIsNoAlgorithm() throws Exception {
        String good = signed(header().build(), algorithm.signer(ours));
        for (String none : List.of("none", "None", "NONE", "nOnE", "")) {
            String header = "{\"alg\":\"" + none + "\",\"typ\":\"at+jwt\",\"kid\":\"" + ours.getKeyID() + "\"}";
            assertRefused(compact(header, ""));
            assertRefused(compact(header, good.substring(good.lastIndexOf('.') + 1)));
        }
        assertRefused(good.substring(0, good.lastIndexOf('.') + 1));
    }

    /** RFC 8725 section 2.1: what is public must not become a shared secret, however its bytes are written. */
    @Test
    void thePublicKeyIsNoSharedSecret() throws Exception {
        byte[] der = switch (algorithm) {
            case ES256 -> ours.toECKey().toPublicKey().getEncoded();
            case EDDSA -> ours.toOctetKeyPair().getDecodedX();
            case RS256, PS256 -> ours.toRSAKey().toPublicKey().getEncoded();
        };
        String pem = "-----BEGIN PUBLIC KEY-----\n"
                + java.util.Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                + "\n-----END PUBLIC KEY-----\n";
        for (byte[] secret : List.of(
                der,
                pem.getBytes(StandardCharsets.US_ASCII),
                ours.toPublicJWK().toJSONString().getBytes(StandardCharsets.UTF_8))) {
            for (JWSAlgorithm hmac : List.of(JWSAlgorithm.HS256, JWSAlgorithm.HS384, JWSAlgorithm.HS512)) {
                if (secret.length >= 64 || hmac.equals(JWSAlgorithm.HS256)) {
                    assertRefused(signed(
                            new JWSHeader.Builder(hmac)
                                    .type(TYPE)
                                    .keyID(ours.getKeyID())
                                    .build(),
                            new MACSigner(secret)));
                }
            }
        }
    }

    /** The right key under another algorithm of its own family, which its bytes would fit (RFC 8725 section 3.1). */
    @Test
    void theAlgorithmIsTheKeysAndNotTheHeaders() throws Exception {
        assumeThat(algorithm).isIn(SigningAlgorithm.RS256, SigningAlgorithm.PS256);
        for (JWSAlgorithm other : List.of(
                JWSAlgorithm.RS256,
                JWSAlgorithm.RS384,
                JWSAlgorithm.RS512,
                JWSAlgorithm.PS256,
                JWSAlgorithm.PS384,
                JWSAlgorithm.PS512)) {
            if (!other.equals(algorithm.jws())) {
                JWSSigner signer = new RSASSASigner(ours.toRSAKey());
                assertRefused(signed(
                        new JWSHeader.Builder(other)
                                .type(TYPE)
                                .keyID(ours.getKeyID())
                                .build(),
                        signer));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(SigningAlgorithm.class)
    void aForeignKeyUnderOurKeyIdIsRefused(SigningAlgorithm theirs) throws Exception {
        JWK foreign = theirs.generate();
        assertRefused(signed(
                new JWSHeader.Builder(theirs.jws())
                        .type(TYPE)
                        .keyID(ours.getKeyID())
                        .build(),
                theirs.signer(foreign)));
    }

    /** The key id is looked up among our keys and nowhere else (RFC 8725 section 3.10). */
    @Test
    void aKeyIdThatPointsElsewhereIsRefused() throws Exception {
        JWSSigner signer = algorithm.signer(ours);
        assertRefused(signed(header().keyID(null).build(), signer));
        for (String kid : List.of(
                "",
                "unknown",
                "../../../../dev/null",
                "' or '1'='1",
                "https://evil.example/jwks#" + ours.getKeyID(),
                ours.getKeyID().toLowerCase(Locale.ROOT),
                ours.getKeyID() + " ")) {
            assertRefused(signed(header().keyID(kid).build(), signer));
        }
        String first = keys.list(Caller.system("test")).getLast().key().id();
        assertThat(first).as("the ES256 key of before").isNotEqualTo(ours.getKeyID());
        assertRefused(signed(header().keyID(first).build(), signer));
    }

    /** RFC 8725 section 3.10: such a header is refused even where our own key signed it, and never followed. */
    @Test
    void aHeaderWithAKeyInItIsRefused() throws Exception {
        JWK foreign = algorithm.generate();
        URI evil = URI.create("https://evil.example/keys");
        List<JWSHeader> headers = List.of(
                header().jwk(foreign.toPublicJWK()).build(),
                header().jwkURL(evil).build(),
                header().x509CertURL(evil).build(),
                header().x509CertChain(List.of(Base64.encode("their certificate")))
                        .build(),
                header().x509CertSHA256Thumbprint(Base64URL.encode("its thumbprint"))
                        .build(),
                header().criticalParams(Set.of("exp"))
                        .customParams(Map.of("exp", 1))
                        .build(),
                header().contentType("JWT").build());
        for (JWSHeader header : headers) {
            SignedJWT byThem = new SignedJWT(header, claims);
            byThem.sign(algorithm.signer(foreign));
            assertRefused(byThem.serialize());
            SignedJWT underTheirId = new SignedJWT(
                    new JWSHeader.Builder(header).keyID(foreign.getKeyID()).build(), claims);
            underTheirId.sign(algorithm.signer(foreign));
            assertRefused(underTheirId.serialize());
            assertRefused(signed(header, algorithm.signer(ours)));
        }
    }

    @Test
    void aSignatureOfAnotherLengthIsRefused() throws Exception {
        String good = signed(header().build(), algorithm.signer(ours));
        byte[] signature = new Base64URL(good.substring(good.lastIndexOf('.') + 1)).decode();
        String rest = good.substring(0, good.lastIndexOf('.') + 1);
        assertRefused(rest + Base64URL.encode(Arrays.copyOf(signature, signature.length + 1)));
        assertRefused(rest + Base64URL.encode(Arrays.copyOf(signature, signature.length - 1)));
        assertRefused(rest + Base64URL.encode(new byte[signature.length]));
    }
}
