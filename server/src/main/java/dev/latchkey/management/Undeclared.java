package dev.latchkey.management;

import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Text;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What calls contain, or are answered with, although their operation does not declare it. */
public final class Undeclared {
    private Undeclared() {}

    /**
     * Refuses a call that contains something that the operation would ignore.
     *
     * @throws Problem 422 for a parameter that is not declared, 400 for a body that is not declared, unless it is an
     *     empty object
     */
    public static void refuse(Operation operation, Request request) {
        List<QueryParameter> query = operation.query();
        for (String name : request.query().names()) {
            if (query.stream().noneMatch(known -> known.name().equals(name))) {
                throw Problem.invalid(Text.shortened(name, 100), "There is no such parameter." + known(query));
            }
        }
        if (operation.body() == null && request.body().length > 0 && !isEmptyObject(request.body())) {
            throw Problem.badRequest(
                    operation.method() + " " + operation.path() + " takes no body. Send the request without one.");
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

    /** Whether an answer has a header field that should be in the OpenAPI document and is not. */
    public static boolean isIn(Operation operation, Response response) {
        return response.fields().stream()
                .anyMatch(field -> Stream.of(HeaderField.values())
                        .filter(known -> !known.isSent() && known.text().equalsIgnoreCase(field.name()))
                        .anyMatch(known -> !operation.headerFields().contains(known)));
    }
}
