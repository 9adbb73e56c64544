package dev.latchkey.verifier;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A JSON object whose members are read by the type that they must have. Other members are ignored. */
record Json(Map<String, Object> members) {

    /**
     * Reads a text.
     *
     * @throws ParseException when it is not an object
     */
    static Json parse(String text) throws ParseException {
        return of(JSONObjectUtils.parse(text), "The document");
    }

    @SuppressWarnings("unchecked")
    private static Json of(@Nullable Object value, String what) throws ParseException {
        if (value instanceof Map<?, ?> members) {
            return new Json((Map<String, Object>) members);
        }
        throw new ParseException(what + " is not a JSON object.", 0);
    }

    /** Whether there is a member of this name at all. */
    boolean has(String name) {
        return members.containsKey(name);
    }

    /** Whether a member has this text. */
    boolean says(String name, String text) {
        return text.equals(members.get(name));
    }

    String text(String name) throws ParseException {
        if (members.get(name) instanceof String text) {
            return text;
        }
        throw new ParseException("There is no string " + name + ".", 0);
    }

    /** A text; null when there is none. */
    @Nullable String textIfPresent(String name) throws ParseException {
        return members.get(name) == null ? null : text(name);
    }

    /** Whether a member is true; false when there is none. */
    boolean flag(String name) throws ParseException {
        Object value = members.get(name);
        if (value == null || value instanceof Boolean) {
            return Boolean.TRUE.equals(value);
        }
        throw new ParseException(name + " is neither true nor false.", 0);
    }

    Json object(String name) throws ParseException {
        return of(members.get(name), name);
    }

    /** A number, rounded towards zero; zero when there is none. */
    long number(String name) {
        return members.get(name) instanceof Number number ? number.longValue() : 0;
    }

    List<Json> objects(String name) throws ParseException {
        List<Json> objects = new ArrayList<>();
        for (Object value : list(name)) {
            objects.add(of(value, "One of " + name));
        }
        return objects;
    }

    Set<String> texts(String name) throws ParseException {
        List<?> values = list(name);
        if (!values.stream().allMatch(String.class::isInstance)) {
            throw new ParseException("One of " + name + " is not a string.", 0);
        }
        return values.stream().map(String.class::cast).collect(Collectors.toUnmodifiableSet());
    }

    private List<?> list(String name) throws ParseException {
        if (members.get(name) instanceof List<?> values) {
            return values;
        }
        throw new ParseException("There is no list " + name + ".", 0);
    }
}
