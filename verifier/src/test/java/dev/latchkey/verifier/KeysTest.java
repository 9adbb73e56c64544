package dev.latchkey.verifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.JWKSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeysTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{}",
                "[]",
                "null",
                "{\"keys\":7}",
                "{\"keys\":[]}",
                "{\"keys\":[7]}",
                "{\"keys\":[null]}",
                "{\"keys\":[{}]}",
                "{\"keys\":[{\"kty\":\"EC\",\"use\":\"sig\",\"alg\":\"ES256\",\"kid\":\"a\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}]}",
                "{\"keys\":[{\"kty\":\"OKP\",\"use\":\"sig\",\"alg\":\"EdDSA\",\"kid\":\"a\",\"crv\":\"Ed25519\",\"x\":\"AA\"}]}",
                "{\"keys\":[{\"kty\":\"RSA\",\"use\":\"sig\",\"alg\":\"RS256\",\"kid\":\"a\",\"n\":\"\",\"e\":\"AQAB\"}]}"
            })
    void withoutAnyUsableKeyThereAreNone(String json) {
        assertThatThrownBy(() -> Keys.parse(json)).isInstanceOf(LatchkeyException.class);
    }

    @Test
    void aKeyWithoutAnIdIsNoneThatAnAccessTokenCanName() {
        SigningKey unnamed = SigningKey.es256(null);
        SigningKey named = SigningKey.es256("named");
        assertThatThrownBy(() -> Keys.parse(set(unnamed))).isInstanceOf(LatchkeyException.class);
        assertThat(Keys.parse(set(unnamed, named)).get("named")).isNotNull();
    }

    private static String set(SigningKey... keys) {
        return new JWKSet(Stream.of(keys).map(SigningKey::published).toList()).toString();
    }

    @Test
    void theSameTextMeansTheSameKeys() {
        String json = set(SigningKey.ed25519("one"));
        Keys keys = Keys.parse(json);
        assertThat(keys.get("one")).isNotNull();
        assertThat(keys.are(json)).isTrue();
        assertThat(keys.are(json + " ")).isFalse();
    }
}
