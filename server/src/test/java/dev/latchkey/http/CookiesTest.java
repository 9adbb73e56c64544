package dev.latchkey.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CookiesTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "none", textBlock = """
            session=abc                   | abc
            a=1; session=abc; b=2         | abc
            a=1;session=abc               | abc
            session=a=b==                 | a=b==
            session=first; session=second | first
            session=                      | ''
            xsession=abc                  | none
            Session=abc                   | none
            session                       | none
            =abc                          | none
            ;;;                           | none
            """)
    void aCookieIsFoundByItsExactName(String header, String value) {
        Headers headers = Headers.of(Map.of("Cookie", header));
        assertThat(Cookies.find(headers, "session").orElse(null)).isEqualTo(value);
    }

    @Test
    void aCookieIsOutOfReachOfScriptsAndOtherSites() {
        assertThat(Cookies.set("session", "abc", Duration.ofHours(2), true))
                .isEqualTo("session=abc; Path=/; Max-Age=7200; HttpOnly; SameSite=Lax; Secure");
        assertThat(Cookies.set("session", "abc", Duration.ofHours(2), false)).doesNotContain("Secure");
        assertThat(Cookies.clear("session", true))
                .isEqualTo("session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure");
    }
}
