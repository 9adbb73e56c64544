package dev.latchkey.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.http.PathTemplate.Segment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathTemplateTest {
    @Test
    void aTemplateIsLiteralsParametersAndARest() {
        assertThat(PathTemplate.parse("/files/{owner}/{path...}").segments())
                .containsExactly(
                        new Segment.Literal("files"), new Segment.Parameter("owner"), new Segment.Rest("path"));
        assertThat(PathTemplate.parse("/").segments()).isEmpty();
        assertThat(PathTemplate.parse("/a/").segments())
                .containsExactly(new Segment.Literal("a"), new Segment.Literal(""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/a", "/a/", "/a/{id}/b", "/{path...}", "/ä/{customer-id}", "/.well-known/x"})
    void aTemplateIsShownAsItWasWritten(String template) {
        assertThat(PathTemplate.parse(template)).hasToString(template);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a/b              | must begin with a slash
            ''               | must begin with a slash
            {id}             | must begin with a slash
            /a/{path...}/b   | nothing can follow
            /a/x{id}         | must be a whole segment
            /a/{id}.json     | must be a whole segment
            /a/{id           | must be a whole segment
            /a/id}           | must be a whole segment
            /a/{}            | no usable name
            /a/{...}         | no usable name
            /a/{ }           | no usable name
            /a/{{id}}        | no usable name
            /a/{x}{y}        | no usable name
            /{id}/b/{id}     | occurs twice
            /a//b            | nothing between two slashes
            //               | nothing between two slashes
            /a/../b          | can match no request
            /./b             | can match no request
            /a?b             | no path can have
            /a#b             | no path can have
            /a;b             | no path can have
            /a%20b           | no path can have
            /a\\b            | no path can have
            """)
    void aBrokenTemplateIsRefusedSayingWhereItIsWrong(String template, String complaint) {
        assertThatThrownBy(() -> PathTemplate.parse(template))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(complaint)
                .hasMessageContaining(template);
    }
}
