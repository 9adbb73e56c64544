package dev.latchkey.console;

import dev.latchkey.apitoken.ApiToken.State;
import dev.latchkey.apitoken.ApiTokenQuery;
import dev.latchkey.console.Form.Field;
import dev.latchkey.http.Parameters;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the list of API tokens is asked to show, in its one spelling, and the addresses that ask for something else.
 *
 * @param values the parameters that have a value, by name
 */
public record TokenFilter(Map<String, List<String>> values) {
    public static final TokenFilter ALL = new TokenFilter(Map.of());

    static final String PATH = "/tokens";

    /** A field of the form in which people choose: its answer leads on to the address in its one spelling. */
    static final String ASKED = "asked";

    private static final String STATE = "state";
    private static final String OWNER = "owner";
    private static final String ONLY = "only";
    private static final String COLUMNS = "columns";
    private static final String PAGE_TOKEN = "pageToken";

    private static final List<String> SINGLE = List.of("search", STATE, "role", OWNER, "sort", "pageSize", PAGE_TOKEN);
    private static final Set<String> OPTIONAL_COLUMNS = Set.of(OWNER, "expires", "authentication");

    /**
     * Reads an address, or the form in which people choose. There a button comes after the hidden field that says what was
     * chosen before, so the last value counts.
     */
    static TokenFilter of(Parameters sent) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (String name : SINGLE) {
            last(sent, name).ifPresent(value -> values.put(name, List.of(value)));
        }
        if (!sent.has(STATE)) {
            // From before there were more than two.
            last(sent, "status").ifPresent(value -> values.put(STATE, List.of(value)));
        }
        Set<String> only = several(sent, ONLY);
        for (String chip : several(sent, "toggle")) {
            switch (chip) {
                case "expiring" -> toggle(values, STATE, chip);
                case ApiTokenQuery.DEPARTED -> toggle(values, OWNER, chip);
                default -> {
                    if (!only.remove(chip)) {
                        only.add(chip);
                    }
                }
            }
        }
        put(values, ONLY, only);
        Set<String> columns = several(sent, COLUMNS);
        columns.retainAll(OPTIONAL_COLUMNS);
        put(values, COLUMNS, columns);
        return new TokenFilter(values);
    }

    private static Optional<String> last(Parameters sent, String name) {
        List<String> all = sent.all(name);
        return all.isEmpty()
                ? Optional.empty()
                : Optional.of(all.getLast().strip()).filter(value -> !value.isEmpty());
    }

    private static Set<String> several(Parameters sent, String name) {
        Set<String> values = new LinkedHashSet<>();
        sent.all(name).stream()
                .map(String::strip)
                .filter(value -> !value.isEmpty())
                .forEach(values::add);
        return values;
    }

    private static void toggle(Map<String, List<String>> values, String name, String value) {
        if (List.of(value).equals(values.get(name))) {
            values.remove(name);
        } else {
            values.put(name, List.of(value));
        }
    }

    private static void put(Map<String, List<String>> values, String name, Set<String> all) {
        if (!all.isEmpty()) {
            values.put(name, List.copyOf(all));
        }
    }

    /** What the management API would be asked. */
    Parameters parameters() {
        Map<String, List<String>> asked = new LinkedHashMap<>(values);
        asked.put("sort", List.of(sort()));
        return Parameters.of(asked);
    }

    public String value(String name) {
        return values.getOrDefault(name, List.of("")).getFirst();
    }

    public boolean has(String name, String value) {
        return values.getOrDefault(name, List.of()).contains(value);
    }

    /** Whether the list is narrowed to this state; those that expire soon are active ones, too. */
    public boolean isIn(State state) {
        return has(STATE, state.text()) || state == State.ACTIVE && has(STATE, State.EXPIRING.text());
    }

    /** Whether a chip is pressed. */
    public boolean isOn(String chip) {
        return has(ONLY, chip) || has(STATE, chip) || has(OWNER, chip);
    }

    /** Whether a column is shown that not everybody wants: because it was chosen, or because the list is about it. */
    public boolean shows(String column) {
        return has(COLUMNS, column)
                || column.equals("expires") && (isIn(State.EXPIRED) || has(STATE, State.EXPIRING.text()));
    }

    /** How many such columns there are. */
    public long more() {
        return OPTIONAL_COLUMNS.stream().filter(this::shows).count();
    }

    public boolean isNarrowed() {
        return List.of("search", STATE, "role", OWNER, ONLY).stream().anyMatch(values::containsKey);
    }

    /** The order in force. Of what has expired people look for the last first, of what is about to for the next. */
    public String sort() {
        String chosen = value("sort");
        if (!chosen.isEmpty()) {
            return chosen;
        }
        return isIn(State.EXPIRED) ? "-expires" : has(STATE, State.EXPIRING.text()) ? "expires" : "-created";
    }

    /** The list from its first page. */
    public String link() {
        return PATH + query(false);
    }

    /** This very page of it. */
    public String here() {
        return at(PATH);
    }

    /** Another address that comes back to this page of the list. */
    public String at(String path) {
        return path + query(true);
    }

    /** This page of the list, which says what was done. */
    String done(String word) {
        String here = here();
        return here + (here.contains("?") ? "&" : "?") + "done=" + word;
    }

    public String page(String pageToken) {
        return with(PAGE_TOKEN, pageToken);
    }

    /** The list with one thing changed, from its first page unless it is the page. */
    public String with(String name, String value) {
        Map<String, List<String>> changed = new LinkedHashMap<>(values);
        changed.remove(PAGE_TOKEN);
        changed.remove(name);
        if (!value.isEmpty()) {
            changed.put(name, List.of(value));
        }
        return new TokenFilter(changed).here();
    }

    private String query(boolean page) {
        StringBuilder query = new StringBuilder();
        for (Field field : fields()) {
            if (page || !field.name().equals(PAGE_TOKEN)) {
                query.append(query.isEmpty() ? '?' : '&')
                        .append(field.name())
                        .append('=')
                        .append(URLEncoder.encode(field.value(), StandardCharsets.UTF_8));
            }
        }
        return query.toString();
    }

    /** The fields of a form that comes back to the list. */
    public List<Field> fields() {
        List<Field> fields = new ArrayList<>();
        values.forEach((name, all) -> all.forEach(value -> fields.add(new Field(name, value))));
        return fields;
    }

    /** Those that the form, in which people choose, does not have as controls. */
    public List<Field> hidden() {
        return fields().stream()
                .filter(field -> !Set.of("search", "role", COLUMNS).contains(field.name()))
                .toList();
    }
}
