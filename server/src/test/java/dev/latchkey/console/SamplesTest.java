package dev.latchkey.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.PastedText;
import org.junit.jupiter.api.Test;

/** The examples that the console shows. */
class SamplesTest {
    @Test
    void theCurlExampleCanBePastedIntoAnyShellAndNeedsNothingSet() {
        String curl = Samples.of("http://localhost:8080", "lk_abc").getFirst().code();
        assertThat(PastedText.faults(curl)).isEmpty();
        assertThat(curl)
                .as("without CLIENT_SECRET, curl asks")
                .contains("-u \"lk_abc${CLIENT_SECRET:+:$CLIENT_SECRET}\"")
                .doesNotContain("$CLIENT_ID");
    }
}
