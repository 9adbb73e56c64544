package dev.latchkey.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the server proposes to change by an import, as far as commands show it. */
public record ImportProposal(
        String title,
        String version,
        List<Proposed> endpoints,
        List<LeftOut> leftOut,
        List<Map<String, Object>> removed,
        List<String> hints,
        Preview preview) {
    /** An endpoint, and whether it is added, changed or the same. */
    public record Proposed(
            Map<String, Object> endpoint,
            String change,
            @Nullable String before,
            @Nullable String note) {}

    /**
     * An operation of the document that is not proposed.
     *
     * @param possible whether it can be imported once its privileges are known
     */
    public record LeftOut(@Nullable String method, String path, String where, String reason, boolean possible) {
        public String name() {
            return (method == null ? "" : method + " ") + path;
        }
    }

    /** What the import opens and closes for whom. */
    public record Preview(List<Touched> roles) {}

    /** A role whose tokens gain or lose endpoints. */
    public record Touched(
            String role, List<Map<String, Object>> opened, List<Map<String, Object>> closed, long tokens) {}

    /**
     * Endpoints for operations that were left out, with the privileges that people named for them.
     *
     * @param needs each such as {@code POST /parcels=parcels:write}
     */
    public List<Map<String, Object>> named(List<String> needs) {
        List<Map<String, Object>> named = new ArrayList<>();
        for (String need : needs) {
            int equals = need.indexOf('=');
            String name = equals < 0 ? need : need.substring(0, equals).strip();
            String privileges = equals < 0 ? "" : need.substring(equals + 1).strip();
            if (privileges.isEmpty()) {
                throw FailedCallException.impossible(
                        "Write --need as \"POST /parcels=parcels:write\", with spaces between several privileges.");
            }
            LeftOut operation = leftOut.stream()
                    .filter(one -> one.possible() && one.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> FailedCallException.refused("--need names " + name
                            + ", but no such operation was left out that can be imported. Nothing has changed."));
            named.add(Map.of(
                    "method",
                    String.valueOf(operation.method()),
                    "path",
                    operation.path(),
                    "privileges",
                    List.of(privileges.split("\\s+"))));
        }
        return named;
    }

    public long count(String change) {
        return endpoints.stream()
                .filter(proposed -> proposed.change().equals(change))
                .count();
    }
}
