package dev.latchkey.console;

import dev.latchkey.access.Api;
import dev.latchkey.access.Endpoint;
import dev.latchkey.access.Privilege;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A role to start from: what a program usually needs of an API.
 *
 * @param value its value in the form
 * @param label what it allows, in words
 * @param roleName the name of the role unless the person enters another
 */
public record RoleTemplate(String value, String label, String roleName, SortedSet<Privilege> privileges) {
    private static final Set<String> READS = Set.of("GET", "HEAD", "OPTIONS");

    /** For each API a role that reads and one that may do everything; for Latchkey only the former: the latter is {@code accountadmin}. */
    static List<RoleTemplate> of(EndpointCatalogue endpoints) {
        List<RoleTemplate> templates = new ArrayList<>();
        for (Api api : endpoints.apis()) {
            boolean own = api == endpoints.management();
            String name = api.name().replace('-', '_');
            String shown = own ? "Latchkey" : api.name();
            SortedSet<Privilege> reads = reads(api);
            if (!reads.isEmpty()) {
                templates.add(new RoleTemplate("read:" + api.name(), "Read only: " + shown, name + "_reader", reads));
            }
            if (!own && !api.privileges().isEmpty()) {
                SortedSet<Privilege> all = new TreeSet<>();
                api.privileges().keySet().forEach(privilege -> all.add(new Privilege(api.name(), privilege)));
                templates.add(new RoleTemplate("all:" + api.name(), "Everything: " + shown, name + "_all", all));
            }
        }
        return templates;
    }

    /** The privileges that open only endpoints that read. */
    static SortedSet<Privilege> reads(Api api) {
        SortedSet<Privilege> reads = new TreeSet<>();
        for (String name : api.privileges().keySet()) {
            List<Endpoint> opened = api.needing(name);
            if (!opened.isEmpty() && opened.stream().allMatch(endpoint -> READS.contains(endpoint.method()))) {
                reads.add(new Privilege(api.name(), name));
            }
        }
        return reads;
    }
}
