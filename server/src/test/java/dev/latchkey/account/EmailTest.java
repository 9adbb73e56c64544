package dev.latchkey.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.latchkey.database.TestEngine;
import dev.latchkey.problem.Problem;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class EmailTest {
    @ParameterizedTest
    @CsvSource({
        "' Ada@Example.COM ', ada@example.com",
        "MÜLLER@example.com, müller@example.com",
        "mu\u0308ller@example.com, müller@example.com",
        "user@BÜCHER.example, user@bücher.example",
        "user@bu\u0308cher.example, user@bücher.example",
        "user@xn--bcher-kva.example, user@bücher.example",
        "user@XN--BCHER-KVA.example, user@bücher.example",
        "user@mail.xn--fiqs8s, user@mail.中国",
        "user@例え。テスト, user@例え.テスト",
        "user@ｅｘａｍｐｌｅ．com, user@example.com",
        "user@faß.example, user@faß.example",
        "user@xn--no-such-name-, user@xn--no-such-name-",
        "xn--bcher-kva@example.com, xn--bcher-kva@example.com",
        "ada, ada"
    })
    void anEmailHasOneForm(String typed, String normalized) {
        assertThat(Email.normalized(typed)).isEqualTo(normalized);
        assertThat(Email.normalized(normalized)).isEqualTo(normalized);
    }

    @ParameterizedTest
    @CsvSource({
        "user@bücher.example, user@xn--bcher-kva.example",
        "müller@example.com, müller@example.com",
        "user@faß.example, user@faß.example",
        "user@ü..example, user@ü..example"
    })
    void theDnsHasItsOwnFormOfTheDomain(String normalized, String inDns) {
        assertThat(Email.asInDns(normalized)).isEqualTo(inDns);
    }

    /** Two domains must not become one, nor may one hide what makes mail go elsewhere. */
    @ParameterizedTest
    @ValueSource(strings = {"user@fass.example", "user@xn--fa-hia.example", "user@faß.example"})
    void anEmailThatOnlyLooksAlikeIsAnotherPersons(String email) {
        assertThat(List.of("user@fass.example", "user@xn--fa-hia.example", "user@faß.example"))
                .filteredOn(other -> Email.normalized(other).equals(Email.normalized(email)))
                .containsExactly(email);
    }

    @Test
    void aLongStrangeEmailTakesNoTime() {
        String label = "xn--" + "a9".repeat(200_000);
        org.junit.jupiter.api.Assertions.assertTimeoutPreemptively(Duration.ofSeconds(10), () -> {
            Email.normalized("user@" + label);
            Email.normalized("user@" + "xn--a.".repeat(100_000));
        });
    }

    @ParameterizedTest
    @EnumSource(TestEngine.class)
    void aPersonIsTheSameInEverySpelling(TestEngine engine) {
        try (Installation at = Installation.withAda(engine)) {
            assertThat(at.join("Müller@Bücher.example").email()).isEqualTo("müller@bücher.example");
            for (String spelling :
                    List.of("müller@bücher.example", "mu\u0308ller@XN--BCHER-KVA.example", "MÜLLER@BÜCHER.EXAMPLE")) {
                assertThat(at.canSignIn(spelling, Installation.PASSWORD))
                        .as(spelling)
                        .isTrue();
                assertThat(catchThrowableOfType(Problem.class, () -> at.join(spelling))
                                .code())
                        .contains("user_exists");
            }
            assertThat(at.canSignIn("muller@bücher.example", Installation.PASSWORD))
                    .isFalse();
        }
    }

    /** Chromium turned the domain into the DNS's form when a person was invited in the console. */
    @ParameterizedTest
    @EnumSource(TestEngine.class)
    void aPersonWhomAnEarlierVersionKeptInTheFormOfTheDnsStaysTheSame(TestEngine engine) {
        try (Installation at = Installation.withAda(engine)) {
            at.join("tom@bücher.example");
            at.database.change(transaction -> transaction
                    .update("update person set email = 'tom@xn--bcher-kva.example' where email = 'tom@bücher.example'")
                    .execute());
            for (String spelling : List.of("tom@xn--bcher-kva.example", "tom@bücher.example")) {
                assertThat(at.canSignIn(spelling, Installation.PASSWORD))
                        .as(spelling)
                        .isTrue();
                assertThat(catchThrowableOfType(Problem.class, () -> at.join(spelling)))
                        .as(spelling)
                        .isNotNull();
            }
        }
    }
}
