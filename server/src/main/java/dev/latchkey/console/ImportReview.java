package dev.latchkey.console;

import dev.latchkey.access.Api;
import dev.latchkey.access.Endpoint;
import dev.latchkey.access.Endpoint.Requirement;
import dev.latchkey.http.Parameters;
import dev.latchkey.registry.ImportProposal;
import dev.latchkey.registry.ImportProposal.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The rows of the page that reviews an import: each endpoint of the document or of the API, and what a call to it will need.
 * A row without a need is left out of the API, so that calls to it are denied.
 */
public record ImportReview(List<Row> rows, List<String> hints) {
    /** The need of a public endpoint; the name of a privilege cannot contain a quotation mark. */
    public static final String PUBLIC = "\"public, no token\"";

    public static final String ANY_TOKEN = "\"any token\"";

    private static final String NEED = "need ";
    private static final String SUMMARY = "summary ";
    private static final String LEFT_OUT = "left out ";

    /**
     * An endpoint.
     *
     * @param before what it needs now; empty when the API does not have it yet
     * @param possible whether the API can have it at all
     */
    public record Row(
            String method,
            String path,
            String summary,
            String need,
            String before,
            State state,
            boolean possible,
            String note) {
        /** The field that keeps the note of an endpoint that is left out. */
        public String noteField() {
            return LEFT_OUT + method + " " + path;
        }

        public String needField() {
            return NEED + method + " " + path;
        }

        public String summaryField() {
            return SUMMARY + method + " " + path;
        }
    }

    /** How a row differs from what the API has. */
    public enum State {
        LEFT_OUT("Left out"),
        ADDED("Added"),
        CHANGED("Changed"),
        REMOVED("Removed"),
        SAME("Unchanged");

        private final String title;

        State(String title) {
            this.title = title;
        }

        public String title() {
            return title;
        }
    }

    static ImportReview of(ImportProposal proposal) {
        List<Row> rows = new ArrayList<>();
        proposal.endpoints()
                .forEach(proposed -> rows.add(new Row(
                        proposed.endpoint().method(),
                        proposed.endpoint().path(),
                        proposed.endpoint().summary(),
                        need(proposed.endpoint()),
                        proposed.before() == null ? "" : need(proposed.before()),
                        proposed.kind() == Kind.ADDED
                                ? State.ADDED
                                : proposed.kind() == Kind.CHANGED ? State.CHANGED : State.SAME,
                        true,
                        proposed.note())));
        proposal.leftOut()
                .forEach(one -> rows.add(new Row(
                        one.method(),
                        one.path(),
                        "",
                        "",
                        "",
                        State.LEFT_OUT,
                        one.possible(),
                        one.where() + ": " + one.reason() + ".")));
        proposal.removed()
                .forEach(removed -> rows.add(new Row(
                        removed.method(),
                        removed.path(),
                        removed.summary(),
                        "",
                        need(removed),
                        State.REMOVED,
                        true,
                        "The document no longer has it. Enter a privilege to keep it.")));
        return new ImportReview(List.copyOf(rows), proposal.hints());
    }

    /** The rows with the edits that were sent. */
    static ImportReview edited(Api api, Parameters form) {
        Map<String, Endpoint> known = new HashMap<>();
        api.endpoints().all().forEach(endpoint -> known.put(endpoint.name(), endpoint));
        List<Row> rows = new ArrayList<>();
        for (String field : form.names()) {
            if (field.startsWith(NEED)) {
                row(field.substring(NEED.length()), known, form).ifPresent(rows::add);
            } else if (field.startsWith(LEFT_OUT)) {
                String name = field.substring(LEFT_OUT.length());
                int space = name.indexOf(' ');
                // An endpoint that the API can have has a field for its needs as well.
                if (space >= 0 && form.text(NEED + name).orElse("").isBlank()) {
                    rows.add(new Row(
                            name.substring(0, space),
                            name.substring(space + 1),
                            "",
                            "",
                            "",
                            State.LEFT_OUT,
                            form.names().contains(NEED + name),
                            form.text(field).orElse("")));
                }
            }
        }
        return new ImportReview(List.copyOf(rows), List.of());
    }

    private static Optional<Row> row(String name, Map<String, Endpoint> known, Parameters form) {
        int space = name.indexOf(' ');
        String need = form.text(NEED + name).orElse("").strip();
        if (space < 0 || (need.isEmpty() && form.names().contains(LEFT_OUT + name))) {
            return Optional.empty();
        }
        String summary = form.text(SUMMARY + name).orElse("");
        Endpoint before = known.get(name);
        State state = before == null
                ? State.ADDED
                : need.isEmpty()
                        ? State.REMOVED
                        : need.equals(need(before)) && summary.equals(before.summary()) ? State.SAME : State.CHANGED;
        return Optional.of(new Row(
                name.substring(0, space),
                name.substring(space + 1),
                summary,
                need,
                before == null ? "" : need(before),
                state,
                true,
                form.text(LEFT_OUT + name).orElse("")));
    }

    public List<Row> in(State state) {
        return rows.stream().filter(row -> row.state() == state).toList();
    }

    /** Everything that a row needs, for the suggestions of the fields. */
    public SortedSet<String> needs() {
        SortedSet<String> needs = new TreeSet<>(List.of(PUBLIC, ANY_TOKEN));
        rows.stream().map(Row::need).filter(need -> !need.isBlank()).forEach(needs::add);
        return needs;
    }

    /** The endpoints that the API will have. */
    List<Endpoint> endpoints(String api) {
        return rows.stream()
                .filter(row -> !row.need().isBlank())
                .map(row -> new Endpoint(row.method(), row.path(), requirement(api, row.need()), row.summary()))
                .toList();
    }

    private static String need(Endpoint endpoint) {
        return switch (endpoint.requirement()) {
            case Requirement.Holds holds -> String.join(" ", holds.names());
            case Requirement.AnyToken anyToken -> ANY_TOKEN;
            case Requirement.Nothing nothing -> PUBLIC;
        };
    }

    private static Requirement requirement(String api, String need) {
        return switch (need) {
            case PUBLIC -> new Requirement.Nothing();
            case ANY_TOKEN -> new Requirement.AnyToken();
            default -> Requirement.Holds.of(api, List.of(need.strip().split("\\s+")));
        };
    }
}
