package dev.latchkey.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.http.Response;
import dev.latchkey.problem.Problem;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
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
            for (Future<Boolean> fits : threads.invokeAll(Collections.nCopies(8, match))) {
                assertThat(fits.get()).isTrue();
            }
        }
    }

    @Test
    void aFloodIsRefusedAtOnceAndToldWhenToComeBack() throws Exception {
        String hash = passwords.hash("pw");
        int right = 0;
        List<Problem> refused = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<Boolean> match = () -> passwords.matches("pw", hash);
            for (Future<Boolean> fits : threads.invokeAll(Collections.nCopies(100, match))) {
                try {
                    right += fits.get() ? 1 : 0;
                } catch (ExecutionException e) {
                    refused.add((Problem) e.getCause());
                }
            }
        }
        assertThat(right).isPositive();
        assertThat(refused).hasSize(100 - right).hasSizeGreaterThan(50).allSatisfy(problem -> {
            assertThat(problem.status()).isEqualTo(429);
            assertThat(Response.of(problem).fields())
                    .extracting(Response.Field::name)
                    .contains("Retry-After");
        });
    }

    @Test
    void otherThreadsContinueWhilePasswordsAreComputed() throws Exception {
        String hash = passwords.hash("pw");
        List<Thread> signingIn = Stream.generate(() -> Thread.startVirtualThread(() -> passwords.matches("pw", hash)))
                .limit(2L * Runtime.getRuntime().availableProcessors() + 4)
                .toList();
        int others = 0;
        while (signingIn.stream().anyMatch(Thread::isAlive)) {
            Thread.startVirtualThread(() -> {}).join();
            others++;
        }
        // On the threads that carry the others, each password would let one or two of them begin.
        assertThat(others).isGreaterThan(20 * signingIn.size());
    }
}
