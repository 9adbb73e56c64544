package dev.latchkey.console;

import dev.latchkey.console.Form.Field;
import dev.latchkey.http.FormData;
import dev.latchkey.http.Parameters;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A form that could not be accepted because the session had ended or the service was busy. The hidden fields of the page that
 * says so carry it, so that nothing typed is lost and the server stores nothing. Secrets and files are left out.
 *
 * @param action the address that the form was sent to
 * @param shown whether the form can be shown again; otherwise its values are listed before it is sent again
 * @param complete whether nothing is left out
 */
public record KeptForm(String action, List<Field> fields, boolean shown, boolean complete) {
    /** The field that asks to show the form with its values instead of accepting it. */
    static final String AGAIN = "shown.again";

    private static final String ACTION = "kept.action";
    private static final String SHOWN = "kept.shown";
    private static final String COMPLETE = "kept.complete";
    private static final String PREFIX = "kept.field.";

    /** In bytes: with it the sign-in form is still small enough to be read. */
    private static final int LONGEST = 56 * 1024;

    private static final int MOST_FIELDS = 2_000;

    /** They belong to the session that ended, or are secret. */
    private static final Set<String> LEFT_OUT = Set.of("csrf", "password", "currentPassword", "secret", AGAIN);

    /** Fields that mean nothing to people. */
    private static final Set<String> SILENT = Set.of("version", "nonce");

    /** The form that was sent to an address; empty when it is too large to carry. */
    static Optional<KeptForm> of(String action, FormData sent, boolean shown) {
        Parameters typed = sent.fields();
        List<Field> fields = new ArrayList<>();
        boolean complete = sent.files().isEmpty();
        int length = action.length();
        for (String name : typed.names()) {
            if (LEFT_OUT.contains(name)) {
                complete &= name.equals("csrf") || name.equals(AGAIN);
                continue;
            }
            for (String value : typed.all(name)) {
                fields.add(new Field(name, value));
                length += PREFIX.length() + 2 + encoded(name) + encoded(value);
            }
        }
        return length > LONGEST || fields.size() > MOST_FIELDS
                ? Optional.empty()
                : Optional.of(new KeptForm(action, List.copyOf(fields), shown, complete));
    }

    /** The form that another form carries; empty when it carries none. */
    static Optional<KeptForm> carriedBy(Parameters form) {
        return form.first(ACTION)
                .filter(action -> Links.local(action).equals(action))
                .map(action -> {
                    List<Field> fields = new ArrayList<>();
                    for (String name : form.names()) {
                        if (name.startsWith(PREFIX)) {
                            form.all(name)
                                    .forEach(value -> fields.add(new Field(name.substring(PREFIX.length()), value)));
                        }
                    }
                    return new KeptForm(action, List.copyOf(fields), form.has(SHOWN), form.has(COMPLETE));
                });
    }

    /** A form with no values. */
    static KeptForm nothingAt(String action) {
        return new KeptForm(action, List.of(), true, true);
    }

    /** The form with another value in one field. */
    KeptForm with(String name, String value) {
        List<Field> changed = new ArrayList<>(
                fields.stream().filter(field -> !field.name().equals(name)).toList());
        changed.add(new Field(name, value));
        return new KeptForm(action, List.copyOf(changed), shown, complete);
    }

    /** Its values, as if they had just been sent. */
    Parameters typed() {
        Map<String, List<String>> values = new LinkedHashMap<>();
        fields.forEach(field -> values.computeIfAbsent(field.name(), unused -> new ArrayList<>(1))
                .add(field.value()));
        return Parameters.of(values);
    }

    /** The hidden fields that carry this form in another one. */
    public List<Field> carried() {
        List<Field> carried = new ArrayList<>(List.of(new Field(ACTION, action)));
        if (shown) {
            carried.add(new Field(SHOWN, "yes"));
        }
        if (complete) {
            carried.add(new Field(COMPLETE, "yes"));
        }
        fields.forEach(field -> carried.add(new Field(PREFIX + field.name(), field.value())));
        return carried;
    }

    /** The hidden fields that send this form again. */
    public List<Field> sentAgain() {
        List<Field> again = new ArrayList<>(fields);
        if (shown) {
            again.add(new Field(AGAIN, complete ? "complete" : "incomplete"));
        }
        return again;
    }

    /** What people typed and chose, by label. */
    public List<Field> readable() {
        return fields.stream()
                .filter(field ->
                        !SILENT.contains(field.name()) && !field.value().isBlank())
                .map(field -> new Field(FormPlaces.label(field.name()), field.value()))
                .toList();
    }

    private static int encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).length();
    }

    @Override
    public String toString() {
        return "KeptForm[" + action + "]";
    }
}
