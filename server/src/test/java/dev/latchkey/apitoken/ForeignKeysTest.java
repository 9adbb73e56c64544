package dev.latchkey.apitoken;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** JWK sets of others are read key by key (RFC 7517 section 5). */
class ForeignKeysTest {
    /** The public half of RFC 7515 appendix A.3. */
    private static final String GOOD =
            "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
                    + "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"";

    private static ForeignKeys read(String... keys) throws ParseException {
        return ForeignKeys.read(JSONObjectUtils.parse("{\"keys\":[" + String.join(",", keys) + "]}"));
    }

    private static List<String> ids(ForeignKeys read) {
        return read.keys().stream().map(JWK::getKeyID).toList();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "7",
                "\"x\"",
                "[]",
                "{}",
                "{\"kty\":null}",
                "{\"kty\":\"XYZ\",\"kid\":\"from-the-future\"}",
                "{\"kty\":7}",
                "{\"kty\":\"EC\"}",
                "{\"kty\":\"EC\",\"crv\":\"secp256k1\",\"x\":\"eb5mfvncu6xVoGKVzocLBwKb_NstzijZWfKBWxb4F5g\","
                        + "\"y\":\"SDradyajxGVdpPv8DhEIqP0XtEimhVQZnEfQj_sQ1Lg\"}",
                "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}",
                "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"}",
                "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"AA\"}",
                "{\"kty\":\"RSA\",\"use\":\"enc\",\"n\":\"AQAB\",\"e\":\"AQAB\"}",
                "{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}",
                "{\"kty\":\"RSA\",\"e\":\"AQAB\"}",
                "{\"kty\":\"RSA\",\"n\":null,\"e\":null}",
                "{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}",
                "{" + GOOD + ",\"use\":\"enc\"}",
                "{" + GOOD + ",\"use\":\"x509-svid\"}",
                "{" + GOOD + ",\"key_ops\":[\"sign\"]}",
                "{" + GOOD + ",\"kid\":7}",
                "{" + GOOD + ",\"alg\":[]}",
                "{" + GOOD + ",\"d\":\"x\"}"
            })
    void oneThatCannotBeUsedIsLeftOutAndNamed(String odd) throws ParseException {
        ForeignKeys read = read("{" + GOOD + ",\"kid\":\"first\"}", odd, "{" + GOOD + ",\"kid\":\"last\"}");
        assertThat(ids(read)).containsExactly("first", "last");
        assertThat(read.skipped()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ",\"x5c\":[\"MIIB\"]",
                ",\"x5c\":null,\"x5t\":7",
                ",\"use\":null,\"alg\":null,\"key_ops\":null",
                ",\"use\":\"sig\",\"key_ops\":[\"verify\"]",
                ",\"use\":\"jwt-svid\"",
                ",\"exp\":\"never\",\"something\":{\"new\":[]}"
            })
    void whatIsNotReadOfAKeyDoesNotSpoilIt(String more) throws ParseException {
        assertThat(ids(read("{" + GOOD + ",\"kid\":\"good\"" + more + "}"))).containsExactly("good");
    }

    /** A set that once made all keys of its issuer useless. */
    @Test
    void ofARealSetTheGoodKeyIsUsedAndTheOthersAreNamed() throws Exception {
        try (InputStream in = ForeignKeysTest.class.getResourceAsStream("/cases/one-unusable-key.json")) {
            ForeignKeys read =
                    ForeignKeys.read(JSONObjectUtils.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8)));
            assertThat(ids(read)).containsExactly("good");
            assertThat(read.skipped())
                    .hasSize(4)
                    .satisfiesExactly(
                            curve -> assertThat(curve).startsWith("key old-wallet"),
                            kind -> assertThat(kind).startsWith("key from-the-future"),
                            use -> assertThat(use).isEqualTo("key enc (it is not for signatures)"),
                            nothing -> assertThat(nothing).startsWith("key number 4"));
        }
    }

    @Test
    void secretsAreNoticedWhereverTheyAre() throws ParseException {
        assertThat(read("{" + GOOD + "}").holdSecrets()).isFalse();
        assertThat(read("{" + GOOD + "}", "{\"kty\":\"XYZ\",\"d\":\"x\"}").holdSecrets())
                .isTrue();
        assertThat(read("{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}").holdSecrets()).isTrue();
    }

    @Test
    void whatIsNoSetIsNone() {
        for (Map<String, ?> set : List.of(Map.<String, Object>of(), Map.of("keys", "x"), Map.of("keys", Map.of()))) {
            assertThatThrownBy(() -> ForeignKeys.read(set)).isInstanceOf(ParseException.class);
        }
    }
}
