package dev.latchkey.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Base64;
import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class PasswordHashTest {
    private static final String FORM = "\\$argon2id\\$v=19\\$m=19456,t=2,p=1\\$[A-Za-z0-9+/]{22}\\$[A-Za-z0-9+/]{43}";

    private final PasswordHash passwords = new PasswordHash();

    @Test
    void aHashSaysThatItIsArgon2idWithTheSettingsOfTheGuide() {
        assertThat(passwords.hash("correct horse")).matches(FORM).doesNotContain("correct");
    }

    @Test
    void onlyThePasswordFitsItsHash() {
        String hash = passwords.hash("correct horse");
        assertThat(passwords.matches("correct horse", hash)).isTrue();
        assertThat(passwords.matches("correct horsf", hash)).isFalse();
        assertThat(passwords.matches("correct horse ", hash)).isFalse();
        assertThat(passwords.matches("", hash)).isFalse();
        assertThat(passwords.hash("correct horse")).as("another salt each time").isNotEqualTo(hash);
    }

    @Test
    void aHashMadeWithOtherSettingsStillFits() {
        // RFC 9106 style vector made with the reference command line tool's parameters m=64 KiB, t=2, p=1.
        String older = com.password4j.Password.hash("pw")
                .addSalt("somesalt")
                .with(com.password4j.Argon2Function.getInstance(64, 2, 1, 32, com.password4j.types.Argon2.ID))
                .getResult();
        assertThat(passwords.matches("pw", older)).isTrue();
        assertThat(passwords.matches("other", older)).isFalse();
    }

    @Test
    void aPersonWithoutAHashIsComparedAtTheSameCostAndNeverFits() {
        assertThat(PasswordHash.NOBODY).matches(FORM);
        assertThat(Base64.getDecoder().decode(PasswordHash.NOBODY.split("\\$")[5]))
                .hasSize(32);
        assertThat(passwords.matches("", null)).isFalse();
        assertThat(passwords.matches("the password of nobody", null)).isFalse();
    }

    @Test
    void thePasswordIsTheSameHoweverTheKeyboardComposesIt() {
        assertThat(passwords.matches("cafe\u0301", passwords.hash("caf\u00e9"))).isTrue();
    }

    @Test
    void aBrokenHashIsAnErrorAndNotAMatch() {
        assertThatThrownBy(() -> passwords.matches("pw", "$argon2id$broken")).isInstanceOf(RuntimeException.class);
        assertThat(passwords.matches("pw", passwords.hash("pw"))).isTrue();
    }

    @Test
    void manyAtOnceTakeTurns() throws Exception {
        String hash = passwords.hash("pw");
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<Boolean> match = () -> passwords.matches("pw", hash);
            for (Future<Boolean> fits : threads.invokeAll(Collections.nCopies(16, match))) {
                assertThat(fits.get()).isTrue();
            }
        }
    }
}
