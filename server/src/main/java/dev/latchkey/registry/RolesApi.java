package dev.latchkey.registry;

import static dev.latchkey.access.ManagementApi.ROLES_MANAGE;
import static dev.latchkey.access.ManagementApi.ROLES_READ;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Caller;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import dev.latchkey.access.RoleTerms;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.management.Doc;
import dev.latchkey.management.ETag;
import dev.latchkey.management.Idempotency;
import dev.latchkey.management.Operation;
import dev.latchkey.management.Tag;
import dev.latchkey.problem.Page;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The management API's calls for roles and privileges. */
public final class RolesApi {
    private static final Listing<Role> LISTING = new Listing<>(1, role -> List.of(role.name()), Role::isAbout);

    private final Roles roles;
    private final CurrentPolicy policy;

    public RolesApi(Roles roles, CurrentPolicy policy) {
        this.roles = roles;
        this.policy = policy;
    }

    /** A page of roles. */
    public record RolePage(List<RoleReply> items, @Nullable String nextPageToken) {}

    /** Whether a privilege is allowed or denied. */
    public record Effect(@Doc("allow or deny") String effect) {}

    /** A privilege that roles can hold. */
    public record KnownPrivilege(String api, String privilege, String description) {}

    /** All privileges that roles can hold: Latchkey's own, and those of registered APIs. */
    public record KnownPrivileges(List<KnownPrivilege> items) {}

    public List<Operation> operations() {
        return List.of(
                Operation.get("/roles")
                        .id("listRoles")
                        .tag(Tag.ROLES)
                        .needs(ROLES_READ)
                        .summary("List roles")
                        .description("Sorted by name.")
                        .query("search", "Part of a name or a description")
                        .paged()
                        .answers(RolePage.class)
                        .by(this::list),
                Operation.post("/roles")
                        .id("createRole")
                        .tag(Tag.ROLES)
                        .needs(ROLES_MANAGE)
                        .summary("Create a role")
                        .description(
                                "The role may allow only what the caller may do, unless the caller has security:manage.")
                        .takes(CreateRole.class)
                        .creates(RoleReply.class)
                        .versioned()
                        .idempotent()
                        .by(this::create),
                Operation.get("/roles/{name}")
                        .id("getRole")
                        .tag(Tag.ROLES)
                        .needs(ROLES_READ)
                        .summary("Get a role")
                        .answers(RoleReply.class)
                        .versioned()
                        .by((caller, request) -> reply(200, roles.find(caller, name(request)))),
                Operation.patch("/roles/{name}")
                        .id("updateRole")
                        .tag(Tag.ROLES)
                        .needs(ROLES_MANAGE)
                        .summary("Change a role")
                        .description("Everything sent is changed together or not at all.")
                        .takes(UpdateRole.class)
                        .answers(RoleReply.class)
                        .versioned()
                        .ifMatch()
                        .by(this::update),
                Operation.delete("/roles/{name}")
                        .id("deleteRole")
                        .tag(Tag.ROLES)
                        .needs(ROLES_MANAGE)
                        .summary("Delete a role")
                        .description(
                                "Refused while active tokens use the role, directly or through a role that it is granted to.")
                        .answersNothing()
                        .ifMatch()
                        .by(this::delete),
                Operation.post("/roles/{name}/preview")
                        .id("previewRole")
                        .tag(Tag.ROLES)
                        .needs(ROLES_READ)
                        .summary("See what a change to a role would open and close")
                        .description("On registered APIs, for this role and those above it. Nothing is changed.")
                        .takes(UpdateRole.class)
                        .answers(ChangePreview.class)
                        .by(this::preview),
                Operation.put("/roles/{name}/privileges/{api}/{privilege}")
                        .id("setPrivilege")
                        .tag(Tag.ROLES)
                        .needs(ROLES_MANAGE)
                        .summary("Allow or deny a privilege")
                        .takes(Effect.class)
                        .answers(RoleReply.class)
                        .versioned()
                        .by(this::setPrivilege),
                Operation.delete("/roles/{name}/privileges/{api}/{privilege}")
                        .id("unsetPrivilege")
                        .tag(Tag.ROLES)
                        .needs(ROLES_MANAGE)
                        .summary("Stop allowing or denying a privilege")
                        .answers(RoleReply.class)
                        .versioned()
                        .by((caller, request) ->
                                reply(200, edited(caller, request, old -> old.without(privilege(request))))),
                Operation.put("/roles/{name}/granted-roles/{other}")
                        .id("grantRole")
                        .tag(Tag.ROLES)
                        .needs(ROLES_MANAGE)
                        .summary("Grant a role to another role")
                        .description("The role {name} then has what {other} has. Circles are refused.")
                        .answers(RoleReply.class)
                        .versioned()
                        .by((caller, request) ->
                                reply(200, edited(caller, request, old -> old.granting(other(request))))),
                Operation.delete("/roles/{name}/granted-roles/{other}")
                        .id("ungrantRole")
                        .tag(Tag.ROLES)
                        .needs(ROLES_MANAGE)
                        .summary("Take a granted role away from a role")
                        .answers(RoleReply.class)
                        .versioned()
                        .by((caller, request) ->
                                reply(200, edited(caller, request, old -> old.notGranting(other(request))))),
                Operation.get("/privileges")
                        .id("listPrivileges")
                        .tag(Tag.ROLES)
                        .needs(ROLES_READ)
                        .summary("List all privileges")
                        .answers(KnownPrivileges.class)
                        .by((caller, request) -> Response.json(200, knownPrivileges())));
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
        AccessPolicy now = policy.get();
        var usage = roles.usage();
        Page<RoleReply> replies = LISTING.page(roles.list(caller), request)
                .map(role -> RoleReply.of(role, now, usage.getOrDefault(role.name(), RoleUsage.NONE)));
        return Response.json(200, new RolePage(replies.items(), replies.nextPageToken()));
    }

