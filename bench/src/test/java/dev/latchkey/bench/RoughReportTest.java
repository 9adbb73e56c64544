package dev.latchkey.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.bench.RoughReport.Cell;
import dev.latchkey.bench.Steady.Outcome;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RoughReportTest {
    private static final Usage USAGE = new Usage(0, 0, 0, 0, 0);
    private static final Outcome PROMPT = answered(200, 2);
    private static final Cell QUIET = new Cell(PROMPT, PROMPT, PROMPT, USAGE);

    /** A hundred answers, all after so many milliseconds. */
    private static Outcome answered(int status, long millis) {
        long[] micros = LongStream.generate(() -> millis * 1_000).limit(100).toArray();
        return new Outcome(Map.of(status, 100L), micros, new long[0]);
    }

    @Test
    void fiftyMillisecondsAreGoodHoweverQuickItWasWhenNothingElseWentOn() {
        assertThat(new Cell(answered(200, 50), answered(200, 50), PROMPT, USAGE).misses(QUIET))
                .isEmpty();
        assertThat(new Cell(answered(200, 51), answered(200, 51), PROMPT, USAGE).misses(QUIET))
                .containsExactly("token endpoint", "gate");
    }

    @Test
    void threeTimesOfWhatItWasIsGoodHoweverLongThatIs() {
        Cell slow = new Cell(answered(200, 40), answered(200, 20), PROMPT, USAGE);

        assertThat(new Cell(answered(200, 120), answered(200, 60), PROMPT, USAGE).misses(slow))
                .isEmpty();
        assertThat(new Cell(answered(200, 121), answered(200, 60), PROMPT, USAGE).misses(slow))
                .containsExactly("token endpoint");
    }

    @Test
    void oneRefusalAndOneMissingAnswerAreTooMany() {
        assertThat(new Cell(answered(503, 2), PROMPT, PROMPT, USAGE).misses(QUIET))
                .containsExactly("refusals");
        assertThat(new Cell(PROMPT, answered(0, 2), PROMPT, USAGE).misses(QUIET))
                .containsExactly("refusals");
    }

    @Test
    void whetherItLivesIsToldWithinATenthOfASecondEachTime() {
        assertThat(new Cell(PROMPT, PROMPT, answered(200, 100), USAGE).misses(QUIET))
                .isEmpty();
        assertThat(new Cell(PROMPT, PROMPT, answered(200, 101), USAGE).misses(QUIET))
                .containsExactly("`/health/live`");
        assertThat(new Cell(PROMPT, PROMPT, answered(503, 2), USAGE).misses(QUIET))
                .containsExactly("`/health/live`");
    }
}
