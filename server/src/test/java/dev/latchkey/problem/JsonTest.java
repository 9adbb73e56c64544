package dev.latchkey.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.latchkey.http.Response;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    enum Effect {
        @JsonProperty("allow")
        ALLOW,
        @JsonProperty("deny")
        DENY
    }

    record Part(String name, @Nullable Effect effect) {}

    record Body(
            String text,
            @Nullable Integer number,
            @Nullable Boolean flag,
            @Nullable Instant at,
            @Nullable List<String> words,
            @Nullable List<Part> parts,
            @Nullable Part part) {}

    record Primitives(int number, boolean flag) {}

    private static Problem refused(String json, Class<?> type) {
        Problem problem = catchThrowableOfType(Problem.class, () -> Json.read(json, type));
        assertThat(problem).as(json).isNotNull();
        return problem;
    }

    @Test
    void aFittingBodyIsRead() {
        Body body = Json.read("""
                {"text": "ä 😀", "number": 7, "flag": true, "at": "2026-03-01T12:00:00Z", "words": ["a", ""],
                 "parts": [{"name": "p", "effect": "deny"}], "part": null}
                """, Body.class);
        assertThat(body)
                .isEqualTo(new Body(
                        "ä 😀",
                        7,
                        true,
                        Instant.parse("2026-03-01T12:00:00Z"),
                        List.of("a", ""),
                        List.of(new Part("p", Effect.DENY)),
                        null));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"text": "x", "colour": 1}                      | colour        | Known fields: at, flag, number, part, parts, text, words.
            {"text": "x", "part": {"name": "p", "nme": 1}}  | part.nme      | Known fields: effect, name.
            {"text": 5}                                     | text          | Send a text in quotation marks.
            {"text": 1.5}                                   | text          | Send a text in quotation marks.
            {"text": true}                                  | text          | Send a text in quotation marks.
            {"text": ["x"]}                                 | text          | Send a text in quotation marks.
            {"text": {"x": 1}}                              | text          | Send a text in quotation marks.
            {"text": "x", "number": "5"}                    | number        | Send a whole number.
            {"text": "x", "number": ""}                     | number        | Send a whole number.
            {"text": "x", "number": 1.5}                    | number        | Send a whole number.
            {"text": "x", "number": 1.0}                    | number        | Send a whole number.
            {"text": "x", "number": true}                   | number        | Send a whole number.
            {"text": "x", "flag": "true"}                   | flag          | Send true or false.
            {"text": "x", "flag": 1}                        | flag          | Send true or false.
            {"text": "x", "at": 1700000000}                 | at            | Send a time such as
            {"text": "x", "at": "yesterday"}                | at            | Send a time such as
            {"text": "x", "at": ""}                         | at            | Send a time such as
            {"text": "x", "at": "2026-03-01"}               | at            | Send a time such as
            {"text": "x", "at": "2026-02-30T12:00:00Z"}     | at            | Send a time such as
            {"text": "x", "at": "+999999999-01-01T00:00:00Z"} | at          | Send a time such as
            {"text": "x", "at": ["2026-03-01T12:00:00Z"]}   | at            | Send a time such as
            {"text": "x", "words": "a"}                     | words         | Send a list in square brackets.
            {"text": "x", "words": ""}                      | words         | Send a list in square brackets.
            {"text": "x", "words": {"a": 1}}                | words         | Send a list in square brackets.
            {"text": "x", "words": ["a", 5]}                | words[1]      | Send a text in quotation marks.
            {"text": "x", "words": ["a", null]}             | words[1]      | This is required.
            {"text": "x", "parts": [{}]}                    | parts[0].name | This is required.
            {"text": "x", "parts": [null]}                  | parts[0]      | This is required.
            {"text": "x", "parts": ["p"]}                   | parts[0]      | Send a JSON object.
            {"text": "x", "part": "p"}                      | part          | Send a JSON object.
            {"text": "x", "part": ""}                       | part          | Send a JSON object.
            {"text": "x", "part": []}                       | part          | Send a JSON object.
            {"text": "x", "part": {"name": "p", "effect": "maybe"}} | part.effect | Send one of: allow, deny.
            {"text": "x", "part": {"name": "p", "effect": "ALLOW"}} | part.effect | Send one of: allow, deny.
            {"text": "x", "part": {"name": "p", "effect": ""}}      | part.effect | Send one of: allow, deny.
            {"text": "x", "part": {"name": "p", "effect": 0}}       | part.effect | Send one of: allow, deny.
            {}                                              | text          | This is required.
            {"text": null}                                  | text          | This is required.
            {"text": "a\\u0000b"}                           | text          | cannot be stored
            {"text": "\\ud83d"}                             | text          | cannot be stored
            {"text": "x", "words": ["\\ude00"]}             | words[0]      | cannot be stored
            [{"text": "x"}]                                 | body          | Send a JSON object.
            "x"                                             | body          | Send a JSON object.
            5                                               | body          | Send a JSON object.
            """)
    void aValueThatDoesNotFitIsNamed(String json, String field, String message) {
        Problem problem = refused(json, Body.class);
        assertThat(problem.status()).isEqualTo(422);
        assertThat(problem.errors()).singleElement().satisfies(error -> {
            assertThat(error.field()).isEqualTo(field);
            assertThat(error.message()).contains(message);
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ``                             | empty
            ` `                            | empty
            null                           | not null
            {                              | not valid JSON (line 1
            {"text": "x"                   | not valid JSON
            {text: "x"}                    | not valid JSON
            {'text': 'x'}                  | not valid JSON
            {"text": "x",}                 | not valid JSON
            {"text": "a	b"}             | not valid JSON
            {"text": "\\x"}                | not valid JSON
            {"text": "x", "number": 01}    | not valid JSON
            {"text": "x", "number": NaN}   | not valid JSON
            {"text": "x", "number": +1}    | not valid JSON
            {"text": "x"} // done          | not valid JSON
            {"text": "x"} {"text": "y"}    | continues after
            {"text": "x"}]                 | not valid JSON
            {"text": "x", "text": "y"}     | a name occurs twice
            """)
    void brokenJsonIsABadRequest(String json, String detail) {
        Problem problem = refused(json == null ? "" : json, Body.class);
        assertThat(problem.status()).isEqualTo(400);
        assertThat(problem.detail()).contains(detail);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"number\": 1}", "{\"number\": 1, \"flag\": null}", "{\"flag\": true}"})
    void aPrimitiveDoesNotFallBackToZeroOrFalse(String json) {
        assertThat(refused(json, Primitives.class).status()).isEqualTo(422);
    }

    @Test
    void numbersBeyondTheTypeAreRefused() {
        assertThat(refused("{\"number\": 99999999999, \"flag\": true}", Primitives.class)
                        .status())
                .isIn(400, 422);
        assertThat(refused("{\"number\": " + "9".repeat(5_000) + ", \"flag\": true}", Primitives.class)
                        .status())
                .isIn(400, 422);
        assertThat(refused("{\"number\": 1e999999999, \"flag\": true}", Primitives.class)
                        .status())
                .isIn(400, 422);
    }

    @Test
    void deepNestingIsRefusedBeforeItHurts() {
        assertThat(refused("[".repeat(60_000), Body.class).status()).isIn(400, 422);
        assertThat(refused("{\"text\": " + "[".repeat(30_000), Body.class).status())
                .isIn(400, 422);
        assertThat(refused("{\"unknown\": " + "{\"a\":".repeat(10_000), Body.class)
                        .status())
                .isIn(400, 422);
    }

    @Test
    void allMissingFieldsAreToldAtOnceButNotThousands() {
        assertThat(refused("{\"text\": null, \"part\": {}}", Body.class).errors())
                .extracting(Problem.FieldError::field)
                .containsExactly("text", "part.name");
        assertThat(refused("{\"text\": \"x\", \"words\": [" + "null,".repeat(10_000) + "null]}", Body.class)
                        .errors())
                .hasSizeBetween(2, 20);
    }

    @Test
    void aFlatteringFieldNameIsCutInTheAnswer() {
        Problem problem = refused("{\"" + "x".repeat(5_000) + "\": 1}", Body.class);
        assertThat(problem.errors().getFirst().field()).hasSizeLessThan(110);
    }

    @Test
    void aByteOrderMarkIsNotJson() {
        assertThat(refused("\ufeff{\"text\": \"x\"}", Body.class).status()).isEqualTo(400);
    }

    @Test
    void aTimeMayHaveAnyOffset() {
        assertThat(Json.read("{\"text\": \"x\", \"at\": \"2026-03-01T13:30:00.25+01:30\"}", Body.class)
                        .at())
                .isEqualTo(Instant.parse("2026-03-01T12:00:00.250Z"));
    }

    @Test
    void nullsAreNotWrittenAndTimesAreText() {
        assertThat(Json.writeText(new Body("x", null, null, Instant.parse("2026-03-01T12:00:00.5Z"), null, null, null)))
                .isEqualTo("{\"text\":\"x\",\"at\":\"2026-03-01T12:00:00.500Z\"}");
    }

    @Property
    void anyTextIsWrittenInVisibleAsciiForFieldsAndReadBack(@ForAll String text) {
        String ascii = Json.asciiText(Json.writeText(text));
        assertThat(ascii).matches("[ -~]*");
        assertThat(Json.readText(ascii, String.class)).isEqualTo(text);
    }

    @Property
    void anyTextIsReadBackOrRefusedButNeverBreaks(@ForAll String text) {
        String json = text.codePoints()
                .mapToObj(c -> c < 0x10000 ? String.format("\\u%04x", c) : Character.toString(c))
                .collect(Collectors.joining("", "{\"text\": \"", "\"}"));
        if (Text.isStorable(text)) {
            assertThat(Json.read(json, Body.class).text()).isEqualTo(text);
        } else {
            assertThat(refused(json, Body.class).status()).isEqualTo(422);
        }
    }

    @Property
    void anyBytesAtAllAreAnsweredWithAProblem(@ForAll String garbage) {
        Problem problem = refused("{\"text\": " + garbage, Body.class);
        assertThat(problem.status()).isIn(400, 422);
        assertThat(new String(Response.of(problem).body(), java.nio.charset.StandardCharsets.UTF_8))
                .contains("\"status\":" + problem.status());
    }
}
