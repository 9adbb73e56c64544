package dev.latchkey.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.http.HttpStatus;
import dev.latchkey.problem.Problem;
import dev.latchkey.trace.CurrentRequest;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What people see when something is refused. */
class FailureTest {
    static IntStream statuses() {
        return IntStream.rangeClosed(400, 511);
    }

    @ParameterizedTest
    @MethodSource("statuses")
    void noHeadingIsAPhraseOfHttp(int status) {
        Failure failure = Failure.of(new Problem(status, "any", "Something."));
        assertThat(failure.heading()).isNotBlank().isNotEqualTo(HttpStatus.title(status));
        assertThat(failure.detail()).isEqualTo("Something.");
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 403, 404, 405, 408, 409, 412, 413, 414, 415, 422, 429, 431, 500, 503})
    void theStatusesThatWeSendHaveHeadingsOfTheirOwn(int status) {
        String heading = Failure.of(new Problem(status, "any", "Something.")).heading();
        assertThat(heading)
                .doesNotContainIgnoringCase("error", "entity", "conflict", "forbidden")
                .isNotEmpty();
    }

    @Test
    void whatIsBrokenIsFoundInTheLogByTheIdOfTheRequest() {
        Problem broken = Problem.unexpected("GET /x", new IllegalStateException("for a test"));
        String detail = new CurrentRequest("4bf92f3577b34da6")
                .during(() -> Failure.of(broken).detail());
        assertThat(detail).contains("4bf92f3577b34da6");
    }
}
