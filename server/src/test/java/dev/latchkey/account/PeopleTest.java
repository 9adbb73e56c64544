package dev.latchkey.account;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PeopleTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ada@example.com",
                "a.b+c_d-e@sub.example.co.uk",
                "ada@localhost",
                "o'neill@example.com",
                "jürgen@münchen.example",
                "ada.@example.com"
            })
    void theseAreEmails(String email) {
        assertThat(People.emailError(email)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ada",
                "@example.com",
                "ada@",
                "ada@@example.com",
                "a da@example.com",
                "ada@exa mple.com",
                "ada@.example.com",
                "ada@example.com.",
                "ada@example..com",
                "Ada <ada@example.com>",
                "ada@example.com,ben@example.com",
                "ada@example.com\r\nBcc: ben@example.com",
                "ada\u0000@example.com",
                "ada\u200b@example.com",
                "ada\u00a0@example.com",
                "ada\u202e@example.com"
            })
    void theseAreNoEmails(String email) {
        assertThat(People.emailError(email)).isPresent();
    }

    @Test
    void anEmailHasAtMost254CharactersAnd64BeforeTheAt() {
        assertThat(People.emailError("a".repeat(64) + "@" + "b".repeat(189))).isEmpty();
        assertThat(People.emailError("a".repeat(64) + "@" + "b".repeat(190))).isPresent();
        assertThat(People.emailError("a".repeat(65) + "@example.com")).isPresent();
    }

    @Test
    void aLongStrangeEmailIsRefusedWithoutMuchWork() {
        assertThat(People.emailError("a@" + "b.".repeat(126))).isPresent();
        assertThat(People.emailError("a@" + ".b".repeat(1_000_000))).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Ada", "Ada King, Countess of Lovelace", "Łukasz", "李雷", "👩‍🚀 Zoë", "نرگس‌زاده"})
    void theseAreNames(String name) {
        assertThat(People.nameError("name", name)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "a\nb", "a\tb", "a\u0000b", "a\u2028b", "a\u202eb", "a\ud800b"})
    void theseAreNoNames(String name) {
        assertThat(People.nameError("name", name)).isPresent();
    }

    @Test
    void aNameHasAtMost100Characters() {
        assertThat(People.nameError("name", "a".repeat(100))).isEmpty();
        assertThat(People.nameError("name", "a".repeat(101))).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a few plain words", "zwölf Zeichen", "🐢🐇🦔🐌 and four"})
    void theseAreGoodEnoughPasswords(String password) {
        assertThat(People.passwordError("password", password, "ada@example.com"))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "elevenchars",
                "abcd        ",
                "ADA@example.com",
                "password1234",
                "PassWordPassWord",
                "aaaaaaaaaaaaaaaa"
            })
    void thesePasswordsAreTooEasy(String password) {
        assertThat(People.passwordError("password", password, "ada@example.com"))
                .isPresent();
    }

    @Test
    void aPasswordIsCountedInCharactersAsPeopleSeeThem() {
        String turtles = "🐢🐇🦔🐌🐳";
        assertThat(People.passwordError("password", turtles + "🐢🐇🦔🐌🐳🐢", "ada@example.com"))
                .as("11 characters in 22 units")
                .isPresent();
        assertThat(People.passwordError("password", turtles.repeat(40), "ada@example.com"))
                .as("200 characters in 400 units")
                .isEmpty();
        assertThat(People.passwordError("password", turtles.repeat(40) + "x", "ada@example.com"))
                .isPresent();
    }
}
