package dev.latchkey.console;

import dev.latchkey.access.Api;
import dev.latchkey.access.EffectivePrivileges;
import dev.latchkey.access.Endpoint;
import dev.latchkey.access.Endpoint.Requirement.Holds;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import dev.latchkey.access.RoleTerms;
import dev.latchkey.event.Change;
import dev.latchkey.event.EventType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the editor of a role shows.
 *
 * @param groups the privileges, one group for each API
 * @param changes what saving would change in the role, in words
 */
public record RoleEditor(Role role, RoleTerms edit, List<Group> groups, List<String> changes) {
    /** Before the privilege in the name of its field. */
    static final String PRIVILEGE_FIELD = "privilege:";

    /** A group with at most so many privileges need not be folded. */
    private static final int SHORT = 12;

    /**
     * The privileges of an API.
     *
     * @param own whether the API is Latchkey's own
     * @param allowed how many of them the role has in effect
     * @param denied how many of them it is denied
     * @param endpoints how many of the API's endpoints it may call, in words
     * @param open whether the group is shown unfolded
     */
    public record Group(
            Api api, boolean own, List<Row> rows, long allowed, long denied, String endpoints, boolean open) {
        public String title() {
            return own ? "Latchkey" : api.name();
        }

        /** "12 of 159 allowed". */
        public String state() {
            return allowed + " of " + rows.size() + " allowed" + (denied > 0 ? ", " + denied + " denied" : "");
        }

        public long changed() {
            return rows.stream().filter(Row::isChanged).count();
        }
    }

    /**
     * A privilege.
     *
     * @param was the current choice of the role itself: {@code allow}, {@code deny} or nothing
     * @param becomes the choice in the form
     * @param opens the endpoints that need it
     */
    public record Row(Privilege privilege, String description, String was, String becomes, List<Endpoint> opens) {
        public String field() {
            return PRIVILEGE_FIELD + privilege;
        }

        public boolean isChanged() {
            return !was.equals(becomes);
        }

        public boolean is(String choice) {
            return becomes.equals(choice);
        }

        public boolean isPowerful() {
            return privilege.equals(ManagementApi.SECURITY_MANAGE);
        }

        /** The current choice in words. */
        public String before() {
            return switch (was) {
                case "allow" -> "was allowed";
                case "deny" -> "was denied";
                default -> "was not set";
            };
        }
    }

    static RoleEditor of(
            Role role,
            RoleTerms edit,
            EffectivePrivileges effective,
            EndpointCatalogue endpoints,
            List<Change> changes) {
        List<Api> apis = endpoints.apis();
        List<Group> groups = new ArrayList<>();
        for (Api api : apis) {
            List<Row> rows = rows(role, edit, api);
            boolean open = apis.size() == 1
                    || rows.stream().anyMatch(Row::isChanged)
                    || rows.size() <= SHORT && apis.size() <= 2;
            groups.add(new Group(
                    api,
                    api == endpoints.management(),
                    rows,
                    rows.stream().filter(row -> effective.has(row.privilege())).count(),
                    rows.stream()
                            .filter(row -> effective.denials().containsKey(row.privilege()))
                            .count(),
                    endpoints.summary(api, effective),
                    open));
        }
        return new RoleEditor(
                role,
                edit,
                groups,
                changes.stream()
                        .map(change -> ChangeWords.detail(EventType.ROLE_UPDATE, change))
                        .toList());
    }

    private static List<Row> rows(Role role, RoleTerms edit, Api api) {
        Map<Privilege, List<Endpoint>> opens = new HashMap<>();
        for (Endpoint endpoint : api.endpoints().all()) {
            if (endpoint.requirement() instanceof Holds holds) {
                holds.privileges()
                        .forEach(privilege -> opens.computeIfAbsent(privilege, unused -> new ArrayList<>())
                                .add(endpoint));
            }
        }
        List<Row> rows = new ArrayList<>();
        api.privileges().forEach((name, description) -> {
            Privilege privilege = new Privilege(api.name(), name);
            rows.add(new Row(
                    privilege,
                    description,
                    choice(role.allowed().contains(privilege), role.denied().contains(privilege)),
                    choice(edit.allowed().contains(privilege), edit.denied().contains(privilege)),
                    opens.getOrDefault(privilege, List.of())));
        });
        return rows;
    }

    private static String choice(boolean allowed, boolean denied) {
        return denied ? "deny" : allowed ? "allow" : "";
    }
}
