package dev.latchkey.registry;

import dev.latchkey.access.RoleTerms;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Changes to a role; an absent field stays as it is. */
public record UpdateRole(
        @Nullable String description,
        @Nullable List<PrivilegeGrant> privileges,
        @Nullable List<String> grantedRoles) {

    /** The old terms with these changes. */
    public RoleTerms applied(RoleTerms old) {
        return new RoleTerms(
                description == null ? old.description() : description,
                privileges == null ? old.allowed() : PrivilegeGrant.allowed(privileges),
                privileges == null ? old.denied() : PrivilegeGrant.denied(privileges),
                grantedRoles == null ? old.grantedRoles() : new TreeSet<>(grantedRoles));
    }
}
