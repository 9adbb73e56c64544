package dev.latchkey.account;

import static dev.latchkey.access.ManagementApi.USERS_MANAGE;
import static dev.latchkey.access.ManagementApi.USERS_READ;

import dev.latchkey.access.Caller;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.http.Paging;
import dev.latchkey.http.Parameters;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.management.Doc;
import dev.latchkey.management.ETag;
import dev.latchkey.management.Idempotency;
import dev.latchkey.management.Operation;
import dev.latchkey.management.Tag;
import dev.latchkey.problem.Page;
import dev.latchkey.problem.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The management API's calls for people. */
public final class UsersApi {
    private final Users users;
    private final String issuer;

    /** @param issuer the beginning of the links for people */
    public UsersApi(Users users, String issuer) {
        this.users = users;
        this.issuer = issuer;
    }

    /** The URL of a one-time link to choose a password. */
    public static String invitationUrl(String issuer, String linkSecret) {
        return issuer + "/invitation/" + linkSecret;
    }

    /** A page of people. */
    public record UserPage(List<UserReply> items, @Nullable String nextPageToken) {}

    /** A person to invite. */
    public record InviteUser(
            String email,
            String name,

            @Doc("Roles that the caller's own privileges cover") @Nullable List<String> roles) {}

    public List<Operation> operations() {
        return List.of(
                Operation.get("/users")
                        .id("listUsers")
                        .tag(Tag.USERS)
                        .needs(USERS_READ)
                        .summary("List people")
                        .query("search", "Part of an email or a name")
                        .query("role", "Only people with this role")
                        .query("sort", "email or created, with - in front for descending order; email when absent")
                        .paged()
                        .answers(UserPage.class)
                        .by(this::list),
                Operation.post("/users")
                        .id("inviteUser")
                        .tag(Tag.USERS)
                        .needs(USERS_MANAGE)
                        .summary("Invite a person")
                        .description("The reply contains a one-time link. Send it to the person yourself.")
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
                        .by((caller, request) -> UserReply.answer(users.find(caller, userId(request)))),
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
                        .description("Their API tokens keep working. The last administrator cannot be removed.")
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
                        .by((caller, request) ->
                                UserReply.answer(users.disable(caller, userId(request), ETag.expected(request)))),
                Operation.post("/users/{userId}/enable")
                        .id("enableUser")
                        .tag(Tag.USERS)
                        .needs(USERS_MANAGE)
                        .summary("Enable a person")
                        .answers(UserReply.class)
                        .versioned()
                        .ifMatch()
                        .by((caller, request) ->
                                UserReply.answer(users.enable(caller, userId(request), ETag.expected(request)))),
                Operation.post("/users/{userId}/invitation")
                        .id("renewInvitation")
                        .tag(Tag.USERS)
                        .needs(USERS_MANAGE)
                        .summary("Make a new link to choose a password")
                        .description(
                                "For a person who was invited or forgot their password. Earlier links stop working.")
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
                        .by((caller, request) -> UserReply.answer(users.assign(
                                caller, userId(request), request.pathParameter("role"), ETag.expected(request)))),
                Operation.delete("/users/{userId}/roles/{role}")
                        .id("unassignRole")
                        .tag(Tag.USERS)
                        .needs(USERS_MANAGE)
                        .summary("Unassign a role")
                        .answers(UserReply.class)
                        .versioned()
                        .ifMatch()
                        .by((caller, request) -> UserReply.answer(users.unassign(
                                caller, userId(request), request.pathParameter("role"), ETag.expected(request)))));
    }

    /**
     * The list that a query asks for.
     *
     * @throws Problem 422 for an unknown order
     */
    public static UserQuery query(Parameters query) {
        String sort = query.text("sort").orElse("email");
        boolean descending = sort.startsWith("-");
        UserQuery.Sort by = switch (descending ? sort.substring(1) : sort) {
            case "email" -> UserQuery.Sort.EMAIL;
            case "created" -> UserQuery.Sort.CREATED;
            default -> throw Problem.invalid("sort", "Send email or created.");
        };
        return new UserQuery(
                query.text("search").orElse(null), query.text("role").orElse(null), by, descending);
    }

    private Response list(Caller caller, Request request) {
        Page<UserReply> page = users.list(caller, query(request.query()), Paging.of(request.query(), 2))
                .map(user -> UserReply.of(user, null));
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
        return ETag.on(Response.json(201, UserReply.of(user, url)), user.version())
                .with("Location", ManagementApi.BASE_PATH + "/users/" + user.id())
                .with("Cache-Control", "no-store");
    }

    private Response update(Caller caller, Request request) {
        UpdateUser body = request.json(UpdateUser.class);
        return UserReply.answer(
                users.rename(caller, userId(request), body.name() == null ? "" : body.name(), ETag.expected(request)));
    }

    private Response remove(Caller caller, Request request) {
        users.remove(caller, userId(request), ETag.expected(request));
        return Response.noContent();
    }

    private static String userId(Request request) {
        return request.pathParameter("userId");
    }
}
