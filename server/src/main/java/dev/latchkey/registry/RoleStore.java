package dev.latchkey.registry;

import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import dev.latchkey.access.RoleTerms;
import dev.latchkey.database.Transaction;
import dev.latchkey.limit.CallLimits;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;

/** The statements of roles, their privileges and their grants. */
final class RoleStore {

    private record PrivilegeRow(String role, Privilege privilege, boolean allowed) {}

    private record GrantRow(String role, String granted) {}

    /** All roles, by name. */
    List<Role> all(Handle handle) {
        Map<String, SortedSet<Privilege>> allowed = new HashMap<>();
        Map<String, SortedSet<Privilege>> denied = new HashMap<>();
        handle.createQuery("select role_name, api_name, privilege_name, effect from role_privilege")
                .map((row, context) -> new PrivilegeRow(
                        row.getString("role_name"),
                        new Privilege(row.getString("api_name"), row.getString("privilege_name")),
                        row.getString("effect").equals("allow")))
                .forEach(row -> (row.allowed() ? allowed : denied)
                        .computeIfAbsent(row.role(), unused -> new TreeSet<>())
                        .add(row.privilege()));
        Map<String, SortedSet<String>> granted = new HashMap<>();
        handle.createQuery("select role_name, granted_role from role_grant")
                .map((row, context) -> new GrantRow(row.getString("role_name"), row.getString("granted_role")))
                .forEach(row -> granted.computeIfAbsent(row.role(), unused -> new TreeSet<>())
                        .add(row.granted()));
        return handle.createQuery(
                        "select role_name, description, created_at, created_by, version, call_limits from role"
                                + " order by role_name")
                .map((row, context) -> {
                    String name = row.getString("role_name");
                    return new Role(
                            name,
                            new RoleTerms(
                                    row.getString("description"),
                                    allowed.getOrDefault(name, new TreeSet<>()),
                                    denied.getOrDefault(name, new TreeSet<>()),
                                    granted.getOrDefault(name, new TreeSet<>()),
                                    CallLimits.stored(row.getString("call_limits"))),
                            Instant.ofEpochMilli(row.getLong("created_at")),
                            row.getString("created_by"),
                            row.getLong("version"));
                })
                .list();
    }

    void insert(Transaction transaction, Role role) {
        transaction
                .update(
                        "insert into role (role_name, description, created_at, created_by, version, call_limits) values (:name,"
                                + " :description, :createdAt, :createdBy, :version, :limits)")
                .bind("name", role.name())
                .bind("description", role.description())
                .bind("createdAt", role.createdAt().toEpochMilli())
                .bind("createdBy", role.createdBy())
                .bind("version", role.version())
                .bind("limits", role.limits().stored())
                .execute();
        insertParts(transaction, role);
    }

    void update(Transaction transaction, Role role) {
        transaction
                .update("update role set description = :description, version = :version, call_limits = :limits where"
                        + " role_name = :name")
                .bind("name", role.name())
                .bind("description", role.description())
                .bind("version", role.version())
                .bind("limits", role.limits().stored())
                .execute();
        delete(transaction, "role_privilege", role.name());
        delete(transaction, "role_grant", role.name());
        insertParts(transaction, role);
    }

    void delete(Transaction transaction, String name) {
        delete(transaction, "role", name);
    }

    private static void delete(Transaction transaction, String table, String name) {
        transaction
                .update("delete from " + table + " where role_name = :name")
                .bind("name", name)
                .execute();
    }

    private static void insertParts(Transaction transaction, Role role) {
        insertPrivileges(transaction, role.name(), role.allowed(), "allow");
        insertPrivileges(transaction, role.name(), role.denied(), "deny");
        for (String granted : role.grantedRoles()) {
            transaction
                    .update("insert into role_grant (role_name, granted_role) values (:name, :granted)")
                    .bind("name", role.name())
                    .bind("granted", granted)
                    .execute();
        }
    }

    private static void insertPrivileges(
            Transaction transaction, String role, Collection<Privilege> privileges, String effect) {
        for (Privilege privilege : privileges) {
            transaction
                    .update("insert into role_privilege (role_name, api_name, privilege_name, effect) values (:role,"
                            + " :api, :privilege, :effect)")
                    .bind("role", role)
                    .bind("api", privilege.api())
                    .bind("privilege", privilege.name())
                    .bind("effect", effect)
                    .execute();
        }
    }
}
