package dev.latchkey.verifier;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.Base64URL;
import dev.latchkey.verifier.Decision.Allowed;
import dev.latchkey.verifier.Decision.Refused;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Whatever is sent, it is answered, and only what Latchkey signed is allowed. */
class AnyAccessTokenTest {
    private static PlayedLatchkey latchkey;
    private static Verifier verifier;
    private static String good;

    @BeforeContainer
    static void open() {
        latchkey = new PlayedLatchkey(new TestClock(), SigningKey.es256("one"));
        verifier = latchkey.start();
        good = latchkey.bearer("reader").substring("Bearer ".length());
    }

    @AfterContainer
    static void close() {
        verifier.close();
        latchkey.close();
    }

    private static void assertRefused(String authorization) {
        assertThat(verifier.decide("GET", "/v1/invoices/7", authorization)).isInstanceOf(Refused.class);
    }

    @Property
    void anyStringIsRefused(@ForAll String anything) {
        assertRefused(anything);
        assertRefused("Bearer " + anything);
    }

    @Property
    void anyThreePartsAreRefused(
            @ForAll("json") String header, @ForAll("json") String claims, @ForAll byte[] signature) {
        assertRefused("Bearer " + Base64URL.encode(header) + "." + Base64URL.encode(claims) + "."
                + Base64URL.encode(signature));
    }

    /** Headers that say this and that, of right and wrong types. */
    @Provide
    Arbitrary<String> json() {
        Arbitrary<String> name = Arbitraries.of("alg", "typ", "kid", "crit", "b64", "jwk", "jku", "x5c", "exp", "iss");
        Arbitrary<String> value = Arbitraries.of(
                "\"ES256\"",
                "\"none\"",
                "\"HS256\"",
                "\"at+jwt\"",
                "\"one\"",
                "null",
                "7",
                "1e999",
                "[]",
                "[null]",
                "{}",
                "{\"kty\":\"EC\"}",
                "true",
                "\"\\u0000\"",
                "[".repeat(2_000),
                "\"x");
        Arbitrary<String> member = Combinators.combine(name, value).as((n, v) -> "\"" + n + "\":" + v);
        return member.list()
                .ofMaxSize(6)
                .map(members -> "{\"alg\":\"ES256\",\"kid\":\"one\",\"typ\":\"at+jwt\""
                        + (members.isEmpty() ? "" : "," + String.join(",", members)) + "}");
    }

    @Property(tries = 3_000)
    void aMutatedAccessTokenIsRefused(
            @ForAll @IntRange(max = 1_000) int position, @ForAll @IntRange(max = 4) int how, @ForAll char other) {
        int at = position % good.length();
        String mutated = switch (how) {
            case 0 -> good.substring(0, at) + other + good.substring(at + 1);
            case 1 -> good.substring(0, at) + other + good.substring(at);
            case 2 -> good.substring(0, at) + good.substring(at + 1);
            case 3 -> good + other;
            default -> good.substring(0, at);
        };
        // Spaces may follow the scheme.
        if (!mutated.stripLeading().equals(good)) {
            assertRefused("Bearer " + mutated);
        }
    }

    @Property
    void anyTargetAndMethodIsAnswered(@ForAll String method, @ForAll String target) {
        for (String spelled : new String[] {target, "/" + target, "/v1/invoices/7?" + target}) {
            verifier.decide(method, spelled, "Bearer " + good);
        }
        assertThat(verifier.decide("GET", "/v1/invoices/7?" + target, "Bearer " + good))
                .isInstanceOf(Allowed.class);
    }
}
