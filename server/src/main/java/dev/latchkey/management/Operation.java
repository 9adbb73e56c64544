package dev.latchkey.management;

import dev.latchkey.access.Caller;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Privilege;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Text;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One endpoint of the management API: routing, guarding, the OpenAPI document and the role editor all come from this
 * declaration.
 *
 * @param method an HTTP method, upper case
 * @param path a path template under {@link ManagementApi#BASE_PATH}, such as {@code /tokens/{clientId}}
 * @param privilege what a caller must have; null when being anybody suffices
 * @param id the operation id in the OpenAPI document, such as {@code createToken}
 * @param tag the group in the OpenAPI document, such as {@code Tokens}
 * @param summary one line
 * @param description what a caller must know; may be empty
 * @param query the query parameters
 * @param body the record that the request's JSON body is read as, or {@code byte[]} for an OpenAPI document; null for none
 * @param status the status of success
 * @param reply the record that the response's JSON body is; null for none
 * @param handler does it
 * @param maxBodyBytes how long the request's body may be
 */
public record Operation(
        String method,
        String path,
        @Nullable Privilege privilege,
        String id,
        String tag,
        String summary,
        String description,
        List<QueryParameter> query,
        @Nullable Class<?> body,
        int status,
        @Nullable Class<?> reply,
        Guarded handler,
        int maxBodyBytes) {

    /** An operation whose body is no longer than most. */
    public Operation(
            String method,
            String path,
            @Nullable Privilege privilege,
            String id,
            String tag,
            String summary,
            String description,
            List<QueryParameter> query,
            @Nullable Class<?> body,
            int status,
            @Nullable Class<?> reply,
            Guarded handler) {
        this(
                method,
                path,
                privilege,
                id,
                tag,
                summary,
                description,
                query,
                body,
                status,
                reply,
                handler,
                Routes.DEFAULT_MAX_BODY_BYTES);
    }

    /** The same operation for bodies of up to so many bytes. */
    public Operation withMaxBody(int bytes) {
        return with(handler, bytes);
    }

    /** The same operation, done by another handler. */
    Operation with(Guarded other) {
        return with(other, maxBodyBytes);
    }

    private Operation with(Guarded by, int bytes) {
        return new Operation(
                method, path, privilege, id, tag, summary, description, query, body, status, reply, by, bytes);
    }

    /** The header fields that it takes and answers with; what every call does is not among them. */
    Set<HeaderField> headerFields() {
        return HeaderFields.of(id);
    }

    /**
     * Stops a call that brings something that the operation would not look at.
     *
     * @throws Problem 422 for a parameter that is not declared, 400 for a body where none is; an empty object says nothing and
     *     may be there
     */
    public void requireNothingUnread(Request request) {
        for (String name : request.query().names()) {
            if (query.stream().noneMatch(known -> known.name().equals(name))) {
                throw Problem.invalid(Text.shortened(name, 100), "There is no such parameter." + known(query));
            }
        }
        if (body == null && request.body().length > 0 && !isEmptyObject(request.body())) {
            throw Problem.badRequest(method + " " + path + " takes no body. All that it needs is in its address.");
        }
    }

    private static String known(List<QueryParameter> query) {
        return query.isEmpty()
                ? ""
                : " Known parameters: "
                        + query.stream().map(QueryParameter::name).sorted().collect(Collectors.joining(", ")) + ".";
    }

    private static boolean isEmptyObject(byte[] sent) {
        return sent.length <= 100
                && new String(sent, StandardCharsets.ISO_8859_1).strip().matches("\\{\\s*}|");
    }

    /** Whether an answer carries no other header field than the declared ones, as far as they are for the OpenAPI document. */
    public boolean declares(Response response) {
        return response.fields().stream()
                .allMatch(field -> Stream.of(HeaderField.values())
                        .filter(known -> !known.isSent() && known.text().equalsIgnoreCase(field.name()))
                        .allMatch(headerFields()::contains));
    }

    /** Answers a request whose caller was identified and has the operation's privilege. */
    @FunctionalInterface
    public interface Guarded {
        Response handle(Caller caller, Request request);
    }

    /** A query parameter, for the OpenAPI document. */
    public record QueryParameter(String name, String description) {}

    /** The parameters of every paged list. */
    public static final List<QueryParameter> PAGING = List.of(
            new QueryParameter("pageSize", "How many items at most: 1 to 100, 25 when absent"),
            new QueryParameter("pageToken", "The nextPageToken of the page before"));
}
