package dev.latchkey.verifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import dev.latchkey.verifier.AssertionVerifier.Result.Genuine;
import dev.latchkey.verifier.AssertionVerifier.Result.Refused;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Date;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whether a call came through the gateway. */
class AssertionVerifierTest {
    private static final JOSEObjectType TYPE = new JOSEObjectType("latchkey-assertion+jwt");
    private static final String ALTERED = "The assertion is not from this issuer, or was altered.";

    private final TestClock clock = new TestClock();
    private final PlayedLatchkey latchkey = new PlayedLatchkey(clock, SigningKey.es256("one"));
    private AssertionVerifier verifier;

    @BeforeEach
    void open() {
        verifier = AssertionVerifier.of(latchkey.issuer() + "/", PlayedLatchkey.AUDIENCE)
                .clock(clock)
                .start();
    }

    @AfterEach
    void close() {
        verifier.close();
        latchkey.close();
    }

    private JWTClaimsSet.Builder claims() {
        return latchkey.claims("reader")
                .expirationTime(Date.from(clock.instant().plusSeconds(60)))
                .claim("credential", "api_key")
                .claim("htm", "GET")
                .claim("htu", "/v1/invoices/7");
    }

    private static String signed(SigningKey key, JOSEObjectType type, JWTClaimsSet claims) {
        return key.sign(key.header().type(type).build(), claims);
    }

    private String signed(JWTClaimsSet.Builder claims) {
        return signed(latchkey.key(), TYPE, claims.build());
    }

    private AssertionVerifier.Result check(String assertion) {
        return verifier.check(assertion, "GET", "/v1/invoices/7");
    }

    private void assertRefused(AssertionVerifier.Result result, String reason) {
        assertThat(result).isEqualTo(new Refused(reason));
    }

    @Test
    void anAssertionSaysWhoCalls() {
        for (String target : List.of("/v1/invoices/7", "/v1/invoices/7?page=2")) {
            assertThat(verifier.check(signed(claims()), "GET", target))
                    .isInstanceOfSatisfying(Genuine.class, genuine -> {
                        assertThat(genuine.client().clientId()).isEqualTo("abc123.program");
                        assertThat(genuine.client().roles()).containsExactly("reader");
                        assertThat(genuine.client().scopes()).containsExactly("invoices:read");
                        assertThat(genuine.credential()).isEqualTo("api_key");
                    });
        }
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /v1/invoices/7",
        "get, /v1/invoices/7",
        "GET, /v1/invoices/8",
        "GET, /v1/invoices/7/",
        "GET, /v1/invoices/%37",
        "GET, ?",
        "GET, ''"
    })
    void itIsForOneCallOnly(String method, String target) {
        assertRefused(verifier.check(signed(claims()), method, target), "The assertion is for another call.");
    }

    @Test
    void aLongPathIsComparedByItsDigest() throws Exception {
        String path = "/v1/files/" + "a".repeat(2_000);
        String digest = Base64URL.encode(
                        MessageDigest.getInstance("SHA-256").digest(path.getBytes(StandardCharsets.US_ASCII)))
                .toString();
        String assertion = signed(claims().claim("htu", null).claim("htu#S256", digest));
        assertThat(verifier.check(assertion, "GET", path)).isInstanceOf(Genuine.class);
        assertRefused(verifier.check(assertion, "GET", path + "a"), "The assertion is for another call.");
        assertRefused(
                verifier.check(signed(claims().claim("htu", null)), "GET", path), "The assertion is for another call.");
    }

    @Test
    void itIsForOneApiOfOneIssuer() {
        assertRefused(check(signed(claims().audience("https://other.example"))), "The assertion is for another API.");
        assertRefused(
                check(signed(claims().audience(List.of(PlayedLatchkey.AUDIENCE, "https://other.example")))),
                "The assertion is for another API.");
        assertRefused(check(signed(claims().issuer("https://evil.example"))), ALTERED);
    }

    @Test
    void itIsValidForAMinute() {
        String assertion = signed(claims());
        clock.advance(Duration.ofMillis(59_999));
        assertThat(check(assertion)).isInstanceOf(Genuine.class);
        clock.advance(Duration.ofMillis(1));
        assertRefused(check(assertion), "The assertion has expired.");
        assertRefused(
                check(signed(claims().issueTime(Date.from(clock.instant().plusSeconds(62))))),
                "The assertion is not valid yet.");
        assertRefused(check(signed(claims().expirationTime(null))), "The assertion has expired.");
    }

    @Test
    void onlyLatchkeysKeysAndItsTypeMakeOne() {
        assertRefused(check(signed(SigningKey.es256("one"), TYPE, claims().build())), ALTERED);
        assertRefused(check(signed(SigningKey.es256("two"), TYPE, claims().build())), ALTERED);
        for (String type : List.of("at+jwt", "JWT", "token-introspection+jwt")) {
            assertRefused(check(signed(latchkey.key(), new JOSEObjectType(type), claims().build())), ALTERED);
        }
        assertRefused(check(signed(latchkey.key(), null, claims().build())), ALTERED);
        String good = signed(claims());
        for (UnaryOperator<String> change : List.<UnaryOperator<String>>of(
                text -> text + "A",
                text -> text + "=",
                text -> text.substring(0, text.lastIndexOf('.') + 1),
                text -> text.substring(1),
                text -> "Bearer " + text,
                text -> text + ", " + text)) {
            assertRefused(check(change.apply(good)), ALTERED);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "..", "a.b.c", "e30.e30.e30", "null", "eyJhbGciOiJub25lIn0.e30."})
    void nonsenseIsRefused(String assertion) {
        assertRefused(check(assertion), ALTERED);
        assertRefused(check("x".repeat(10_000)), ALTERED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"client_id", "sub", "jti", "htm"})
    void aClaimThatIsMissingIsRefused(String name) {
        assertThat(check(signed(claims().claim(name, null)))).isInstanceOf(Refused.class);
    }

    @Test
    void aCallWithoutOneDidNotComeThroughTheGateway() {
        for (String none : new String[] {null, ""}) {
            assertRefused(
                    check(none),
                    "The call has no Latchkey-Assertion. It did not come through the gateway, or its caller is not"
                            + " known.");
        }
    }

    @Test
    void aNewKeyIsFetchedWithTheFirstAssertionThatNamesIt() {
        SigningKey next = SigningKey.ed25519("next");
        latchkey.publish(next);
        assertThat(check(signed(next, TYPE, claims().build()))).isInstanceOf(Genuine.class);
    }

    @Test
    void withKeysThatAreTooOldNothingIsGenuine() {
        clock.advance(Duration.ofMinutes(6));
        assertRefused(check(signed(claims())), "Latchkey's keys are too old to check an assertion with.");
    }

    @Test
    void onceClosedItRefusesEverything() {
        verifier.close();
        assertThat(check(signed(claims()))).isInstanceOf(Refused.class);
    }

    @Test
    void anIssuerThatOthersCanChangeIsRefused() {
        assertThatThrownBy(() -> AssertionVerifier.of("http://auth.example.com", PlayedLatchkey.AUDIENCE)
                        .start())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("begins with http:");
        assertThatThrownBy(() -> AssertionVerifier.of("auth.example.com", PlayedLatchkey.AUDIENCE))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
