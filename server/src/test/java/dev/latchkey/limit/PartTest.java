package dev.latchkey.limit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PartTest {
    private final Part part = new Part(250);

    @Test
    void whoMustGetMoreFirstLearnsWhatThatWasDecidedBy() {
        long known = part.take(taken -> {
            // At this moment the node gets the last fifty of three hundred.
            part.answered(0, 50, 300);
            return 0;
        });
        assertThat(known).as("not 300, which would mean that all is used up").isEqualTo(250);
        assertThat(part.take(taken -> 0)).isEqualTo(Part.TAKEN);
        assertThat(part.owed()).isEqualTo(-49);
    }
}
