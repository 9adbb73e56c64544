package dev.latchkey.console;

import dev.latchkey.access.EffectivePrivileges;
import dev.latchkey.access.Operation;
import dev.latchkey.access.Privilege;
import java.util.List;

/** Which endpoints a set of privileges opens. */
public record EndpointCatalogue(List<Operation> all) {

    public List<Operation> openedBy(EffectivePrivileges privileges) {
        return all.stream()
                .filter(operation -> operation.privilege() == null || privileges.has(operation.privilege()))
                .toList();
    }

    /** The endpoints that this very privilege opens. */
    public List<Operation> requiring(Privilege privilege) {
        return all.stream()
                .filter(operation -> privilege.equals(operation.privilege()))
                .toList();
    }

    /** "9 of 24 endpoints". */
    public String summary(EffectivePrivileges privileges) {
        return openedBy(privileges).size() + " of " + all.size() + " endpoints";
    }
}
