package dev.latchkey.console;

import dev.latchkey.apitoken.ApiToken.State;
import dev.latchkey.apitoken.ApiTokenQuery;
import dev.latchkey.console.Form.Field;
import dev.latchkey.http.Parameters;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The filters of the list of API tokens in their canonical form, and the addresses of other views of the list.
 *
 * @param values the parameters that have a value, by name
 */
public record TokenFilter(Map<String, List<String>> values) {
    public static final TokenFilter ALL = new TokenFilter(Map.of());

    /** A field of the filter form: the answer to it redirects to the canonical address. */
    static final String ASKED = "asked";

    private static final String STATE = "state";
    private static final String OWNER = "owner";
    private static final String ONLY = "only";
    private static final String COLUMNS = "columns";
    private static final String PAGE_TOKEN = "pageToken";

    private static final List<String> SINGLE = List.of("search", STATE, "role", OWNER, "sort", "pageSize", PAGE_TOKEN);
    private static final Set<String> OPTIONAL_COLUMNS = Set.of(OWNER, "expires", "authentication");

    /**
     * Reads an address or the filter form. In the form a button follows the hidden field with the previous choice, so the last
     * value is the one to take.
     */
    static TokenFilter of(Parameters sent) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (String name : SINGLE) {
            last(sent, name).ifPresent(value -> values.put(name, List.of(value)));
        }
        if (!sent.has(STATE)) {
            // The parameter of earlier versions.
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

    /** The same query to the management API. */
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

    /** Whether the list is narrowed to this state; tokens that expire soon are active as well. */
    public boolean isIn(State state) {
        return has(STATE, state.text()) || state == State.ACTIVE && has(STATE, State.EXPIRING.text());
    }

    /** Whether a chip is pressed. */
    public boolean isOn(String chip) {
        return has(ONLY, chip) || has(STATE, chip) || has(OWNER, chip);
    }

    /** Whether an optional column is shown: because it was chosen, or because the list is about it. */
    public boolean shows(String column) {
        return has(COLUMNS, column)
                || column.equals("expires") && (isIn(State.EXPIRED) || has(STATE, State.EXPIRING.text()));
    }

    /** How many optional columns are shown. */
    public long more() {
        return OPTIONAL_COLUMNS.stream().filter(this::shows).count();
    }

    public boolean isNarrowed() {
        return List.of("search", STATE, "role", OWNER, ONLY).stream().anyMatch(values::containsKey);
    }

    /** The order in force. Expired tokens begin with the latest, expiring ones with the next. */
    public String sort() {
        String chosen = value("sort");
        if (!chosen.isEmpty()) {
            return chosen;
        }
        return isIn(State.EXPIRED) ? "-expires" : has(STATE, State.EXPIRING.text()) ? "expires" : "-created";
    }

    /** The list from its first page. */
    public String link() {
        return address(Links.TOKENS, false).text();
    }

    /** This page of the list. */
    public String here() {
        return at(Links.TOKENS);
    }

    /** Another page that comes back to this page of the list. */
    public String at(String path) {
        return address(path, true).text();
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

    private Address address(String path, boolean page) {
        Address address = Address.of(path);
        for (Field field : fields()) {
            if (page || !field.name().equals(PAGE_TOKEN)) {
                address = address.with(field.name(), field.value());
            }
        }
        return address;
    }

    /** The fields of a form that comes back to the list. */
    public List<Field> fields() {
        List<Field> fields = new ArrayList<>();
        values.forEach((name, all) -> all.forEach(value -> fields.add(new Field(name, value))));
        return fields;
    }

    /** The fields for which the filter form has no control. */
    public List<Field> hidden() {
        return fields().stream()
                .filter(field -> !Set.of("search", "role", COLUMNS).contains(field.name()))
                .toList();
    }
}
