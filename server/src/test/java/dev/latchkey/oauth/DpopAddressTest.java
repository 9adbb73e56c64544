package dev.latchkey.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which spellings of an address a DPoP proof may use. */
class DpopAddressTest {
    @ParameterizedTest
    @CsvSource({
        "https://a.example/x|y, https://a.example/x%7Cy",
        "https://a.example/[x]^2, https://a.example/%5Bx%5D%5e2",
        "https://[::1]:8443/[x], https://[::1]:8443/%5bx%5d",
        "https://A.example./x, https://a.example:443/x",
        "http://a.example.:8080/x, http://a.example:8080/x"
    })
    void theseAreTheSame(String one, String other) {
        assertThat(DpopProofs.normalized(one)).isNotNull().isEqualTo(DpopProofs.normalized(other));
    }

    @Test
    void theseAreNot() {
        assertThat(DpopProofs.normalized("https://a.example../x"))
                .isNotEqualTo(DpopProofs.normalized("https://a.example/x"));
        assertThat(DpopProofs.normalized("https://a|b/x")).isNull();
        assertThat(DpopProofs.normalized("https://a.example/x%1Fy"))
                .isNotEqualTo(DpopProofs.normalized("https://a.example/xy"));
    }
}
