package dev.latchkey.registry;

import dev.latchkey.access.RoleTerms;
import dev.latchkey.management.Doc;
import dev.latchkey.management.LimitsBody;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A new role. */
public record CreateRole(
        @Doc("1 to 64 of a-z, 0-9 and _") String name,
        @Doc("At most 200 characters") @Nullable String description,
        @Nullable List<PrivilegeGrant> privileges,
        @Nullable List<String> grantedRoles,
        @Doc(RoleReply.LIMITS) @Nullable LimitsBody limits) {

    /** The terms that were sent. */
    public RoleTerms terms() {
        return new RoleTerms(
                description == null ? "" : description,
                PrivilegeGrant.allowed(privileges),
                PrivilegeGrant.denied(privileges),
                grantedRoles == null ? new TreeSet<>() : new TreeSet<>(grantedRoles),
                LimitsBody.limits(limits));
    }
}
