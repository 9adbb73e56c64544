package dev.latchkey.account;

import static dev.latchkey.access.ManagementApi.USERS_MANAGE;
import static dev.latchkey.access.ManagementApi.USERS_READ;

import dev.latchkey.access.Caller;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.event.Actor;
import dev.latchkey.http.Paging;
import dev.latchkey.http.Parameters;
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
import org.jspecify.annotations.Nullable;

/** The management API's calls for people. */
public final class UsersApi {
    private final Users users;
    private final String issuer;

    /** @param issuer where the links for people begin */
    public UsersApi(Users users, String issuer) {
        this.users = users;
        this.issuer = issuer;
    }

    /** Where a one-time link to choose a password leads. */
    public static String invitationUrl(String issuer, String linkSecret) {
        return issuer + "/invitation/" + linkSecret;
    }

    /** A person. */
    public record UserReply(
            String id,
            String email,
            String name,
            @Doc("active, invited, disabled or removed") String status,
            List<String> roles,
            Instant createdAt,
            String createdBy,

            @Doc(value = "When they last signed in", observed = true) @Nullable Instant lastSignInAt,

            @Doc("A one-time link to choose a password, valid for 7 days; only in the reply that makes it") @Nullable String invitationUrl) {}

    /** A page of people. */
    public record UserPage(List<UserReply> items, @Nullable String nextPageToken) {}

    /** Whom to invite. */
    public record InviteUser(
            String email,
            String name,

            @Doc("Roles that the caller's own privileges cover") @Nullable List<String> roles) {}

    /** What about a person is to change. */
    public record UpdateUser(String name) {}

    /** One's own passwords, the present one and the next. */
    public record ChangePassword(
            String presentPassword,
            @Doc("At least 12 characters") String password) {
        @Override
        public String toString() {
            return "ChangePassword";
        }
    }

    public List<Operation> operations() {
        List<QueryParameter> query = new ArrayList<>(List.of(
                new QueryParameter("search", "Part of an email or a name"),
                new QueryParameter("role", "Only people with this role"),
                new QueryParameter("sort", "email or created; with - before it descending; email when absent")));
        query.addAll(Operation.PAGING);
        return List.of(
                new Operation(
                        "GET",
                        "/users",
                        USERS_READ,
                        "listUsers",
                        "Users",
                        "List people",
                        "",
                        query,
                        null,
                        200,
                        UserPage.class,
                        this::list),
                new Operation(
                        "POST",
                        "/users",
                        USERS_MANAGE,
                        "inviteUser",
                        "Users",
                        "Invite a person",
                        "The reply carries a one-time link; hand it to the person yourself.",
                        List.of(),
                        InviteUser.class,
                        201,
                        UserReply.class,
                        this::invite),
                new Operation(
                        "GET",
                        "/users/{userId}",
                        USERS_READ,
                        "getUser",
                        "Users",
                        "Get a person",
                        "",
                        List.of(),
                        null,
                        200,
                        UserReply.class,
                        (caller, request) -> reply(users.find(caller, userId(request)))),
                new Operation(
                        "PATCH",
                        "/users/{userId}",
                        USERS_MANAGE,
                        "updateUser",
                        "Users",
                        "Rename a person",
                        "",
                        List.of(),
                        UpdateUser.class,
                        200,
                        UserReply.class,
                        this::update),
                new Operation(
                        "DELETE",
                        "/users/{userId}",
                        USERS_MANAGE,
                        "removeUser",
                        "Users",
                        "Remove a person",
                        "Their tokens stay. The last administrator cannot be removed.",
                        List.of(),
                        null,
                        204,
                        null,
                        this::remove),
                new Operation(
                        "POST",
                        "/users/{userId}/disable",
                        USERS_MANAGE,
                        "disableUser",
                        "Users",
                        "Disable a person",
                        "Their sessions end at once.",
                        List.of(),
                        null,
                        200,
                        UserReply.class,
                        (caller, request) -> reply(users.disable(caller, userId(request), ETag.expected(request)))),
                new Operation(
                        "POST",
                        "/users/{userId}/enable",
                        USERS_MANAGE,
                        "enableUser",
                        "Users",
                        "Enable a person",
                        "",
                        List.of(),
                        null,
                        200,
                        UserReply.class,
                        (caller, request) -> reply(users.enable(caller, userId(request), ETag.expected(request)))),
                new Operation(
                        "POST",
                        "/users/{userId}/invitation",
                        USERS_MANAGE,
                        "renewInvitation",
                        "Users",
                        "Make a new link to choose a password",
                        "For somebody invited, or who forgot their password. Earlier links stop counting.",
                        List.of(),
                        null,
                        201,
                        UserReply.class,
                        this::newLink),
                new Operation(
                        "PUT",
                        "/users/{userId}/roles/{role}",
                        USERS_MANAGE,
                        "assignRole",
                        "Users",
                        "Assign a role",
                        "",
                        List.of(),
                        null,
                        200,
                        UserReply.class,
                        (caller, request) -> reply(users.assign(
                                caller, userId(request), request.pathParameter("role"), ETag.expected(request)))),
                new Operation(
                        "DELETE",
                        "/users/{userId}/roles/{role}",
                        USERS_MANAGE,
                        "unassignRole",
                        "Users",
                        "Unassign a role",
                        "",
                        List.of(),
                        null,
                        200,
                        UserReply.class,
                        (caller, request) -> reply(users.unassign(
                                caller, userId(request), request.pathParameter("role"), ETag.expected(request)))),
                new Operation(
                        "PATCH",
                        "/me",
                        null,
                        "updateMe",
                        "Me",
                        "Change one's own name",
                        "For people; a program has none.",
                        List.of(),
                        UpdateUser.class,
                        200,
                        UserReply.class,
                        this::renameSelf),
                new Operation(
                        "POST",
                        "/me/password",
                        null,
                        "changePassword",
                        "Me",
                        "Change one's own password",
                        "For people; a program has none. All of one's sessions end.",
                        List.of(),
                        ChangePassword.class,
                        204,
                        null,
                        this::changePassword));
    }

