package dev.latchkey.console;

import dev.latchkey.http.Parameters;
import dev.latchkey.problem.Problem;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A form as it is shown: what was typed, and what is wrong with it. A form that is refused comes back with everything that
 * was typed still in it, except passwords.
 *
 * @param errors what is wrong with which field, in the order in which it was found
 * @param problem what is wrong with the form as a whole; null when nothing is
 * @param notice what else its reader should know, such as that it was not sent yet; null for nothing
 */
public record Form(
        Parameters values,
        Map<String, String> errors,
        @Nullable String problem,
        @Nullable String notice) {
    public static final Form EMPTY = new Form(Parameters.NONE, Map.of(), null);

    /** One field with one value, as it is sent. */
    public record Field(String name, String value) {}

    /** Where a field stands, and its label. */
    public record Place(String id, String label) {}

    public Form(Parameters values, Map<String, String> errors, @Nullable String problem) {
        this(values, errors, problem, null);
    }

    public static Form of(Parameters values) {
        return new Form(values, Map.of(), null);
    }

    /** The form with the problem's sentences beside the fields that they are about. */
    public static Form refused(Parameters values, Problem problem) {
        Map<String, String> errors = new LinkedHashMap<>();
        problem.errors().forEach(error -> errors.putIfAbsent(error.field(), error.message()));
        return new Form(values, Collections.unmodifiableMap(errors), errors.isEmpty() ? problem.detail() : null);
    }

    /** The form with something to know before it is sent. */
    public static Form noted(Parameters values, String notice) {
        return new Form(values, Map.of(), null, notice);
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

    /** Whether anything but these fields is wrong. */
    public boolean isWrongBeyond(String... fields) {
        return !List.of(fields).containsAll(errors.keySet());
    }

    /** Where to look, for the summary on top. */
    public List<Place> wrongPlaces() {
        return errors.keySet().stream()
                .map(FormPlaces::of)
                .flatMap(Optional::stream)
                .distinct()
                .toList();
    }

    /** What is wrong and stands beside no field. */
    public List<String> otherErrors() {
        return errors.entrySet().stream()
                .filter(error -> FormPlaces.of(error.getKey()).isEmpty())
                .map(Map.Entry::getValue)
                .toList();
    }
}
