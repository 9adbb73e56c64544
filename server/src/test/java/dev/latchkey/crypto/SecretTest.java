package dev.latchkey.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.CRC32;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class SecretTest {
    private static final String BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final int LENGTH = 4 + 43 + 6;

    private final SecureRandom random = new SecureRandom();

    @Test
    void aSecretHasThePublishedForm() {
        for (int i = 0; i < 1_000; i++) {
            assertThat(Secret.generate(random).value()).matches("lks_[0-9A-Za-z]{43}[0-9A-Za-z]{6}");
        }
    }

    @Test
    void itsLastSixCharactersAreTheCrc32OfWhatStandsBefore() {
        String value = Secret.generate(random).value();
        CRC32 crc = new CRC32();
        crc.update(value.substring(0, LENGTH - 6).getBytes(StandardCharsets.US_ASCII));
        long number = 0;
        for (char c : value.substring(LENGTH - 6).toCharArray()) {
            number = number * 62 + BASE62.indexOf(c);
        }
        assertThat(number).isEqualTo(crc.getValue());
    }

    /** A vector for scanners in other languages; it must never change. */
    @Test
    void aKnownSecretIsRecognised() {
        String value = "lks_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg" + "1lgkwT";
        assertThat(Secret.parse(value)).map(Secret::value).contains(value);
    }

    /** The same for an API key, which has the id of its API token in front. */
    @Test
    void aKnownApiKeyIsRecognised() {
        Secret key = Secret.generateApiKey("0123456789abcdef", random);
        assertThat(key.value()).matches("lkk_0123456789abcdef[0-9A-Za-z]{43}[0-9A-Za-z]{6}");
        assertThat(Secret.parse(key.value())).hasValueSatisfying(parsed -> {
            assertThat(parsed.form()).isEqualTo(Secret.Form.API_KEY);
            assertThat(parsed.id()).isEqualTo("0123456789abcdef");
        });
        assertThat(Secret.parse("lks_" + key.value().substring(4))).isEmpty();
        assertThat(Secret.parse("lkk_" + Secret.generate(random).value().substring(4)))
                .isEmpty();
        assertThat(key).hasToString("lkk_...");
        assertThat(Secret.masked("X-API-Key: " + key.value() + ";")).isEqualTo("X-API-Key: lkk_...;");
        assertThat(Secret.isIn("header " + key.value() + ".")).isTrue();
    }

    @Test
    void noTwoAreAlikeAndEveryCharacterVaries() {
        Set<String> seen = new HashSet<>();
        Set<Character> first = new HashSet<>();
        Set<Character> last = new HashSet<>();
        for (int i = 0; i < 5_000; i++) {
            String value = Secret.generate(random).value();
            assertThat(seen.add(value)).isTrue();
            first.add(value.charAt(4));
            last.add(value.charAt(46));
        }
        // 62^43 is a little more than 2^256, so that the first character takes few values and all others take all.
        assertThat(first).hasSizeGreaterThan(30);
        assertThat(last).hasSize(62);
    }

    @Test
    void everyGeneratedSecretIsParsedAsItself() {
        for (int i = 0; i < 1_000; i++) {
            String value = Secret.generate(random).value();
            assertThat(Secret.parse(value)).map(Secret::value).contains(value);
        }
    }

    @Property
    void aSecretWithOneOtherCharacterIsNone(
            @ForAll @IntRange(max = LENGTH - 1) int position,
            @ForAll @CharRange(from = ' ', to = '\u0100') char other) {
        String value = Secret.generate(random).value();
        if (value.charAt(position) != other) {
            assertThat(Secret.parse(value.substring(0, position) + other + value.substring(position + 1)))
                    .isEmpty();
        }
    }

    @Property
    void anyOtherTextIsNone(@ForAll @StringLength(max = 80) String text) {
        assertThat(Secret.parse(text)).isEmpty();
        assertThat(Secret.parse("lks_" + text)).isEmpty();
    }

    @Test
    void aSecretThatIsCutLengthenedOrSwappedIsNone() {
        String value = Secret.generate(random).value();
        assertThat(Secret.parse(value.substring(1))).isEmpty();
        assertThat(Secret.parse(value.substring(0, LENGTH - 1))).isEmpty();
        assertThat(Secret.parse(value + "0")).isEmpty();
        assertThat(Secret.parse(" " + value)).isEmpty();
        assertThat(Secret.parse("LKS_" + value.substring(4))).isEmpty();
        assertThat(Secret.parse("")).isEmpty();
    }

    @Test
    void aSecretDoesNotPrintItself() {
        Secret secret = Secret.generate(random);
        assertThat(secret).hasToString("lks_...");
        assertThat("" + secret).doesNotContain(secret.value().substring(4));
    }

    @Test
    void secretsInForeignTextAreMaskedAlsoWhenTheyAreCutOrAltered() {
        String value = Secret.generate(random).value();
        assertThat(Secret.masked("curl -u id:" + value + " " + value)).isEqualTo("curl -u id:lks_... lks_...");
        assertThat(Secret.masked(value.substring(0, 20))).isEqualTo("lks_...");
        assertThat(Secret.masked("x" + value + "&b=1")).isEqualTo("xlks_...&b=1");
        assertThat(Secret.masked("nothing here")).isEqualTo("nothing here");
    }
}
