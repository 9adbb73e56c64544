package dev.latchkey.registry;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Role;
import dev.latchkey.management.Doc;
import dev.latchkey.management.LimitsBody;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A role. */
public record RoleReply(
        String name,
        String description,

        @Doc("accountadmin and public exist from the start") boolean predefined,

        @Doc("What the role itself allows and denies") List<PrivilegeGrant> privileges,
        @Doc("The roles directly below this one") List<String> grantedRoles,
        @Doc("The roles directly above this one") List<String> grantedTo,

        @Doc(LIMITS) @Nullable LimitsBody limits,

        @Doc("What the role allows in effect, with the roles below it and public")
        List<EffectivePrivilege> effectivePrivileges,

        @Doc(
                value = "How many active API tokens act with the role, directly or through a role above it",
                observed = true)
        long tokens,

        @Doc(value = "How many of them the role is assigned to directly", observed = true)
        long directTokens,

        @Doc(value = "How many people act with the role, directly or through a role above it", observed = true)
        long users,

        @Doc(value = "How many of them the role is assigned to directly", observed = true)
        long directUsers,

        Instant createdAt,
        String createdBy) {

    static final String LIMITS =
            "How much each API token that has this role may call; those of roles below it do not apply";

    /** A privilege that a role has in effect, and the roles of its active role set that it comes from. */
    public record EffectivePrivilege(String api, String privilege, List<String> through) {}

    /** The role with what the current policy makes of it. */
    public static RoleReply of(Role role, AccessPolicy now, RoleUsage usage) {
        List<PrivilegeGrant> grants = new ArrayList<>();
        role.allowed().forEach(privilege -> grants.add(PrivilegeGrant.allow(privilege)));
        role.denied().forEach(privilege -> grants.add(PrivilegeGrant.deny(privilege)));
        List<EffectivePrivilege> effective = new ArrayList<>();
        now.effective(role.name())
                .sources()
                .forEach((privilege, through) ->
                        effective.add(new EffectivePrivilege(privilege.api(), privilege.name(), List.copyOf(through))));
        return new RoleReply(
                role.name(),
                role.description(),
                role.isPredefined(),
                grants,
                List.copyOf(role.grantedRoles()),
                List.copyOf(now.grantedTo(role.name())),
                LimitsBody.of(role.limits()),
                effective,
                usage.tokens(),
                usage.directTokens(),
                usage.users(),
                usage.directUsers(),
                role.createdAt(),
                role.createdBy());
    }
}
