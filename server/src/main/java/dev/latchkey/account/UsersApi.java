package dev.latchkey.account;

import dev.latchkey.event.Actor;

import dev.latchkey.http.Paging;

import static dev.latchkey.access.ManagementApi.USERS_MANAGE;
import static dev.latchkey.access.ManagementApi.USERS_READ;

import dev.latchkey.access.Caller;
import dev.latchkey.management.Doc;
import dev.latchkey.management.ETag;
import dev.latchkey.management.Idempotency;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.management.Operation;
import dev.latchkey.management.Tag;
import dev.latchkey.problem.Page;
import dev.latchkey.http.Parameters;
import dev.latchkey.problem.Problem;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import java.time.Instant;
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
        return List.of(
                Operation.get("/users")
                        .id("listUsers")
                        .tag(Tag.USERS)
                        .needs(USERS_READ)
                        .summary("List people")
                        .query("search", "Part of an email or a name")
                        .query("role", "Only people with this role")
                        .query("sort", "email or created; with - before it descending; email when absent")
                        .paged()
                        .answers(UserPage.class)
                        .by(this::list),
                Operation.post("/users")
                        .id("inviteUser")
                        .tag(Tag.USERS)
                        .needs(USERS_MANAGE)
                        .summary("Invite a person")
                        .description("The reply carries a one-time link; hand it to the person yourself.")
                        .takes(InviteUser.class)
                        .creates(UserReply.class)
                        .versioned()
                        .idempotent()
                        .by(this::invite),
                Operation.get("/users/{userId}")
                        .id("getUser")
                        .tag(Tag.USERS)
                        .needs(USERS_READ)
                        .summary("Get a person")
                        .answers(UserReply.class)
                        .versioned()
                        .by((caller, request) -> reply(users.find(caller, userId(request)))),
                Operation.patch("/users/{userId}")
                        .id("updateUser")
                        .tag(Tag.USERS)
                        .needs(USERS_MANAGE)
                        .summary("Rename a person")
                        .takes(UpdateUser.class)
                        .answers(UserReply.class)
                        .versioned()
                        .ifMatch()
                        .by(this::update),
                Operation.delete("/users/{userId}")
                        .id("removeUser")
                        .tag(Tag.USERS)
                        .needs(USERS_MANAGE)
                        .summary("Remove a person")
                        .description("Their tokens stay. The last administrator cannot be removed.")
                        .answersNothing()
                        .ifMatch()
                        .by(this::remove),
                Operation.post("/users/{userId}/disable")
                        .id("disableUser")
                        .tag(Tag.USERS)
                        .needs(USERS_MANAGE)
                        .summary("Disable a person")
                        .description("Their sessions end at once.")
                        .answers(UserReply.class)
                        .versioned()
                        .ifMatch()
                        .ends()
                        .by((caller, request) -> reply(users.disable(caller, userId(request), ETag.expected(request)))),
                Operation.post("/users/{userId}/enable")
                        .id("enableUser")
                        .tag(Tag.USERS)
                        .needs(USERS_MANAGE)
                        .summary("Enable a person")
                        .answers(UserReply.class)
                        .versioned()
                        .ifMatch()
                        .by((caller, request) -> reply(users.enable(caller, userId(request), ETag.expected(request)))),
                Operation.post("/users/{userId}/invitation")
                        .id("renewInvitation")
                        .tag(Tag.USERS)
                        .needs(USERS_MANAGE)
                        .summary("Make a new link to choose a password")
                        .description("For somebody invited, or who forgot their password. Earlier links stop counting.")
                        .creates(UserReply.class)
                        .versioned()
                        .by(this::newLink),
                Operation.put("/users/{userId}/roles/{role}")
                        .id("assignRole")
                        .tag(Tag.USERS)
                        .needs(USERS_MANAGE)
                        .summary("Assign a role")
                        .answers(UserReply.class)
                        .versioned()
                        .ifMatch()
                        .by((caller, request) -> reply(users.assign(
                                caller, userId(request), request.pathParameter("role"), ETag.expected(request)))),
                Operation.delete("/users/{userId}/roles/{role}")
                        .id("unassignRole")
                        .tag(Tag.USERS)
                        .needs(USERS_MANAGE)
                        .summary("Unassign a role")
                        .answers(UserReply.class)
                        .versioned()
                        .ifMatch()
                        .by((caller, request) -> reply(users.unassign(
                                caller, userId(request), request.pathParameter("role"), ETag.expected(request)))),
                Operation.patch("/me")
                        .id("updateMe")
                        .tag(Tag.ME)
                        .needsNoPrivilege()
                        .summary("Change one's own name")
                        .description("For people; a program has none.")
                        .takes(UpdateUser.class)
                        .answers(UserReply.class)
                        .versioned()
                        .by(this::renameSelf),
                Operation.post("/me/password")
                        .id("changePassword")
                        .tag(Tag.ME)
                        .needsNoPrivilege()
                        .summary("Change one's own password")
                        .description("For people; a program has none. All of one's sessions end.")
                        .takes(ChangePassword.class)
                        .answersNothing()
                        .throttled()
                        .by(this::changePassword));
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
