package dev.latchkey.http;

import dev.latchkey.problem.Csv;
import dev.latchkey.problem.Json;
import dev.latchkey.problem.Problem;
import dev.latchkey.trace.CurrentRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One answer: status, header fields in order, and the whole body. The record keeps the array that it is given: the
 * caller hands it over.
 *
 * @param trailers the fields after the body, sent over HTTP/2 only
 */
public record Response(int status, List<Field> fields, byte[] body, List<Field> trailers) {
    /** A response without trailers, as nearly all are. */
    public Response(int status, List<Field> fields, byte[] body) {
        this(status, fields, body, List.of());
    }

    /** One header field. */
    public record Field(String name, String value) {
        public Field {
            // A line break would end the field and let an attacker begin another one.
            for (int i = 0; i < value.length(); i++) {
                if (Character.isISOControl(value.charAt(i))) {
                    throw new IllegalArgumentException("the field " + name + " holds a control character");
                }
            }
        }
    }

    public static Response of(int status, String mediaType, byte[] body) {
        return new Response(status, List.of(new Field("Content-Type", mediaType)), body);
    }

    public static Response json(int status, Object value) {
        return json(status, "application/json", Json.write(value));
    }

    /**
     * JSON with a media type of its own. It ends with a line break, so that a shell's prompt does not follow curl's
     * output on the same line.
     */
    public static Response json(int status, String mediaType, byte[] json) {
        byte[] line = Arrays.copyOf(json, json.length + 1);
        line[json.length] = '\n';
        return of(status, mediaType, line);
    }

    /**
     * The {@code application/problem+json} document (RFC 9457 section 3). The id of the request is a member of its own,
     * because {@code instance} would have to be a URI.
     */
    public static Response of(Problem problem) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("type", "about:blank");
        document.put("title", HttpStatus.title(problem.status()));
        document.put("status", problem.status());
        document.put("code", problem.code());
        document.put("detail", problem.detail());
        if (!problem.errors().isEmpty()) {
            document.put("errors", problem.errors());
        }
        document.putAll(problem.members());
        CurrentRequest.currentId().ifPresent(id -> document.put("requestId", id));
        return json(problem.status(), "application/problem+json", Json.write(document))
                .with("Cache-Control", "no-store")
                .withFieldsOf(problem);
    }

    public static Response html(int status, String page) {
        return of(status, "text/html; charset=utf-8", page.getBytes(StandardCharsets.UTF_8));
    }

    public static Response text(int status, String text) {
        return of(status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }

    /** A table as a file to keep, with the name that it has without {@code .csv}. */
    public static Response csv(String name, Csv table) {
        return of(200, "text/csv; charset=utf-8; header=present", table.bytes())
                .with("Content-Disposition", "attachment; filename=\"" + name + ".csv\"")
                .with("Cache-Control", "no-store");
    }

    public static Response noContent() {
        return new Response(204, List.of(), new byte[0]);
    }

    /** 303 See Other: the browser continues with GET, so that a reload does not repeat a change. */
    public static Response seeOther(String location) {
        return new Response(303, List.of(new Field("Location", location)), new byte[0]);
    }

    public Response with(String name, String value) {
        List<Field> more = new ArrayList<>(fields);
        more.add(new Field(name, value));
        return new Response(status, List.copyOf(more), body, trailers);
    }

    /** The same response with the problem's header fields. */
    public Response withFieldsOf(Problem problem) {
        Response complete = this;
        for (Problem.Header header : problem.headers()) {
            complete = complete.with(header.name(), header.value());
        }
        return complete;
    }

    /** The same response as clients see it: its {@code Location} is below the base path (RFC 9110 section 10.2.2). */
    Response below(BasePath base) {
        if (base.isRoot() || field("Location").isEmpty()) {
            return this;
        }
        return new Response(
                status,
                fields.stream()
                        .map(field -> field.name().equalsIgnoreCase("Location")
                                ? new Field(field.name(), base.outward(field.value()))
                                : field)
                        .toList(),
                body,
                trailers);
    }

    public Optional<String> field(String name) {
        return fields.stream()
                .filter(field -> field.name().equalsIgnoreCase(name))
                .map(Field::value)
                .findFirst();
    }
}
