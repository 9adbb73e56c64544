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
    private static final String NO_OBJECT = "Send a JSON object.";

    private final Map<?, ?> members;

    /** Which object this is a member of; null for the body itself, and for an element of a list. */
    private final @Nullable Sent parent;

    /** What it is called there; empty for the body itself. It is needed for errors alone, and is put together for them. */
    private final String name;

    /** The place in a list of this name; negative for none. */
    private final int index;

    private Sent(Map<?, ?> members, @Nullable Sent parent, String name, int index) {
        this.members = members;
        this.parent = parent;
        this.name = name;
        this.index = index;
    }

    /**
     * The body of a request.
     *
     * @throws Problem 400, 415 or 422 when it is not a JSON object
     */
    static Sent body(Request request) {
        return new Sent(request.json(Map.class), null, "", -1);
    }

    /** An element of a list, which has to be an object. */
    static Sent element(@Nullable Object element, String list, int index) {
        if (element instanceof Map<?, ?> object) {
            return new Sent(object, null, list, index);
        }
        throw Problem.badRequest(list + "[" + index + "]: " + NO_OBJECT);
    }

    Sent object(String name) {
        Sent object = objectIfPresent(name);
        if (object == null) {
            throw wrong(name, "This is required.");
        }
        return object;
    }

    @Nullable Sent objectIfPresent(String name) {
        Object value = members.get(name);
        return switch (value) {
            case null -> null;
            case Map<?, ?> object -> new Sent(object, this, name, -1);
            default -> throw wrong(name, NO_OBJECT);
        };
    }

    String text(String name) {
        String text = textIfPresent(name);
        if (text == null) {
            throw wrong(name, "This is required.");
        }
        return text;
    }

    @Nullable String textIfPresent(String name) {
        Object value = members.get(name);
        if (value == null || value instanceof String) {
            return (String) value;
        }
        throw wrong(name, "Send a text in quotation marks.");
    }

    @Nullable List<?> listIfPresent(String name) {
        Object value = members.get(name);
        if (value == null || value instanceof List<?>) {
            return (List<?>) value;
        }
        throw wrong(name, "Send a list in square brackets.");
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
            default -> throw wrong(name, "Send a whole number that is not negative.");
        };
    }

    private Problem wrong(String member, String message) {
        return Problem.badRequest(path() + member + ": " + message);
    }

    /** Comes before the names of its members in an error. */
    private String path() {
        String whose = parent == null ? "" : parent.path();
        return name.isEmpty() ? whose : whose + name + (index < 0 ? "" : "[" + index + "]") + ".";
    }
}
