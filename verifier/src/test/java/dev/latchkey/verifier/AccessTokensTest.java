package dev.latchkey.verifier;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.latchkey.verifier.Decision.Allowed;
import dev.latchkey.verifier.Decision.Unauthenticated;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Access tokens as RFC 9068 requires them, and what must not be accepted as one. */
class AccessTokensTest {
    private static final JOSEObjectType TYPE = new JOSEObjectType("at+jwt");

    private final TestClock clock = new TestClock();
    private final SigningKey key = SigningKey.es256("one");
    private PlayedLatchkey latchkey;
    private Verifier verifier;

    @BeforeEach
    void open() {
        latchkey = new PlayedLatchkey(clock, key);
        verifier = latchkey.start();
    }

    @AfterEach
    void close() {
        verifier.close();
        latchkey.close();
    }

    private JWTClaimsSet.Builder claims() {
        return latchkey.claims("reader");
    }

    @Test
    void oneThatIsBoundToItsSenderIsNotTakenAsABearerToken() {
        assertRefused(
                key.sign(claims().claim("cnf", Map.of("jkt", "thumbprint")).build()));
    }

    private Decision decide(String compact) {
        return decideHeader("Bearer " + compact);
    }

    private Decision decideHeader(String header) {
        return verifier.decide("GET", "/v1/invoices/7", header);
    }

    /** Twice, because what was seen before takes another way. */
    private void assertAccepted(String compact) {
        assertThat(decide(compact)).isInstanceOf(Allowed.class);
        assertThat(decide(compact)).isInstanceOf(Allowed.class);
    }

    private void assertRefused(String compact) {
        for (int i = 0; i < 2; i++) {
            assertThat(decide(compact))
                    .isInstanceOfSatisfying(
                            Unauthenticated.class,
                            refused -> assertThat(refused.credentialSent()).isTrue());
        }
    }

    static Stream<SigningKey> keysOfEveryKind() {
        return Stream.of(
                SigningKey.es256("k"),
                SigningKey.ed25519("k"),
                SigningKey.rsa("k", JWSAlgorithm.RS256, 2048),
                SigningKey.rsa("k", JWSAlgorithm.PS256, 2048));
    }

    @ParameterizedTest
    @MethodSource("keysOfEveryKind")
    void anAccessTokenIsAcceptedWhateverKindOfKeySignedIt(SigningKey kind) {
        try (PlayedLatchkey other = new PlayedLatchkey(clock, kind);
                Verifier ofOther = other.start()) {
            String good = other.bearer("reader");
            assertThat(ofOther.decide("GET", "/v1/invoices/7", good)).isInstanceOf(Allowed.class);
            int dot = good.lastIndexOf('.') + 5;
            String altered = good.substring(0, dot) + (good.charAt(dot) == 'A' ? 'B' : 'A') + good.substring(dot + 1);
            assertThat(ofOther.decide("GET", "/v1/invoices/7", altered)).isInstanceOf(Unauthenticated.class);
            for (int left = 0; left < 10; left++) {
                String cut = good.substring(0, good.lastIndexOf('.') + 1 + left);
                assertThat(ofOther.decide("GET", "/v1/invoices/7", cut)).isInstanceOf(Unauthenticated.class);
                assertThat(ofOther.decide("GET", "/v1/invoices/7", good + "A".repeat(left + 1)))
                        .isInstanceOf(Unauthenticated.class);
            }
        }
    }

    @Test
    void theClientIsWhatTheAccessTokenSays() {
        Allowed allowed = (Allowed) decide(key.sign(claims().build()));
        assertThat(allowed.client())
                .isEqualTo(new Client("abc123.program", Set.of("reader"), "abc123", Set.of("invoices:read")));
        assertThat(allowed.endpoint())
                .isEqualTo(new Endpoint("GET", "/invoices/{id}", Endpoint.Access.PRIVILEGE, List.of("invoices:read")));
    }

