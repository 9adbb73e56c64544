package dev.latchkey.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.eclipse.jetty.http.HttpFields;
import org.junit.jupiter.api.Test;

class HeadersTest {
    private final Headers headers = new Headers(HttpFields.build()
            .add("X-Hop", "one")
            .add("DPoP", "proof")
            .add("x-hop", "two")
            .add("X-HOP", "")
            .add("X-Hops", "another")
            .asImmutable());

    @Test
    void allValuesOfANameComeInTheOrderReceivedWhateverItsLetterCase() {
        assertThat(headers.all("X-Hop")).containsExactly("one", "two", "");
        assertThat(headers.all("dpop")).containsExactly("proof");
        assertThat(headers.first("x-HOP")).contains("one");
    }

    @Test
    void aFieldThatIsNotThereHasNoValues() {
        assertThat(headers.all("X-Ho")).isEmpty();
        assertThat(headers.first("X-Ho")).isEmpty();
    }

    @Test
    void noOneChangesWhatWasReceived() {
        for (String name : List.of("X-Hop", "DPoP", "X-Ho")) {
            List<String> values = headers.all(name);
            assertThatThrownBy(() -> values.add("more")).isInstanceOf(UnsupportedOperationException.class);
        }
        assertThat(headers.all("X-Hop")).hasSize(3);
    }
}
