package dev.latchkey.console;

import dev.latchkey.access.Api;
import dev.latchkey.access.Endpoint;
import dev.latchkey.access.Endpoint.Requirement;
import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A privilege that no endpoint of its API needs.
 *
 * @param roles the roles that allow or deny it themselves, by name
 */
public record UnneededPrivilege(String name, String description, List<String> roles) {
    /** An API's page shows at most this many. */
    public static final int MOST_SHOWN = 100;

    static List<UnneededPrivilege> of(Api api, Collection<Role> roles) {
        Set<String> needed = neededBy(api.endpoints().all());
        return api.privileges().entrySet().stream()
                .filter(privilege -> !needed.contains(privilege.getKey()))
                .map(privilege -> new UnneededPrivilege(
                        privilege.getKey(),
                        privilege.getValue(),
                        having(new Privilege(api.name(), privilege.getKey()), roles)))
                .toList();
    }

    private static List<String> having(Privilege privilege, Collection<Role> roles) {
        return roles.stream()
                .filter(role ->
                        role.allowed().contains(privilege) || role.denied().contains(privilege))
                .map(Role::name)
                .sorted()
                .toList();
    }

    /** The privileges that these endpoints need. */
    static Set<String> neededBy(Collection<Endpoint> endpoints) {
        Set<String> needed = new HashSet<>();
        endpoints.forEach(endpoint -> {
            if (endpoint.requirement() instanceof Requirement.Holds holds) {
                needed.addAll(holds.names());
            }
        });
        return needed;
    }
}