    private Response create(Caller caller, Request request) {
        CreateRole body = request.json(CreateRole.class);
        var result = roles.create(caller, body.name(), body.terms(), Idempotency.attempt(request));
        Response response = reply(201, result.value())
                .with(
                        "Location",
                        ManagementApi.BASE_PATH + "/roles/" + result.value().name());
        return result.replayed() ? response.with("Idempotency-Replayed", "true") : response;
    }

    private Response update(Caller caller, Request request) {
        UpdateRole body = request.json(UpdateRole.class);
        Set<String> given = request.jsonNames();
        return reply(200, roles.edit(caller, name(request), old -> body.applied(old, given), ETag.expected(request)));
    }

    private Response preview(Caller caller, Request request) {
        UpdateRole body = request.json(UpdateRole.class);
        RoleTerms wanted = body.applied(roles.find(caller, name(request)).terms(), request.jsonNames());
        return Response.json(200, ChangePreview.of(roles.preview(caller, name(request), wanted, List.of())));
    }

    private Response delete(Caller caller, Request request) {
        roles.delete(caller, name(request), ETag.expected(request));
        return Response.noContent();
    }

    private Role edited(Caller caller, Request request, UnaryOperator<RoleTerms> change) {
        return roles.edit(caller, name(request), change, null);
    }

    private static String other(Request request) {
        return request.pathParameter("other");
    }

    private Response setPrivilege(Caller caller, Request request) {
        String effect = request.json(Effect.class).effect();
        Privilege privilege = privilege(request);
        Role role = PrivilegeGrant.isAllow(effect)
                ? edited(caller, request, old -> old.allowing(privilege))
                : edited(caller, request, old -> old.denying(privilege));
        return reply(200, role);
    }

    private Response reply(int status, Role role) {
        return ETag.on(
                Response.json(status, RoleReply.of(role, policy.get(), roles.usage(role.name()))), role.version());
    }

    private static String name(Request request) {
        return request.pathParameter("name");
    }

    private static Privilege privilege(Request request) {
        return new Privilege(request.pathParameter("api"), request.pathParameter("privilege"));
    }
}
