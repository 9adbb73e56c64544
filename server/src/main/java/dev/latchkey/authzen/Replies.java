package dev.latchkey.authzen;

import dev.latchkey.http.BasePath;
import dev.latchkey.http.Handler;
import dev.latchkey.http.Headers;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.problem.Problem;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What all answers have in common (AuthZEN section 10.1): the caller's own id of the request, and errors as one line of text.
 * Every mistake in a request is a bad request here.
 */
final class Replies implements Routes.Refusals {
    private static final String REQUEST_ID = "X-Request-ID";
    private static final int LONGEST_ID = 1_000;

    /** Adds what all answers have in common. */
    static Handler around(Handler handler) {
        return request -> {
            String id = request.header(REQUEST_ID).orElse(null);
            if (id != null && !isEchoed(id)) {
                throw Problem.badRequest(
                        REQUEST_ID + ": Send at most " + LONGEST_ID + " characters, and no control characters.");
            }
            return identified(handler.handle(request), request.headers()).with("Cache-Control", "no-store");
        };
    }

    @Override
    public boolean suit(Headers headers) {
        return true;
    }

    @Override
    public Response of(Headers headers, BasePath base, @Nullable Request request, Problem problem) {
        int status = switch (problem.status()) {
            case 415, 422 -> 400;
            default -> problem.status();
        };
        return identified(Response.text(status, message(problem) + "\n"), headers)
                .with("Cache-Control", "no-store");
    }

    private static String message(Problem problem) {
        List<Problem.FieldError> errors = problem.errors();
        return errors.isEmpty()
                ? problem.detail()
                : errors.stream()
                        .map(error -> error.field() + ": " + error.message())
                        .collect(Collectors.joining(" "));
    }

    private static Response identified(Response response, Headers headers) {
        return headers.first(REQUEST_ID)
                .filter(Replies::isEchoed)
                .map(id -> response.with(REQUEST_ID, id))
                .orElse(response);
    }

    /** Whether a header field can hold it. */
    private static boolean isEchoed(String id) {
        return id.length() <= LONGEST_ID && id.chars().noneMatch(Character::isISOControl);
    }
}
