package dev.latchkey.apitoken;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 6901. */
class ClaimPathTest {
    private static final Map<String, Object> CLAIMS = Map.of(
            "sub", "x",
            "a/b", "slash",
            "m~n", "tilde",
            "groups", List.of("first", "second", Map.of("name", "third")),
            "0", "a member");

    @ParameterizedTest
    @CsvSource({
        "sub,x",
        "/sub,x",
        "a/b,slash",
        "/a~1b,slash",
        "/m~0n,tilde",
        "/groups/0,first",
        "/groups/1,second",
        "/groups/2/name,third",
        "/0,a member"
    })
    void whatIsThereIsFound(String text, String found) {
        assertThat(ClaimPath.parse(text).in(CLAIMS)).isEqualTo(found);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/groups/3",
                "/groups/01",
                "/groups/-",
                "/groups/-1",
                "/groups/1x",
                "/groups/ 1",
                "/groups/99999999999",
                "/groups/999999999",
                "/sub/0",
                "/nothing",
                "/",
                "groups/1"
            })
    void whatIsNotThereIsNothing(String text) {
        assertThat(ClaimPath.parse(text).in(CLAIMS)).isNull();
    }

    @Test
    void whatIsNoPointerIsRefused() {
        for (String text : List.of("/a~2b", "/a~", "/~")) {
            assertThatThrownBy(() -> ClaimPath.parse(text)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