    private Response renameSelf(Caller caller, Request request) {
        requirePerson(caller);
        users.renameSelf(caller, request.json(UpdateUser.class).name());
        return reply(users.self(caller));
    }

    private Response changePassword(Caller caller, Request request) {
        requirePerson(caller);
        ChangePassword body = request.json(ChangePassword.class);
        users.changeOwnPassword(caller, body.presentPassword(), body.password(), "");
        return Response.noContent();
    }

    private static void requirePerson(Caller caller) {
        if (caller.kind() != Actor.Kind.PERSON) {
            throw new Problem(403, "people_only", "Only a person has a name and a password of their own.");
        }
    }

    /**
     * The list that the parameters of a query ask for.
     *
     * @throws Problem 422 for an unknown order
     */
    public static UserQuery query(Parameters query) {
        String sort = query.text("sort").orElse("email");
        boolean descending = sort.startsWith("-");
        UserQuery.Sort by = switch (descending ? sort.substring(1) : sort) {
            case "email" -> UserQuery.Sort.EMAIL;
            case "created" -> UserQuery.Sort.CREATED;
            default -> throw Problem.invalid("sort", "Give one of email, created.");
        };
        return new UserQuery(
                query.text("search").orElse(null), query.text("role").orElse(null), by, descending);
    }

    private Response list(Caller caller, Request request) {
        Page<UserReply> page = users.list(caller, query(request.query()), Paging.of(request.query(), 2))
                .map(user -> userReply(user, null));
        return Response.json(200, new UserPage(page.items(), page.nextPageToken()));
    }

    private Response invite(Caller caller, Request request) {
        InviteUser body = request.json(InviteUser.class);
        var result = users.invite(
                caller,
                body.email() == null ? "" : body.email(),
                body.name() == null ? "" : body.name(),
                body.roles() == null ? List.of() : body.roles(),
                Idempotency.attempt(request));
        Response response = invited(result.value());
        return result.replayed() ? response.with("Idempotency-Replayed", "true") : response;
    }

    private Response newLink(Caller caller, Request request) {
        return invited(users.newLink(caller, userId(request)));
    }

    private Response invited(Users.Invited invited) {
        User user = invited.user();
        String url = invited.linkSecret() == null ? null : invitationUrl(issuer, invited.linkSecret());
        return ETag.on(Response.json(201, userReply(user, url)), user.version())
                .with("Location", ManagementApi.BASE_PATH + "/users/" + user.id())
                .with("Cache-Control", "no-store");
    }

    private Response update(Caller caller, Request request) {
        UpdateUser body = request.json(UpdateUser.class);
        return reply(
                users.rename(caller, userId(request), body.name() == null ? "" : body.name(), ETag.expected(request)));
    }

    private Response remove(Caller caller, Request request) {
        users.remove(caller, userId(request), ETag.expected(request));
        return Response.noContent();
    }

    private static Response reply(User user) {
        return ETag.on(Response.json(200, userReply(user, null)), user.version());
    }

    private static UserReply userReply(User user, @Nullable String invitationUrl) {
        return new UserReply(
                user.id(),
                user.email(),
                user.name(),
                user.status().name().toLowerCase(Locale.ROOT),
                List.copyOf(user.roles()),
                user.createdAt(),
                user.createdBy(),
                user.lastSignInAt(),
                invitationUrl);
    }

    private static String userId(Request request) {
        return request.pathParameter("userId");
    }
}
