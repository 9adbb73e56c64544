package dev.latchkey.path;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.path.PathTemplate.Segment;
import java.util.List;
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

    @Test
    void aSegmentMayMixTextAndParameters() {
        assertThat(PathTemplate.parse("/v{version}/{name}.{type}").segments())
                .containsExactly(
                        new Segment.Mixed(List.of("v", ""), List.of("version")),
                        new Segment.Mixed(List.of("", ".", ""), List.of("name", "type")));
    }

    @Test
    void templatesOfOneShapeMatchTheSamePaths() {
        assertThat(PathTemplate.parse("/a/{x}/{y}.json/{z...}").shape()).isEqualTo("/a/{}/{}.json/{...}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/a",
                "/a/",
                "/a/{id}/b",
                "/{path...}",
                "/ä/{customer-id}",
                "/.well-known/x",
                "/a/{id}.json",
                "/v{v}/{a}:{b}-x"
            })
    void aTemplateIsShownAsItWasWritten(String template) {
        assertThat(PathTemplate.parse(template)).hasToString(template);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a/b              | must begin with a slash
            ''               | must begin with a slash
            {id}             | must begin with a slash
            /a/{path...}/b   | nothing can follow
            /a/x{id...}      | must be a whole segment
            /a/{id...}.json  | must be a whole segment
            /a/{id           | no usable name
            /a/id}           | has no {
            /a/{x}y}         | has no {
            /a/b.            | ends with a dot
            /a/{x}.          | ends with a dot
            /a/{}            | no usable name
            /a/{...}         | no usable name
            /a/{ }           | no usable name
            /a/{{id}}        | no usable name
            /a/{x}{y}        | nothing separates
            /{id}/b/{id}     | occurs twice
            /a//b            | nothing between two slashes
            //               | nothing between two slashes
            /a/../b          | can match no request
            /./b             | can match no request
            /a/{x}.{x}       | occurs twice
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
