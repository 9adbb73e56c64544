package dev.latchkey.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.problem.Problem;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FormDataTest {
    private static final String TYPE = "multipart/form-data; boundary=XYZ";

    private static FormData parse(String type, String body) {
        return FormData.parse(type, body.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void fieldsAndFilesAreToldApart() {
        FormData form = parse(TYPE, """
                --XYZ
                Content-Disposition: form-data; name="csrf"

                välue
                --XYZ
                Content-Disposition: form-data; name="file"; filename="api.yaml"
                Content-Type: application/yaml

                a: b
                --XYZ
                Content-Disposition: form-data; name="none"; filename=""
                Content-Type: application/octet-stream


                --XYZ--
                """);
        assertThat(form.fields().first("csrf")).contains("välue");
        assertThat(form.file("file").orElseThrow().name()).isEqualTo("api.yaml");
        assertThat(form.file("file").orElseThrow().content()).asString().isEqualTo("a: b");
        assertThat(form.file("none")).isEmpty();
        assertThat(form.file("csrf")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=other"})
    void aFormWithoutItsBoundaryIsRefused(String type) {
        assertThatThrownBy(() -> parse(type, "--XYZ\nContent-Disposition: form-data; name=\"a\"\n\nb\n--XYZ--\n"))
                .isInstanceOf(Problem.class);
    }

    @Test
    void aFormIsBoundedInItsPartsAndHeadersAndFields() {
        String part = "--XYZ\nContent-Disposition: form-data; name=\"a\"\n\nb\n";
        assertThatThrownBy(() -> parse(TYPE, part.repeat(60) + "--XYZ--\n")).isInstanceOf(Problem.class);
        assertThatThrownBy(() -> parse(TYPE, part.replace("\n\n", "\nX: " + "y".repeat(5_000) + "\n\n") + "--XYZ--\n"))
                .isInstanceOf(Problem.class);
        assertThatThrownBy(() -> parse(TYPE, part.replace("\n\nb", "\n\n" + "b".repeat(70_000)) + "--XYZ--\n"))
                .isInstanceOf(Problem.class);
    }

    @Property(tries = 500)
    void whateverIsSentTheAnswerIsAFormOrARefusal(@ForAll String text, @ForAll boolean ended) {
        try {
            parse(TYPE, "--XYZ\n" + text + "\n--XYZ" + (ended ? "--" : "") + "\n");
        } catch (Problem problem) {
            assertThat(problem.status()).isEqualTo(400);
        }
    }
}
