package dev.latchkey.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
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
        assertThat(headers.cookie("session").orElse(null)).isEqualTo(value);
    }

    private static Request request(boolean secure, BasePath base) {
        return new Request(
                "GET",
                new Request.Resource("/tokens", "/tokens", Map.of(), Parameters.NONE),
                Headers.of(Map.of()),
                new byte[0],
                new Request.Sender("192.0.2.1", secure, List.of()),
                base);
    }

    @Test
    void aCookieIsOutOfReachOfScriptsAndOtherSites() {
        Request secure = request(true, BasePath.ROOT);
        assertThat(Cookies.set(secure, "session", "abc", Duration.ofHours(2)))
                .isEqualTo("session=abc; Path=/; Max-Age=7200; HttpOnly; SameSite=Lax; Secure");
        assertThat(Cookies.set(request(false, BasePath.ROOT), "session", "abc", Duration.ofHours(2)))
                .doesNotContain("Secure");
        assertThat(Cookies.clear(secure, "session"))
                .isEqualTo("session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure");
    }

    /** RFC 6265bis section 4.1.3.2: browsers take a {@code __Host-} cookie only with {@code Path=/}. */
    @Test
    void belowAPathACookieIsSentToNoOneElseOnTheHost() {
        Request below = request(true, new BasePath("/auth"));
        assertThat(Cookies.set(below, "session", "abc", Duration.ofHours(2)))
                .isEqualTo("session=abc; Path=/auth; Max-Age=7200; HttpOnly; SameSite=Lax; Secure");
        assertThat(Cookies.clear(below, "session")).contains("; Path=/auth;");
        assertThat(Cookies.secureName(below, "session")).isEqualTo("__Secure-session");
        assertThat(Cookies.secureName(request(true, BasePath.ROOT), "session")).isEqualTo("__Host-session");
    }
}
