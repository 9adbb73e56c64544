package dev.latchkey.registry;

import dev.latchkey.access.RoleTerms;
import dev.latchkey.management.Doc;
import dev.latchkey.management.LimitsBody;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Changes to a role; an absent field stays as it is. */
public record UpdateRole(
        @Nullable String description,
        @Nullable List<PrivilegeGrant> privileges,
        @Nullable List<String> grantedRoles,

        @Doc(value = RoleReply.LIMITS + ", in full; null for none", clearable = true) @Nullable LimitsBody limits) {

    /**
     * The old terms with these changes.
     *
     * @param given the names that were sent, including those whose value is null
     */
    public RoleTerms applied(RoleTerms old, Set<String> given) {
        return new RoleTerms(
                description == null ? old.description() : description,
                privileges == null ? old.allowed() : PrivilegeGrant.allowed(privileges),
                privileges == null ? old.denied() : PrivilegeGrant.denied(privileges),
                grantedRoles == null ? old.grantedRoles() : new TreeSet<>(grantedRoles),
                given.contains("limits") ? LimitsBody.limits(limits) : old.limits());
    }
}
