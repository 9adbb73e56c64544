package dev.latchkey.registry;

import static dev.latchkey.access.ManagementApi.ROLES_MANAGE;
import static dev.latchkey.access.ManagementApi.ROLES_READ;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Caller;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import dev.latchkey.http.Paging;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.management.Doc;
import dev.latchkey.management.ETag;
import dev.latchkey.management.Idempotency;
import dev.latchkey.management.Operation;
import dev.latchkey.management.Operation.QueryParameter;
import dev.latchkey.problem.Page;
import dev.latchkey.problem.Problem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The management API's calls for roles and privileges. */
public final class RolesApi {
    private final Roles roles;
    private final CurrentPolicy policy;

    public RolesApi(Roles roles, CurrentPolicy policy) {
        this.roles = roles;
        this.policy = policy;
    }

    /** One privilege that a role allows or denies itself. */
    public record PrivilegeGrant(
            @Doc("The API, such as latchkey") String api,
            @Doc("The privilege, such as tokens:read") String privilege,

            @Doc("allow or deny; a deny wins over every allow")
            String effect) {}

    /** One privilege that a role has in the end, and the roles of its active role set that it comes from. */
    public record EffectivePrivilege(String api, String privilege, List<String> through) {}

    /** A role. */
    public record RoleReply(
            String name,
            String description,

            @Doc("accountadmin and public exist from the start")
            boolean predefined,

            @Doc("What the role itself allows and denies") List<PrivilegeGrant> privileges,
            @Doc("The roles directly below this one") List<String> grantedRoles,
            @Doc("The roles directly above this one") List<String> grantedTo,
            @Doc("What the role allows in the end") List<EffectivePrivilege> effectivePrivileges,

            @Doc(
                    value = "How many active API tokens act with the role: assigned, or through a role above",
                    observed = true)
            long tokens,

            @Doc(value = "How many of them it is assigned to", observed = true)
            long directTokens,

            @Doc(value = "How many people act with the role: assigned, or through a role above", observed = true)
            long users,

            @Doc(value = "How many of them it is assigned to", observed = true)
            long directUsers,

            Instant createdAt,
            String createdBy) {}

    /** A page of roles. */
    public record RolePage(List<RoleReply> items, @Nullable String nextPageToken) {}

    /** What a new role is to be. */
    public record CreateRole(
            @Doc("1 to 64 of a-z, 0-9 and _") String name,
            @Doc("At most 200 characters") @Nullable String description,
            @Nullable List<PrivilegeGrant> privileges,
            @Nullable List<String> grantedRoles) {}

    /** What a role is to become; an absent field stays as it is. */
    public record UpdateRole(
            @Nullable String description,
            @Nullable List<PrivilegeGrant> privileges,
            @Nullable List<String> grantedRoles) {}

    /** Whether a privilege is allowed or denied. */
    public record Effect(@Doc("allow or deny") String effect) {}

    /** A privilege that roles can hold. */
    public record KnownPrivilege(String api, String privilege, String description) {}

    /** All privileges that roles can hold: Latchkey's own, and those of registered APIs. */
    public record KnownPrivileges(List<KnownPrivilege> items) {}

