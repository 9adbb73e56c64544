package dev.latchkey.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Text;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParametersTest {
    @Test
    void namesMayOccurSeveralTimesAndKeepTheirOrder() {
        Parameters parameters = Parameters.parse("b=1&a=2&b=3&&c&d=&=e");
        assertThat(parameters.names()).containsExactly("b", "a", "c", "d", "");
        assertThat(parameters.all("b")).containsExactly("1", "3");
        assertThat(parameters.first("b")).contains("1");
        assertThat(parameters.first("c")).contains("");
        assertThat(parameters.has("d")).isTrue();
        assertThat(parameters.has("x")).isFalse();
        assertThat(parameters.all("x")).isEmpty();
        assertThat(parameters.first("x")).isEmpty();
    }

    @Test
    void plusIsASpaceAndPercentSequencesAreUtf8() {
        Parameters parameters = Parameters.parse("na%20me=a+b%2Bc%26%3d%C3%A4&x=1=2");
        assertThat(parameters.first("na me")).contains("a b+c&=ä");
        assertThat(parameters.first("x")).contains("1=2");
    }

    @Test
    void unencodedUtf8CountsToo() {
        assertThat(Parameters.parse("x=日+ä%20é").first("x")).contains("日 ä é");
    }

    @Test
    void onlyThoseWithValuesAreLeftAndTheirOrderStays() {
        Parameters some = Parameters.parse("a=&b=1&a=2&c=&b=3&d").withValues();
        assertThat(some.names()).containsExactly("a", "b");
        assertThat(some.all("a")).containsExactly("2");
        assertThat(some.all("b")).containsExactly("1", "3");
        Parameters all = Parameters.parse("b=1&a=2&b=3");
        assertThat(all.withValues().names()).containsExactly("b", "a");
        assertThat(all.withValues().all("b")).containsExactly("1", "3");
        assertThat(Parameters.parse("a=&b").withValues().names()).isEmpty();
    }

    @Test
    void textIsStrippedAndBlankIsAbsent() {
        Parameters parameters = Parameters.parse("a=+x+&b=+&c=");
        assertThat(parameters.text("a")).contains("x");
        assertThat(parameters.text("b")).isEmpty();
        assertThat(parameters.text("c")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a=%",
                "a=%2",
                "a=%zz",
                "a=%-1",
                "a=%+1",
                "a=% 1",
                "%=a",
                "a=%ff",
                "a=%c3",
                "a=%c0%ae",
                "a=%ed%a0%80",
                "a=%00",
                "a=x%00y",
                "a=\u0000",
                "%00=a"
            })
    void brokenEncodingIsABadRequest(String encoded) {
        assertThatThrownBy(() -> Parameters.parse(encoded))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.status()).isEqualTo(400));
    }

    @Test
    void thereIsAMostOfParameters() {
        assertThat(Parameters.parse("a&".repeat(12_000)).all("a")).hasSize(12_000);
        assertThatThrownBy(() -> Parameters.parse("a&".repeat(12_001)))
                .isInstanceOf(Problem.class)
                .hasMessageContaining("too many");
    }

    @Property
    void whatAnEncoderWritesIsReadBack(@ForAll String name, @ForAll String value) {
        Assume.that(Text.isStorable(name) && Text.isStorable(value));
        String encoded = URLEncoder.encode(name, StandardCharsets.UTF_8) + "="
                + URLEncoder.encode(value, StandardCharsets.UTF_8);
        assertThat(Parameters.parse(encoded).all(name)).containsExactly(value);
    }
}