    @Test
    void anAlteredOneIsRefused() {
        String compact = key.sign(claims().build());
        assertAccepted(compact);
        String[] parts = compact.split("\\.");
        for (int part = 0; part < 3; part++) {
            String[] altered = parts.clone();
            char old = altered[part].charAt(5);
            altered[part] = altered[part].substring(0, 5) + (old == 'A' ? 'B' : 'A') + altered[part].substring(6);
            assertRefused(String.join(".", altered));
        }
        assertRefused(parts[0] + "." + parts[1] + ".");
        assertRefused(parts[0] + "." + parts[1]);
        assertRefused(compact + ".");
        assertRefused(compact + "." + parts[1] + "." + parts[2]);
        assertRefused("");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "[]",
                "7",
                "",
                "{}",
                "{\"alg\":null}",
                "{\"alg\":\"\"}",
                "{\"alg\":7}",
                "{\"alg\":\"ES256\",\"kid\":7}",
                "{\"alg\":\"ES256\",\"kid\":\"one\",\"typ\":null}",
                "{\"alg\":\"ES256\",\"kid\":\"one\",\"typ\":\"at+jwt\",\"crit\":[null]}",
                "{\"alg\":\"ES256\",\"kid\":\"one\",\"typ\":\"at+jwt\",\"alg\":\"none\"}"
            })
    void aHeaderThatIsNoneIsRefused(String header) {
        String[] parts = key.sign(claims().build()).split("\\.");
        assertRefused(Base64URL.encode(header) + "." + parts[1] + "." + parts[2]);
    }

    @Test
    void noneIsNoAlgorithm() {
        assertRefused(new PlainJWT(claims().build()).serialize());
        String header = Base64URL.encode("{\"alg\":\"none\",\"typ\":\"at+jwt\",\"kid\":\"one\"}")
                .toString();
        assertRefused(header + "." + Base64URL.encode(claims().build().toString()) + ".");
    }

    @Test
    void thePublicKeyIsNoSharedSecret() throws Exception {
        byte[] json = key.published().toJSONString().getBytes(StandardCharsets.UTF_8);
        byte[] encoded = key.published().toECKey().toECPublicKey().getEncoded();
        for (byte[] secret : List.of(json, encoded)) {
            SignedJWT jwt = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.HS256)
                            .type(TYPE)
                            .keyID("one")
                            .build(),
                    claims().build());
            jwt.sign(new MACSigner(secret));
            assertRefused(jwt.serialize());
        }
    }

    @Test
    void theAlgorithmIsTheKeysWhateverTheHeaderSays() {
        SigningKey pss = SigningKey.rsa("rsa", JWSAlgorithm.PS256, 2048);
        try (PlayedLatchkey other = new PlayedLatchkey(clock, pss);
                Verifier ofOther = other.start()) {
            // The same key signs each of them, and its verifier could check each.
            for (JWSAlgorithm algorithm : List.of(JWSAlgorithm.RS256, JWSAlgorithm.PS384, JWSAlgorithm.RS512)) {
                String signed = pss.sign(
                        new JWSHeader.Builder(algorithm).type(TYPE).keyID("rsa").build(),
                        other.claims("reader").build());
                assertThat(ofOther.decide("GET", "/v1/invoices/7", "Bearer " + signed))
                        .isInstanceOf(Unauthenticated.class);
            }
            assertThat(ofOther.decide("GET", "/v1/invoices/7", other.bearer("reader")))
                    .isInstanceOf(Allowed.class);
        }
    }

    @Test
    void aKeyInTheTokenIsNotLatchkeys() {
        SigningKey foreign = SigningKey.es256("foreign");
        URI evil = URI.create(latchkey.issuer() + "/evil");
        Base64URL digest = Base64URL.encode("x");
        for (JWSHeader header : List.of(
                key.header().jwk(foreign.published()).build(),
                key.header().keyID("foreign").jwk(foreign.published()).build(),
                key.header().keyID("foreign").jwkURL(evil).build(),
                key.header().keyID("foreign").x509CertURL(evil).build(),
                key.header().keyID(null).jwk(foreign.published()).build(),
                key.header().x509CertSHA256Thumbprint(digest).build(),
                key.header().build())) {
            assertRefused(foreign.sign(header, claims().build()));
        }
        assertThat(latchkey.requests("/evil")).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../../../dev/null",
                "' OR 1=1 --",
                "http://evil.example/key",
                "ONE",
                "one ",
                "",
                "one\u0000",
                "/oauth/v2/token"
            })
    void aKeyIdOnlyEverPicksAmongLatchkeysKeys(String id) {
        assertRefused(key.sign(key.header().keyID(id).build(), claims().build()));
        assertRefused(SigningKey.es256(id).sign(claims().build()));
    }

    @Test
    void withoutAKeyIdNoKeyIsTried() {
        assertRefused(key.sign(key.header().keyID(null).build(), claims().build()));
        assertThat(latchkey.requests("/oauth/v2/jwks"))
                .as("there is nothing to look for")
                .isEqualTo(1);
    }

    @Test
    void keysForOtherPurposesOrTooWeakAreNotUsed() throws Exception {
        List<SigningKey> unfit = List.of(
                SigningKey.es256("encryption", com.nimbusds.jose.jwk.KeyUse.ENCRYPTION),
                SigningKey.es256("unsaid", null),
                SigningKey.es384("curve"),
                SigningKey.rsa("long", JWSAlgorithm.RS512, 2048),
                SigningKey.rsa("weak", JWSAlgorithm.RS256, 1024));
        try (PlayedLatchkey other = new PlayedLatchkey(
                clock, Stream.concat(Stream.of(key), unfit.stream()).toArray(SigningKey[]::new))) {
            other.jwks = other.jwks.replaceFirst(
                    "\\[",
                    "[{\"kty\":\"oct\",\"use\":\"sig\",\"alg\":\"HS256\",\"kid\":\"secret\",\"k\":\"c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2U\"},"
                            + "{\"kty\":\"new\",\"kid\":\"new\"},{\"kty\":\"EC\",\"kid\":\"broken\",\"use\":\"sig\",\"alg\":\"ES256\"},");
            try (Verifier ofOther = other.start()) {
                for (SigningKey one : unfit) {
                    assertThat(ofOther.decide(
                                    "GET",
                                    "/v1/invoices/7",
                                    "Bearer " + one.sign(other.claims("reader").build())))
                            .as(one.published().getKeyID())
                            .isInstanceOf(Unauthenticated.class);
                }
                SignedJWT hmac = new SignedJWT(
                        new JWSHeader.Builder(JWSAlgorithm.HS256)
                                .type(TYPE)
                                .keyID("secret")
                                .build(),
                        other.claims("reader").build());
                hmac.sign(new MACSigner("secretsecretsecretsecretsecretse"));
                assertThat(ofOther.decide("GET", "/v1/invoices/7", "Bearer " + hmac.serialize()))
                        .isInstanceOf(Unauthenticated.class);
                assertThat(ofOther.decide("GET", "/v1/invoices/7", other.bearer("reader")))
                        .as("the good one among them")
                        .isInstanceOf(Allowed.class);
            }
        }
    }

    @Test
    void anotherTypeOfJwtIsRefused() {
        assertAccepted(key.sign(
                key.header().type(new JOSEObjectType("application/at+jwt")).build(), claims().build()));
        assertAccepted(key.sign(key.header().type(new JOSEObjectType("AT+JWT")).build(), claims().build()));
        assertRefused(key.sign(key.header().type(JOSEObjectType.JWT).build(), claims().build()));
        assertRefused(key.sign(key.header().type(new JOSEObjectType("dpop+jwt")).build(), claims().build()));
        assertRefused(key.sign(key.header().type(null).build(), claims().build()));
    }

    @ParameterizedTest
    @MethodSource("keysOfEveryKind")
    void anExtensionThatMustBeUnderstoodIsNot(SigningKey kind) {
        try (PlayedLatchkey other = new PlayedLatchkey(clock, kind);
                Verifier ofOther = other.start()) {
            for (JWSHeader header : List.of(
                    kind.header()
                            .criticalParams(Set.of("exp"))
                            .customParam("exp", 1)
                            .build(),
                    kind.header()
                            .criticalParams(Set.of("b64"))
                            .base64URLEncodePayload(false)
                            .build(),
                    kind.header().base64URLEncodePayload(false).build())) {
                String signed = kind.sign(header, other.claims("reader").build());
                assertThat(ofOther.decide("GET", "/v1/invoices/7", "Bearer " + signed))
                        .isInstanceOf(Unauthenticated.class);
            }
        }
    }

    @Test
    void anotherIssuerOrAudienceIsRefused() {
        assertRefused(key.sign(claims().issuer("https://evil.example").build()));
        assertRefused(key.sign(claims().issuer(latchkey.issuer() + "/").build()));
        assertRefused(key.sign(claims().issuer(null).build()));
        assertRefused(key.sign(claims().audience("https://other.example").build()));
        assertRefused(key.sign(claims().audience(latchkey.issuer() + "/api/v1").build()));
        assertRefused(key.sign(claims().audience((String) null).build()));
        assertAccepted(key.sign(claims().audience(List.of("https://other.example", PlayedLatchkey.AUDIENCE))
                .build()));
    }

    static Stream<Function<JWTClaimsSet.Builder, JWTClaimsSet.Builder>> withoutOneClaim() {
        return Stream.of(
                claims -> claims.expirationTime(null),
                claims -> claims.issueTime(null),
                claims -> claims.jwtID(null),
                claims -> claims.subject(null),
                claims -> claims.claim("client_id", null),
                claims -> claims.claim("client_id", ""),
                claims -> claims.subject(""),
                claims -> claims.jwtID(""));
    }

    @ParameterizedTest
    @MethodSource("withoutOneClaim")
    void everyClaimOfRfc9068MustBeThere(Function<JWTClaimsSet.Builder, JWTClaimsSet.Builder> without) {
        assertRefused(key.sign(without.apply(claims()).build()));
    }

    @Test
    void claimsOfTheWrongTypeAreRefused() {
        for (Map.Entry<String, Object> wrong : Map.<String, Object>of(
                        "exp",
                        "tomorrow",
                        "iat",
                        List.of(),
                        "nbf",
                        "now",
                        "client_id",
                        7,
                        "sub",
                        List.of("a"),
                        "jti",
                        1,
                        "roles",
                        "reader",
                        "scope",
                        List.of("invoices:read"),
                        "scope_limited",
                        "yes",
                        "account",
                        5)
                .entrySet()) {
            assertRefused(
                    key.sign(claims().claim(wrong.getKey(), wrong.getValue()).build()));
        }
        assertRefused(key.sign(claims().claim("roles", List.of("reader", 7)).build()));
        assertRefused(key.sign(key.header().build(), Base64URL.encode("[]").toString()));
        assertRefused(key.sign(key.header().build(), Base64URL.encode("null").toString()));
        assertRefused(key.sign(key.header().build(), Base64URL.encode("{").toString()));
        assertRefused(key.sign(key.header().build(), ""));
    }

    @Test
    void itCountsUntilItExpiresAndNoMoment() {
        String compact = key.sign(claims().build());
        assertAccepted(compact);
        clock.advance(Duration.ofSeconds(120));
        clock.advance(Duration.ofSeconds(120));
        assertAccepted(compact);
        String shortLived =
                key.sign(claims().expirationTime(Date.from(clock.instant().plusSeconds(10)))
                        .build());
        assertAccepted(shortLived);
        clock.advance(Duration.ofSeconds(9));
        assertAccepted(shortLived);
        clock.advance(Duration.ofSeconds(1));
        assertRefused(shortLived);
        assertRefused(
                key.sign(claims().expirationTime(Date.from(clock.instant())).build()));
    }

    @Test
    void whatIsNotValidYetIsRefusedButForASmallDifferenceOfClocks() {
        Date soon = Date.from(clock.instant().plusSeconds(55));
        Date later = Date.from(clock.instant().plusSeconds(70));
        assertAccepted(key.sign(claims().issueTime(soon).build()));
        assertAccepted(key.sign(claims().notBeforeTime(soon).build()));
        assertRefused(key.sign(claims().issueTime(later).build()));
        assertRefused(key.sign(claims().notBeforeTime(later).build()));
    }

    @Test
    void anOversizedOneIsRefusedThoughItIsSigned() {
        String fits = key.sign(claims().claim("padding", "x".repeat(5_000)).build());
        assertThat(fits).hasSizeLessThan(8 * 1024);
        assertAccepted(fits);
        String tooLong = key.sign(claims().claim("padding", "x".repeat(6_000)).build());
        assertThat(tooLong).hasSizeGreaterThan(8 * 1024);
        assertThat(decide(tooLong)).isEqualTo(new Unauthenticated(true, "The access token is too long."));
        assertRefused("x".repeat(1_000_000));
    }

    @Test
    void theHeaderHoldsTheSchemeAndOneAccessToken() {
        String compact = key.sign(claims().build());
        for (String good : List.of("Bearer ", "bearer ", "BEARER ", "Bearer  ")) {
            assertThat(decideHeader(good + compact)).as(good).isInstanceOf(Allowed.class);
        }
        for (String bad : List.of(
                compact,
                "Bearer" + compact,
                "Bearer\t" + compact,
                " Bearer " + compact,
                "Bearer " + compact + " ",
                "Bearer " + compact + " x",
                "Bearer " + compact + "," + compact,
                "Bearer " + compact + ", Bearer " + compact,
                "Bearer \"" + compact + "\"",
                "Bearer " + compact + "=",
                "Bearer " + compact.replace(".", ".\n"),
                "Bearer " + compact + "%00",
                "Basic " + compact,
                "DPoP " + compact,
                "Bearer",
                "Bearer ",
                "")) {
            assertThat(decideHeader(bad)).as(bad).isInstanceOf(Unauthenticated.class);
        }
    }

    @Test
    void nothingWasSentIsAnotherAnswerThanSomethingWrongWasSent() {
        assertThat(verifier.decide("GET", "/v1/invoices/7", null))
                .isEqualTo(new Unauthenticated(
                        false, "Send an access token for https://billing.example as Authorization: Bearer."));
        assertThat(decideHeader("Basic eDp5"))
                .isEqualTo(new Unauthenticated(true, "Send an access token as Authorization: Bearer."));
    }

    @Test
    void aReasonNeverRepeatsWhatWasSent() {
        assertThat(decide("lks_a_callers_secret").toString()).doesNotContain("callers_secret");
        assertThat(new Call("GET", "/", "Bearer secret", List.of()).toString()).doesNotContain("secret");
    }

    @Test
    void anAccessTokenHasOneSpelling() {
        String good = latchkey.bearer("reader").substring("Bearer ".length());
        assertAccepted(good);
        String[] parts = good.split("\\.");
        for (int part = 0; part < 3; part++) {
            for (String more : List.of("*", "=", "==", "$".repeat(1_000), " ", "+", "/", "\u00e9", ".")) {
                String[] spelled = parts.clone();
                spelled[part] = spelled[part] + more;
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
}
