package dev.latchkey.console;

import dev.latchkey.http.Parameters;
import dev.latchkey.problem.Problem;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A form as a page shows it: what was typed, and what is wrong with it. A refused form comes back with everything that was
 * typed, except passwords.
 *
 * @param errors the error of each wrong field, in the order in which they were found
 * @param problem what is wrong with the form as a whole; null for nothing
 * @param notice what else the person should know, such as that the form was not sent yet; null for nothing
 */
public record Form(
        Parameters values,
        Map<String, String> errors,
        @Nullable String problem,
        @Nullable String notice) {
    public static final Form EMPTY = new Form(Parameters.NONE, Map.of(), null);

    static final String VERSION = "version";

    /** The status for a change that someone else overtook. */
    private static final int CONFLICT = 412;

    /** Another attempt may succeed after these. */
    private static final Set<Integer> WORTH_ANOTHER_TRY = Set.of(409, CONFLICT, 422, 429, 503);

    private static final Set<String> BEYOND_ONES_OWN = Set.of("role_exceeds_yours", "user_exceeds_you");

    /** A field with one value, as a browser sends it. */
    public record Field(String name, String value) {}

    public Form(Parameters values, Map<String, String> errors, @Nullable String problem) {
        this(values, errors, problem, null);
    }

    public static Form of(Parameters values) {
        return new Form(values, Map.of(), null);
    }

    /** Whether a refusal is shown with the form, so that the person can correct it there; others have a page of their own. */
    static boolean shows(Problem problem) {
        return WORTH_ANOTHER_TRY.contains(problem.status()) || BEYOND_ONES_OWN.contains(problem.code());
    }

    /**
     * The form with each error next to its field. After someone else's change the form continues from that change, so that the
     * person can overwrite it; after any other error it keeps the version that it was first shown with.
     */
    public static Form refused(Parameters values, Problem problem) {
        if (problem.status() == CONFLICT) {
            return new Form(
                    values.without(VERSION),
                    Map.of(),
                    firstSentence(problem.detail())
                            + " Nothing was saved. What you typed is still here: check it, and save again to replace that"
                            + " change.");
        }
        Map<String, String> errors = new LinkedHashMap<>();
        problem.errors().forEach(error -> errors.putIfAbsent(error.field(), error.message()));
        return new Form(values, Collections.unmodifiableMap(errors), errors.isEmpty() ? problem.detail() : null);
    }

    /** What the API's callers should do next is in the sentences after it. */
    private static String firstSentence(String text) {
        int end = text.indexOf(". ");
        return end < 0 ? text : text.substring(0, end + 1);
    }

    /** The form with something the person should know before they send it. */
    public static Form noted(Parameters values, String notice) {
        return new Form(values, Map.of(), null, notice);
    }

    public String value(String field) {
        return values.first(field).orElse("");
    }

    /** What was typed into the field; before that its initial value. */
    public String value(String field, String otherwise) {
        return values.first(field).orElse(otherwise);
    }

    /**
     * The version that the form changes: the one it was first shown with, however often it is shown again, so that it does not
     * overwrite what someone else has changed since.
     */
    public String version(long present) {
        return value(VERSION, Long.toString(present));
    }

    /** Whether a box is ticked: as the form was sent; before that as it is. */
    public boolean isTicked(String field, boolean otherwise) {
        return values.equals(Parameters.NONE) ? otherwise : !value(field).isEmpty();
    }

    public boolean has(String field, String value) {
        return values.all(field).contains(value);
    }

    /** Whether one of these fields has a value. */
    public boolean hasAny(String... fields) {
        return Arrays.stream(fields).anyMatch(field -> !value(field).isEmpty());
    }

    public @Nullable String error(String field) {
        return errors.get(field);
    }

    public boolean isRefused() {
        return problem != null || !errors.isEmpty();
    }

    /** Whether any other field is wrong. */
    public boolean isWrongBeyond(String... fields) {
        return !List.of(fields).containsAll(errors.keySet());
    }

    /** The wrong fields, for the summary at the top. */
    public List<FormPlaces.Place> wrongPlaces() {
        return errors.keySet().stream()
                .map(FormPlaces::of)
                .flatMap(Optional::stream)
                .distinct()
                .toList();
    }

    /** The errors that belong to no field of the page. */
    public List<String> otherErrors() {
        return errors.entrySet().stream()
                .filter(error -> FormPlaces.of(error.getKey()).isEmpty())
                .map(Map.Entry::getValue)
                .toList();
    }
}