    public List<Operation> operations() {
        List<QueryParameter> paged = new ArrayList<>();
        paged.add(new QueryParameter("search", "Part of a name or a description"));
        paged.addAll(Operation.PAGING);
        return List.of(
                new Operation(
                        "GET",
                        "/roles",
                        ROLES_READ,
                        "listRoles",
                        "Roles",
                        "List roles",
                        "By name.",
                        paged,
                        null,
                        200,
                        RolePage.class,
                        this::list),
                new Operation(
                        "POST",
                        "/roles",
                        ROLES_MANAGE,
                        "createRole",
                        "Roles",
                        "Create a role",
                        "The role may allow only what the caller may do, unless the caller has security:manage.",
                        List.of(),
                        CreateRole.class,
                        201,
                        RoleReply.class,
                        this::create),
                new Operation(
                        "GET",
                        "/roles/{name}",
                        ROLES_READ,
                        "getRole",
                        "Roles",
                        "Get a role",
                        "",
                        List.of(),
                        null,
                        200,
                        RoleReply.class,
                        (caller, request) -> reply(200, roles.find(caller, name(request)))),
                new Operation(
                        "PATCH",
                        "/roles/{name}",
                        ROLES_MANAGE,
                        "updateRole",
                        "Roles",
                        "Change a role",
                        "Everything given is changed together or not at all.",
                        List.of(),
                        UpdateRole.class,
                        200,
                        RoleReply.class,
                        this::update),
                new Operation(
                        "DELETE",
                        "/roles/{name}",
                        ROLES_MANAGE,
                        "deleteRole",
                        "Roles",
                        "Delete a role",
                        "A role that active tokens use stays, also when they use it through a role that it is granted to.",
                        List.of(),
                        null,
                        204,
                        null,
                        this::delete),
                new Operation(
                        "POST",
                        "/roles/{name}/preview",
                        ROLES_READ,
                        "previewRole",
                        "Roles",
                        "See what a change of a role would open and close",
                        "On registered APIs, for this role and those above it. Nothing is changed.",
                        List.of(),
                        UpdateRole.class,
                        200,
                        ApisApi.ChangePreview.class,
                        this::preview),
                new Operation(
                        "PUT",
                        "/roles/{name}/privileges/{api}/{privilege}",
                        ROLES_MANAGE,
                        "setPrivilege",
                        "Roles",
                        "Allow or deny a privilege",
                        "",
                        List.of(),
                        Effect.class,
                        200,
                        RoleReply.class,
                        this::setPrivilege),
                new Operation(
                        "DELETE",
                        "/roles/{name}/privileges/{api}/{privilege}",
                        ROLES_MANAGE,
                        "unsetPrivilege",
                        "Roles",
                        "Neither allow nor deny a privilege",
                        "",
                        List.of(),
                        null,
                        200,
                        RoleReply.class,
                        (caller, request) -> reply(200, roles.unset(caller, name(request), privilege(request)))),
                new Operation(
                        "PUT",
                        "/roles/{name}/granted-roles/{other}",
                        ROLES_MANAGE,
                        "grantRole",
                        "Roles",
                        "Put a role below another",
                        "The role {name} then has what {other} has. Circles are refused.",
                        List.of(),
                        null,
                        200,
                        RoleReply.class,
                        (caller, request) ->
                                reply(200, roles.grant(caller, name(request), request.pathParameter("other")))),
                new Operation(
                        "DELETE",
                        "/roles/{name}/granted-roles/{other}",
                        ROLES_MANAGE,
                        "ungrantRole",
                        "Roles",
                        "Take a role from below another",
                        "",
                        List.of(),
                        null,
                        200,
                        RoleReply.class,
                        (caller, request) ->
                                reply(200, roles.ungrant(caller, name(request), request.pathParameter("other")))),
                new Operation(
                        "GET",
                        "/privileges",
                        ROLES_READ,
                        "listPrivileges",
                        "Roles",
                        "List all privileges",
                        "",
                        List.of(),
                        null,
                        200,
                        KnownPrivileges.class,
                        (caller, request) -> Response.json(200, knownPrivileges())));
    }

    private KnownPrivileges knownPrivileges() {
        List<KnownPrivilege> known = new ArrayList<>();
        ManagementApi.PRIVILEGES.forEach(own -> known.add(
                new KnownPrivilege(own.privilege().api(), own.privilege().name(), own.description())));
        policy.get()
                .apis()
                .forEach(api -> api.privileges()
                        .forEach((name, description) -> known.add(new KnownPrivilege(api.name(), name, description))));
        return new KnownPrivileges(known);
    }

    private Response list(Caller caller, Request request) {
        Page.Request page = Paging.of(request.query(), 1);
        String search = request.query().text("search").orElse("").toLowerCase(Locale.ROOT);
        String after = page.after() == null ? "" : page.after().getFirst();
        var usage = roles.usage();
        List<Role> rows = roles.list(caller).stream()
                .filter(role -> role.name().compareTo(after) > 0)
                .filter(role -> role.name().contains(search)
                        || role.description().toLowerCase(Locale.ROOT).contains(search))
                .limit(page.size() + 1L)
                .toList();
        Page<RoleReply> replies = Page.of(rows, page.size(), role -> List.of(role.name()))
                .map(role -> roleReply(role, usage.getOrDefault(role.name(), Roles.Usage.NONE)));
        return Response.json(200, new RolePage(replies.items(), replies.nextPageToken()));
    }

