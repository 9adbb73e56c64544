package dev.latchkey.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.latchkey.TestClock;
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
import java.math.BigInteger;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Access tokens as RFC 9068 wants them, and what must not pass for one. */
class AccessTokensTest {
    private static final String ISSUER = "https://auth.example.com";
    private static final String AUDIENCE = ISSUER + "/api/v1";

    private final TestClock clock = new TestClock();
    private Database database;
    private MasterKey masterKey;
    private EventLog log;
    private SigningKeys keys;
    private AccessTokens accessTokens;
    private ApiToken apiToken;

    @BeforeEach
    void open() {
        database = TestEngine.SQLITE.open();
        masterKey = MasterKey.parse(Base64.getEncoder().encodeToString(new byte[32]), "the test");
        log = new EventLog(database, masterKey, clock);
        keys = new SigningKeys(database, log, masterKey, clock);
        accessTokens = new AccessTokens(keys.current(), new CurrentPolicy(log), ISSUER, clock);
        apiToken = new ApiToken(
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
    }

    @AfterEach
    void close() {
        log.close();
        database.close();
    }

    private String minted() {
        return accessTokens
                .mint(apiToken, AUDIENCE, "latchkey", Optional.empty(), null)
                .compact();
    }

    private JWTClaimsSet.Builder goodClaims() throws Exception {
        return new JWTClaimsSet.Builder(SignedJWT.parse(minted()).getJWTClaimsSet());
    }

    private JWSHeader.Builder goodHeader() throws Exception {
        return new JWSHeader.Builder(JWSAlgorithm.ES256)
                .type(new JOSEObjectType("at+jwt"))
                .keyID(kid());
    }

    private String signed(JWSHeader header, JWTClaimsSet claims) throws Exception {
        SignedJWT jwt = new SignedJWT(header, claims);
        jwt.sign(SigningAlgorithm.ES256.signer(StolenKeys.privateJwk(database, masterKey, kid())));
        return jwt.serialize();
    }

    private String kid() {
        return keys.current().published().getKeys().getFirst().getKeyID();
    }

    private void assertRefused(String compact) {
        assertThat(accessTokens.verify(compact, AUDIENCE)).isInstanceOf(Verification.Invalid.class);
    }

    @Test
    void anAccessTokenHasTheTypeAndTheClaimsOfRfc9068() throws Exception {
        SignedJWT jwt = SignedJWT.parse(minted());
        assertThat(jwt.getHeader().getType().getType()).isEqualTo("at+jwt");
        assertThat(jwt.getHeader().getAlgorithm()).isEqualTo(JWSAlgorithm.ES256);
        JWTClaimsSet claims = jwt.getJWTClaimsSet();
        assertThat(claims.getClaims().keySet())
                .containsExactlyInAnyOrder("iss", "sub", "client_id", "aud", "iat", "exp", "jti", "roles", "account");
        assertThat(claims.getIssuer()).isEqualTo(ISSUER);
        assertThat(claims.getSubject()).isEqualTo(apiToken.clientId());
        assertThat(claims.getStringClaim("account")).isEqualTo("abc123");
        assertThat(claims.getExpirationTime().getTime() - claims.getIssueTime().getTime())
                .isEqualTo(600_000);
    }

    @Test
    void whatWasMintedVerifiesUntilItExpires() {
        String compact = minted();
        assertThat(accessTokens.verify(compact, AUDIENCE)).isInstanceOf(Verification.Verified.class);
        clock.advance(Duration.ofSeconds(599));
        assertThat(accessTokens.verify(compact, AUDIENCE)).isInstanceOf(Verification.Verified.class);
        clock.advance(Duration.ofSeconds(1));
        assertRefused(compact);
    }

    @Test
    void anAlteredOneIsRefused() {
        String compact = minted();
        String[] parts = compact.split("\\.");
        for (int part = 0; part < 3; part++) {
            String[] altered = parts.clone();
            char first = altered[part].charAt(5);
            altered[part] = altered[part].substring(0, 5) + (first == 'A' ? 'B' : 'A') + altered[part].substring(6);
            assertRefused(String.join(".", altered));
        }
        assertRefused(parts[0] + "." + parts[1] + ".");
        assertRefused(parts[0] + "." + parts[1]);
        assertRefused("");
        assertRefused("x".repeat(9_000));
    }

    @Test
    void anotherTypeOfJwtIsRefused() throws Exception {
        assertRefused(signed(
                goodHeader().type(JOSEObjectType.JWT).build(), goodClaims().build()));
        assertRefused(signed(
                new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(kid()).build(),
                goodClaims().build()));
    }

    @Test
    void anotherIssuerAudienceOrTimeIsRefused() throws Exception {
        assertThat(accessTokens.verify(signed(goodHeader().build(), goodClaims().build()), AUDIENCE))
                .as("the same without the difference")
                .isInstanceOf(Verification.Verified.class);
        assertRefused(signed(
                goodHeader().build(),
                goodClaims().issuer("https://evil.example").build()));
        assertRefused(signed(
                goodHeader().build(),
                goodClaims().audience("https://other.example").build()));
        assertRefused(
                signed(goodHeader().build(), goodClaims().expirationTime(null).build()));
        assertRefused(signed(
                goodHeader().build(),
                goodClaims()
                        .issueTime(Date.from(clock.instant().plusSeconds(61)))
                        .build()));
        assertRefused(signed(goodHeader().build(), goodClaims().jwtID(null).build()));
        assertRefused(signed(
                goodHeader().build(), goodClaims().claim("client_id", null).build()));
    }

    @Test
    void theKeysSurviveARestartAndAreNotReadableWithoutTheMasterKey() {
        String compact = minted();
        MasterKey same = MasterKey.parse(Base64.getEncoder().encodeToString(new byte[32]), "the test");
        SigningKeys again = new SigningKeys(database, log, same, clock);
        assertThat(again.current().published()).isEqualTo(keys.current().published());
        assertThat(new AccessTokens(again.current(), new CurrentPolicy(log), ISSUER, clock).verify(compact, AUDIENCE))
                .isInstanceOf(Verification.Verified.class);
        assertThat(keys.current().published().toString()).doesNotContain("\"d\"");
    }

    @Test
    void anAccessTokenHasOneSpelling() {
        String good = minted();
        assertThat(accessTokens.verify(good, AUDIENCE)).isInstanceOf(Verification.Verified.class);
        String[] parts = good.split("\\.");
        for (int part = 0; part < 3; part++) {
            for (String more : List.of("*", "=", "==", "$".repeat(1_000), " ", "+", "/", "\u00e9", ".")) {
                String[] spelled = parts.clone();
                spelled[part] = parts[part] + more;
                assertRefused(String.join(".", spelled));
                spelled[part] = parts[part].substring(0, 4) + more + parts[part].substring(4);
                assertRefused(String.join(".", spelled));
            }
        }
        // 64 bytes are 86 characters; the last four bits of the last one mean nothing.
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        int last = alphabet.indexOf(good.charAt(good.length() - 1));
        for (int bits = 1; bits < 16; bits++) {
            assertRefused(good.substring(0, good.length() - 1) + alphabet.charAt(last + bits));
        }
    }

    /** Nothing can prevent this signature from being valid as well; it must not be worth anything. */
    @Test
    void theOtherSignatureOfEcdsaTakesNoSecondPlaceInTheMemory() {
        String good = minted();
        String other = malleated(good);
        assertThat(other).isNotEqualTo(good);
        for (String spelling : List.of(good, other, good, other)) {
            assertThat(accessTokens.verify(spelling, AUDIENCE)).isInstanceOf(Verification.Verified.class);
            assertThat(accessTokens.remembered()).isEqualTo(1);
        }
        assertRefused(good.substring(0, good.lastIndexOf('.') + 1) + "A".repeat(86));
    }

    /** With (r, n-s) instead of (r, s). */
    private static String malleated(String compact) {
        int dot = compact.lastIndexOf('.');
        byte[] signature = Base64.getUrlDecoder().decode(compact.substring(dot + 1));
        BigInteger order = Curve.P_256.toECParameterSpec().getOrder();
        BigInteger s = order.subtract(new BigInteger(1, Arrays.copyOfRange(signature, 32, 64)));
        byte[] other = s.toByteArray();
        Arrays.fill(signature, 32, 64, (byte) 0);
        int length = Math.min(32, other.length);
        System.arraycopy(other, other.length - length, signature, 64 - length, length);
        return compact.substring(0, dot + 1)
                + Base64.getUrlEncoder().withoutPadding().encodeToString(signature);
    }
}
