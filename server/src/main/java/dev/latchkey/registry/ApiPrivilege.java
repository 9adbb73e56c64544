package dev.latchkey.registry;

import dev.latchkey.management.Doc;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A privilege that roles can hold on an API. */
public record ApiPrivilege(
        @Doc("Visible ASCII, as in a scope") String name,
        @Nullable String description) {

    /** The descriptions of the privileges, by name. */
    static SortedMap<String, String> byName(@Nullable List<ApiPrivilege> given) {
        SortedMap<String, String> privileges = new TreeMap<>();
        if (given != null) {
            given.forEach(privilege ->
                    privileges.put(privilege.name(), privilege.description() == null ? "" : privilege.description()));
        }
        return privileges;
    }
}