    private Response create(Caller caller, Request request) {
        CreateRole body = request.json(CreateRole.class);
        RoleEdit edit = new RoleEdit(
                body.description() == null ? "" : body.description(),
                effects(body.privileges(), "allow"),
                effects(body.privileges(), "deny"),
                names(body.grantedRoles()));
        var result = roles.create(caller, body.name(), edit, Idempotency.attempt(request));
        Response response = reply(201, result.value())
                .with(
                        "Location",
                        ManagementApi.BASE_PATH + "/roles/" + result.value().name());
        return result.replayed() ? response.with("Idempotency-Replayed", "true") : response;
    }

    private Response update(Caller caller, Request request) {
        UpdateRole body = request.json(UpdateRole.class);
        return reply(200, roles.edit(caller, name(request), old -> applied(body, old), ETag.expected(request)));
    }

    private Response preview(Caller caller, Request request) {
        UpdateRole body = request.json(UpdateRole.class);
        RoleEdit edit = applied(body, RoleEdit.of(roles.find(caller, name(request))));
        return Response.json(200, ApisApi.ChangePreview.of(roles.preview(caller, name(request), edit, List.of())));
    }

    private static RoleEdit applied(UpdateRole body, RoleEdit old) {
        return new RoleEdit(
                body.description() == null ? old.description() : body.description(),
                body.privileges() == null ? old.allowed() : effects(body.privileges(), "allow"),
                body.privileges() == null ? old.denied() : effects(body.privileges(), "deny"),
                body.grantedRoles() == null ? old.grantedRoles() : names(body.grantedRoles()));
    }

    private Response delete(Caller caller, Request request) {
        roles.delete(caller, name(request), ETag.expected(request));
        return Response.noContent();
    }

    private Response setPrivilege(Caller caller, Request request) {
        String effect = request.json(Effect.class).effect();
        Role role = isAllow(effect)
                ? roles.allow(caller, name(request), privilege(request))
                : roles.deny(caller, name(request), privilege(request));
        return reply(200, role);
    }

    private Response reply(int status, Role role) {
        return ETag.on(Response.json(status, roleReply(role, roles.usage(role.name()))), role.version());
    }

    private RoleReply roleReply(Role role, Roles.Usage usage) {
        AccessPolicy now = policy.get();
        List<PrivilegeGrant> grants = new ArrayList<>();
        role.allowed().forEach(privilege -> grants.add(new PrivilegeGrant(privilege.api(), privilege.name(), "allow")));
        role.denied().forEach(privilege -> grants.add(new PrivilegeGrant(privilege.api(), privilege.name(), "deny")));
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
                effective,
                usage.tokens(),
                usage.directTokens(),
                usage.users(),
                usage.directUsers(),
                role.createdAt(),
                role.createdBy());
    }

    private static SortedSet<Privilege> effects(@Nullable List<PrivilegeGrant> grants, String effect) {
        SortedSet<Privilege> privileges = new TreeSet<>();
        if (grants != null) {
            for (PrivilegeGrant grant : grants) {
                if (isAllow(grant.effect()) == effect.equals("allow")) {
                    privileges.add(new Privilege(grant.api(), grant.privilege()));
                }
            }
        }
        return privileges;
    }

    private static boolean isAllow(@Nullable String effect) {
        if ("allow".equals(effect)) {
            return true;
        }
        if ("deny".equals(effect)) {
            return false;
        }
        throw Problem.invalid("effect", "Give allow or deny.");
    }

    private static SortedSet<String> names(@Nullable List<String> names) {
        SortedSet<String> sorted = new TreeSet<>();
        if (names != null) {
            sorted.addAll(names);
        }
        return sorted;
    }

    private static String name(Request request) {
        return request.pathParameter("name");
    }

    private static Privilege privilege(Request request) {
        return new Privilege(request.pathParameter("api"), request.pathParameter("privilege"));
    }
}
