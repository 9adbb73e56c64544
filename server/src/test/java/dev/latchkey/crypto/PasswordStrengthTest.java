package dev.latchkey.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PasswordStrengthTest {
    private static final List<String> OWN = List.of("ada.lovelace@example.com", "ada.lovelace");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "qwerty123456",
                "Password1234!",
                "admin1234567",
                "iloveyou1234",
                "P@ssw0rd2026",
                "aaaaaaaaaaaaaaaa",
                "abcabcabcabc",
                "123456789012",
                "ada.lovelace",
                "ada.lovelace@example.com",
                "zxcvbnm,./123",
                "passwordpassword",
            })
    void whatPeopleChooseFirstIsRefusedWithTheReason(String password) {
        assertThat(PasswordStrength.weakness(password, OWN).orElseThrow())
                .matches("This password is too easy to guess: [a-z\"].*\\. Use a few words .*")
                .doesNotContain(password);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a few plain words",
                "other plain words",
                "eleven odd wombats sing",
                "correct-horse-battery",
                "x7Kp!qz4Wm2v",
                "\u043A\u043E\u0440\u043E\u0432\u0430 \u043D\u0430 \u0437\u0435\u043B\u0451\u043D\u043E\u0439 \u043B\u0443\u043D\u0435",
            })
    void aFewWordsAreAccepted(String password) {
        assertThat(PasswordStrength.weakness(password, OWN)).isEmpty();
    }

    @Test
    void theReasonIsInEnglishWhateverTheMachineSpeaks() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.JAPANESE);
            assertThat(PasswordStrength.weakness("qwerty123456", OWN).orElseThrow())
                    .matches("\\p{ASCII}+");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void theLongestPasswordsTakeAsLittleTimeAsOthers() {
        String worst = "\uD83D\uDE00" + "qwErty1!dragon2024".repeat(11);
        assertThat(Duration.ofSeconds(5)).isGreaterThan(timed(() -> PasswordStrength.weakness(worst, OWN)));
    }

    private static Duration timed(Runnable work) {
        long began = System.nanoTime();
        work.run();
        return Duration.ofNanos(System.nanoTime() - began);
    }
}
