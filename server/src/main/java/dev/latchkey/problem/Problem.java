package dev.latchkey.problem;

import dev.latchkey.lane.Few;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A failure that the caller may see: status, a stable code, a sentence, and what else helps (RFC 9457). The private
 * cause is logged and never shown.
 */
public final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final Logger log = LoggerFactory.getLogger(Problem.class);

    private static final Few TRACES = new Few(30);

    /** What is wrong with one field of the request; {@code field} is the name as sent. */
    public record FieldError(String field, String message) {}

    /** A header field of its response. */
    public record Header(String name, String value) {}

    private final int status;
    private final String code;
    private final transient List<FieldError> errors;
    private final transient Map<String, Object> members;
    private final transient List<Header> headers;

    public Problem(int status, String code, String detail) {
        this(status, code, detail, List.of(), Map.of(), List.of(), null);
    }

    private Problem(
            int status,
            String code,
            String detail,
            List<FieldError> errors,
            Map<String, Object> members,
            List<Header> headers,
            @Nullable Throwable cause) {
        // Refusals are ordinary answers and come in floods. Their stack traces help no one, and the cause keeps its
        // own.
        super(detail, cause, true, false);
        this.status = status;
        this.code = code;
        this.errors = errors;
        this.members = members;
        this.headers = headers;
    }

    public static Problem badRequest(String detail) {
        return new Problem(400, "bad_request", detail);
    }

    public static Problem notFound(String detail) {
        return new Problem(404, "not_found", detail);
    }

    public static Problem conflict(String code, String detail) {
        return new Problem(409, code, detail);
    }

    /** 422: the request was understood, but this field's value cannot be accepted. */
    public static Problem invalid(String field, String message) {
        return invalid(List.of(new FieldError(field, message)));
    }

    /** 422 with every field that is wrong, so that a form can show all of them at once. */
    public static Problem invalid(List<FieldError> errors) {
        String detail = errors.size() == 1
                ? errors.getFirst().field() + ": " + errors.getFirst().message()
                : errors.size() + " fields are not valid.";
        return new Problem(422, "invalid", detail, List.copyOf(errors), Map.of(), List.of(), null);
    }

    /** 503: a part we depend on cannot answer. */
    public static Problem unavailable(String detail, @Nullable Throwable cause) {
        return new Problem(503, "unavailable", detail, List.of(), Map.of(), List.of(), cause)
                .withHeader("Retry-After", "1");
    }

    /** 503: more requests are in progress than may be. */
    public static Problem busy() {
        return unavailable("Too many requests are in progress. Try again in a moment.", null);
    }

    /**
     * 500: what went wrong stays in the log, under the id of the request, which the caller can quote. An attacker who
     * finds a way to cause errors cannot fill the log with them: some a minute are logged with their stack traces, and the
     * rest are counted.
     *
     * @param answered the request, and who sent it
     */
    public static Problem unexpected(String answered, @Nullable Throwable cause) {
        TRACES.next().ifPresent(before -> {
            if (before > 0) {
                log.error(before == 1 ? "1 more error was not logged" : before + " more errors were not logged");
            }
            log.error("Error while answering {}", answered, cause);
        });
        return new Problem(
                500,
                "internal_error",
                "The server failed to answer. Its log has the details under the id of this request.");
    }

    /** The same problem with one more member in its document. */
    public Problem with(String member, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(members);
        more.put(member, value);
        return new Problem(status, code, detail(), errors, more, headers, getCause());
    }

    /** The same problem with one more header field in its response. */
    public Problem withHeader(String name, String value) {
        List<Header> more = new ArrayList<>(headers);
        more.add(new Header(name, value));
        return new Problem(status, code, detail(), errors, members, more, getCause());
    }

    public int status() {
        return status;
    }

    public String code() {
        return code;
    }

    public String detail() {
        String detail = getMessage();
        return detail == null ? "" : detail;
    }

    public List<FieldError> errors() {
        return errors;
    }

    public Map<String, Object> members() {
        return members;
    }

    /** The header fields that its response has in addition to the usual ones. */
    public List<Header> headers() {
        return headers;
    }
}
