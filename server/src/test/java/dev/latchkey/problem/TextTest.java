package dev.latchkey.problem;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How foreign text appears in our sentences and records. */
class TextTest {
    private static final String EMOJI = "\ud83d\ude00";

    @Test
    void whatIsQuotedIsShortAndShowsThatThereIsMore() {
        assertThat(Text.quote("reader")).isEqualTo("\"reader\"");
        assertThat(Text.quote("x".repeat(61))).isEqualTo("\"" + "x".repeat(60) + "...\"");
    }

    @Test
    void whatCannotBeReadBecomesAQuestionMark() {
        assertThat(Text.cut("a\r\nb\u0000\u001b\u202e\ud800", 100)).isEqualTo("a??b????");
        assertThat(Text.cut("joined" + "\u200d", 100)).isEqualTo("joined?");
        assertThat(Text.cut("ä" + EMOJI + "\u200d" + EMOJI, 100)).isEqualTo("ä" + EMOJI + "\u200d" + EMOJI);
    }

    @Test
    void aPairOfSurrogatesIsKeptWholeOrNotAtAll() {
        assertThat(Text.cut("x" + EMOJI, 3)).isEqualTo("x" + EMOJI);
        assertThat(Text.cut("x" + EMOJI, 2)).isEqualTo("x");
        assertThat(Text.shortened("x" + EMOJI + "y", 2)).isEqualTo("x...");
        assertThat(Text.isStorable(Text.cut("\ude00" + EMOJI, 2))).isTrue();
    }

    @Test
    void nothingIsKeptOfNothing() {
        assertThat(Text.cut("", 10)).isEmpty();
        assertThat(Text.cut("x", 0)).isEmpty();
    }
}
