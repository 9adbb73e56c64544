package dev.latchkey.verifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.JWKSet;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A verifier starts with everything it needs, or says what is missing. */
class StartTest {
    private final SigningKey key = SigningKey.es256("one");
    private final PlayedLatchkey latchkey = new PlayedLatchkey(new TestClock(), key);

    @AfterEach
    void close() {
        latchkey.close();
    }

    private void assertFails(Verifier.Builder builder, String... saying) {
        assertThatThrownBy(() -> builder.start().close())
                .isInstanceOf(LatchkeyException.class)
                .hasMessageContainingAll(saying)
                .message()
                .doesNotContain("lks_");
    }

    @Test
    void aSlashAtTheEndOfTheIssuerDoesNotMatter() {
        Verifier.of(latchkey.issuer() + "/", "billing")
                .credentials(PlayedLatchkey.CLIENT_ID, PlayedLatchkey.SECRET)
                .start()
                .close();
    }

    @Test
    void nothingListens() {
        latchkey.close();
        assertFails(latchkey.verifier(), "GET " + latchkey.issuer(), "ConnectException");
    }

    @ParameterizedTest
    @CsvSource({
        "/.well-known/oauth-authorization-server, 404, answered with 404",
        "/.well-known/oauth-authorization-server, 302, answered with 302",
        "/oauth/v2/jwks, 500, answered with 500",
        "/oauth/v2/jwks, 302, answered with 302",
        "/oauth/v2/token, 302, answered with 302",
        "/oauth/v2/token, 429, answered with 429",
        "/api/v1/apis/billing/policy, 302, answered with 302",
        "/api/v1/apis/billing/policy, 304, answered with 304",
        "/api/v1/apis/billing/policy, 401, answered with 401",
        "/api/v1/apis/billing/policy, 403, apis:read",
        "/api/v1/apis/billing/policy, 404, no API named billing"
    })
    void anAnswerThatIsNoneIsNamed(String path, int status, String saying) {
        latchkey.answer(path, status);
        assertFails(latchkey.verifier(), saying, latchkey.issuer() + path);
        assertThat(latchkey.requests("/elsewhere"))
                .as("redirects are not followed")
                .isZero();
    }

    @Test
    void aWrongSecretIsNamedButNotRepeated() {
        assertFails(
                latchkey.verifier().credentials(PlayedLatchkey.CLIENT_ID, "lks_wrong"),
                "answered with 401",
                "secret is wrong",
                PlayedLatchkey.CLIENT_ID);
    }

    @Test
    void theMetadataMustBeOfTheIssuerAndPointBelowIt() {
        String good = latchkey.metadata;
        String issuer = latchkey.issuer();
        for (UnaryOperator<String> change : List.<UnaryOperator<String>>of(
                metadata -> metadata.replace("\"issuer\":\"", "\"issuer\":\"https://evil.example/"),
                metadata -> metadata.replace("\"issuer\"", "\"other\""))) {
            latchkey.metadata = change.apply(good);
            assertFails(latchkey.verifier(), "an issuer other than " + issuer);
        }
        for (UnaryOperator<String> change : List.<UnaryOperator<String>>of(
                metadata -> metadata.replace("jwks_uri\":\"" + issuer, "jwks_uri\":\"http://evil.example"),
                metadata -> metadata.replace("token_endpoint\":\"" + issuer, "token_endpoint\":\"http://evil.example"),
                metadata -> metadata.replace("/oauth/v2/token", "9/oauth/v2/token"),
                metadata -> metadata.replace("/oauth/v2/token", "@evil.example/token"),
                metadata -> metadata.replace("/oauth/v2/jwks", "/a b"),
                metadata -> metadata.replace("jwks_uri", "x"),
                metadata -> metadata.replace("token_endpoint", "x"))) {
            latchkey.metadata = change.apply(good);
            assertFails(latchkey.verifier(), "below the issuer");
        }
        for (String none : List.of("<html>", "null", "{")) {
            latchkey.metadata = none;
            assertFails(latchkey.verifier(), "JSON object");
        }
    }

    @Test
    void theKeysMustBeUsable() {
        latchkey.jwks = "{\"keys\":[]}";
        assertFails(latchkey.verifier(), "publishes no key");
        latchkey.jwks = "nothing";
        assertFails(latchkey.verifier(), "not a JWK set");
        latchkey.jwks =
                new JWKSet(List.of(key.published(), SigningKey.ed25519("one").published())).toString();
        assertFails(latchkey.verifier(), "same id");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "two words", "a\\r\\nX: y", "a\\\"b"})
    void anAccessTokenThatIsNoneIsNotSent(String accessToken) {
        latchkey.accessToken = accessToken;
        assertFails(latchkey.verifier(), "without an access token");
    }

    @Test
    void anAnswerIsBounded() {
        latchkey.policy =
                PlayedLatchkey.POLICY.replace("\"future\":{", "\"future\":{\"y\":\"" + "x".repeat(17_000_000) + "\",");
        assertFails(latchkey.verifier(), "longer than");
    }

    @Test
    void aPolicyThatIsNotUnderstoodIsNoStart() {
        latchkey.policy = PlayedLatchkey.POLICY.replace("\"public\"", "\"sometimes\"");
        assertFails(latchkey.verifier(), "policy of billing cannot be used", "is unknown; a newer");
    }

    @Test
    void anAccessTokenWithoutALifetimeIsUsedOnce() {
        latchkey.lifetime = 0;
        latchkey.start().close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "auth.example.com",
                "ftp://auth.example.com",
                "https://",
                "https://user@auth.example.com",
                "https://auth.example.com?x",
                "https://auth.example.com#x",
                "not a url"
            })
    void theIssuerMustBeABaseUrl(String issuer) {
        assertThatThrownBy(() -> Verifier.of(issuer, "billing")).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/b", "..", "a?b", "a b", "ä"})
    void theNameOfTheApiMustBeOne(String api) {
        assertThatThrownBy(() -> Verifier.of(latchkey.issuer(), api)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void plainHttpToAnotherMachineMustBeSaid() {
        Verifier.Builder builder = Verifier.of("http://auth.invalid", "billing").credentials("a", "lks_b");
        assertThatThrownBy(builder::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("plainHttp()");
        assertThatThrownBy(builder.plainHttp()::start).isInstanceOf(LatchkeyException.class);
    }

    @Test
    void settingsMustGoTogether() {
        for (Verifier.Builder builder : List.of(
                Verifier.of(latchkey.issuer(), "billing"),
                latchkey.verifier().refreshInterval(Duration.ofMillis(999)),
                latchkey.verifier().maximumStaleness(Duration.ofSeconds(10)),
                latchkey.verifier().maximumStaleness(Duration.ofDays(2)))) {
            assertThatThrownBy(builder::start).isInstanceOf(IllegalStateException.class);
        }
    }
}
