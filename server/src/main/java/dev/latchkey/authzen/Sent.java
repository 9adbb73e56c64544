package dev.latchkey.authzen;

import dev.latchkey.http.Request;
import dev.latchkey.problem.Problem;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object of a request. What is unknown in it is ignored, null is the same as absent, and what is missing or of another
 * type is a bad request (AuthZEN section 10.1.1).
 */
final class Sent {
    private final Map<?, ?> members;

    /** Comes before the names of its members in an error; empty for the body itself. */
    private final String path;

    private Sent(Map<?, ?> members, String path) {
        this.members = members;
        this.path = path;
    }

    /**
     * The body of a request.
     *
     * @throws Problem 400, 415 or 422 when it is not a JSON object
     */
    static Sent body(Request request) {
        return new Sent(request.json(Map.class), "");
    }

    /** An element of a list, which has to be an object. */
    static Sent element(@Nullable Object element, String name) {
        if (element instanceof Map<?, ?> object) {
            return new Sent(object, name + ".");
        }
        throw wrong(name, "Send a JSON object.");
    }

    boolean has(String name) {
        return members.get(name) != null;
    }

    Sent object(String name) {
        Sent object = objectIfPresent(name);
        if (object == null) {
            throw wrong(path + name, "This is required.");
        }
        return object;
    }

    @Nullable Sent objectIfPresent(String name) {
        Object value = members.get(name);
        return value == null ? null : element(value, path + name);
    }

    String text(String name) {
        String text = textIfPresent(name);
        if (text == null) {
            throw wrong(path + name, "This is required.");
        }
        return text;
    }

    @Nullable String textIfPresent(String name) {
        Object value = members.get(name);
        if (value == null || value instanceof String) {
            return (String) value;
        }
        throw wrong(path + name, "Send a text in quotation marks.");
    }

    @Nullable List<?> listIfPresent(String name) {
        Object value = members.get(name);
        if (value == null || value instanceof List<?>) {
            return (List<?>) value;
        }
        throw wrong(path + name, "Send a list in square brackets.");
    }

    /** A whole number that is not negative. */
    @Nullable Integer countIfPresent(String name) {
        Object value = members.get(name);
        if (value == null) {
            return null;
        }
        return switch (value) {
            case Integer number when number >= 0 -> number;
            case Long number when number >= 0 -> Integer.MAX_VALUE;
            default -> throw wrong(path + name, "Send a whole number that is not negative.");
        };
    }

    private static Problem wrong(String name, String message) {
        return Problem.badRequest(name + ": " + message);
    }
}
