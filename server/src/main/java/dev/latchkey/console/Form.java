package dev.latchkey.console;

import dev.latchkey.http.Parameters;
import dev.latchkey.http.Problem;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A form as it is shown: what was typed, and what is wrong with it. A form that is refused comes back with everything that
 * was typed still in it, except passwords.
 *
 * @param problem what is wrong with the form as a whole; null when nothing is
 */
public record Form(
        Parameters values,
        Map<String, String> errors,
        @Nullable String problem) {
    public static final Form EMPTY = new Form(Parameters.NONE, Map.of(), null);

    public static Form of(Parameters values) {
        return new Form(values, Map.of(), null);
    }

    /** The form with the problem's sentences beside the fields that they are about. */
    public static Form refused(Parameters values, Problem problem) {
        Map<String, String> errors = new HashMap<>();
        problem.errors().forEach(error -> errors.putIfAbsent(error.field(), error.message()));
        return new Form(values, errors, errors.isEmpty() ? problem.detail() : null);
    }

    public String value(String field) {
        return values.first(field).orElse("");
    }

    public boolean has(String field, String value) {
        return values.all(field).contains(value);
    }

    public @Nullable String error(String field) {
        return errors.get(field);
    }

    public boolean isRefused() {
        return problem != null || !errors.isEmpty();
    }
}
