package dev.latchkey.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AllowanceTest {
    private static final long SECOND = 1_000_000_000;

    private static long taken(Allowance allowance, int asked, long nanoTime) {
        return IntStream.range(0, asked).filter(i -> allowance.isLeft(nanoTime)).count();
    }

    @Test
    void soManyASecondAndNoMore() {
        Allowance allowance = new Allowance(100);
        assertThat(taken(allowance, 1_000, 5 * SECOND)).isEqualTo(100);
        assertThat(taken(allowance, 1_000, 6 * SECOND - 1)).isZero();
        assertThat(taken(allowance, 1_000, 6 * SECOND)).isEqualTo(100);
    }

    @Test
    void aClockThatBeganBelowZeroIsAClockAsWell() {
        Allowance allowance = new Allowance(3);
        assertThat(taken(allowance, 10, -5 * SECOND)).isEqualTo(3);
        assertThat(taken(allowance, 10, -4 * SECOND)).isEqualTo(3);
        assertThat(taken(allowance, 10, 0)).isEqualTo(3);
    }

    @Test
    void threadsThatAskAtOnceShareIt() throws Exception {
        Allowance allowance = new Allowance(5_000);
        long taken = IntStream.range(0, 20_000)
                .parallel()
                .filter(i -> allowance.isLeft(7 * SECOND))
                .count();
        assertThat(taken).isEqualTo(5_000);
    }
}
