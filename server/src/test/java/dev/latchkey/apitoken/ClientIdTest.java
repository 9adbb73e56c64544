package dev.latchkey.apitoken;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be a client id; nothing else is ever looked up. */
class ClientIdTest {
    private static final String GOOD = "k7m2qd.0123456789abcdef";

    /** The same in other words: Crockford's letters, without i, l, o and u. */
    private static final Pattern FORM = Pattern.compile("[0-9a-hjkmnp-tv-z]{6}\\.[0-9a-hjkmnp-tv-z]{16}");

    @Test
    void eachPlaceTakesItsOwnCharactersAndNoOthers() {
        for (int place = 0; place < GOOD.length(); place++) {
            for (char c = 0; c < 1_000; c++) {
                String changed = GOOD.substring(0, place) + c + GOOD.substring(place + 1);
                assertThat(ClientId.isOne(changed))
                        .as("%s at %d", (int) c, place)
                        .isEqualTo(FORM.matcher(changed).matches());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "k7m2qd.",
                "k7m2qd.0123456789abcde",
                "k7m2qd.0123456789abcdef0",
                "k7m2q.0123456789abcdef",
                "k7m2qd0123456789abcdef",
                "k7m2qdd.123456789abcdef",
                " k7m2qd.0123456789abcdef",
                "k7m2qd.0123456789abcdef\n",
                "k7m2qd.0123456789abcde\ud83d\udd11"
            })
    void nothingShorterLongerOrOtherwiseDividedIsOne(String text) {
        assertThat(ClientId.isOne(text)).isFalse();
    }
}
