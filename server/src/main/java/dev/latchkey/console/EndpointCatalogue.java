package dev.latchkey.console;

import dev.latchkey.access.EffectivePrivileges;
import dev.latchkey.access.Operation;
import java.util.List;

/** Which endpoints a set of privileges opens. */
public record EndpointCatalogue(List<Operation> all) {

    public List<Operation> openedBy(EffectivePrivileges privileges) {
        return all.stream()
                .filter(operation -> operation.privilege() == null || privileges.has(operation.privilege()))
                .toList();
    }

    /** "9 of 24 endpoints". */
    public String summary(EffectivePrivileges privileges) {
        return openedBy(privileges).size() + " of " + all.size() + " endpoints";
    }
}
