package dev.latchkey.console;

import dev.latchkey.access.Caller;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.account.User;
import dev.latchkey.account.UserQuery;
import dev.latchkey.account.Users;
import dev.latchkey.account.UsersApi;
import dev.latchkey.apitoken.Handover;
import dev.latchkey.event.TargetKind;
import dev.latchkey.http.Paging;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.problem.Page;
import dev.latchkey.problem.Problem;
import dev.latchkey.registry.CurrentPolicy;
import dev.latchkey.registry.Roles;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** People: the list, invitations, and what an administrator can do for each of them. */
final class UserPages {
    private static final String SECTION = "users";
    private static final String DISABLE = "Disable";
    private static final String REMOVE = "Remove";

    /** A longer count would take too long. */
    private static final int MOST_COUNTED = 10_000;

    private final Pages pages;
    private final Users users;
    private final Roles roles;
    private final CurrentPolicy policy;
    private final Handover handover;
    private final Related related;
    private final String issuer;

    UserPages(
            Pages pages,
            Users users,
            Roles roles,
            CurrentPolicy policy,
            Handover handover,
            Related related,
            String issuer) {
        this.pages = pages;
        this.users = users;
        this.roles = roles;
        this.policy = policy;
        this.handover = handover;
        this.related = related;
        this.issuer = issuer;
    }

    void addTo(Routes.Builder routes) {
        routes.add("GET", Links.USERS, pages.shown(this::listPage))
                .add("GET", "/users/new", pages.shown(visit -> invitePage(visit, 200, Form.EMPTY)))
                .add("POST", Links.USERS, pages.sent(this::invite, this::invitePage))
                .add("GET", "/users/{userId}", pages.shown(visit -> userPage(visit, 200, Form.EMPTY)))
                .add("POST", "/users/{userId}", pages.sent(this::save, this::userPage))
                .add("POST", "/users/{userId}/link", pages.pressed(this::newLink, this::userPage))
                .add(
                        "GET",
                        "/users/{userId}/disable",
                        pages.shown(visit -> leavingPage(visit, 200, DISABLE, Form.EMPTY)))
                .add(
                        "POST",
                        "/users/{userId}/disable",
                        pages.sent(this::disable, (visit, status, form) -> leavingPage(visit, status, DISABLE, form)))
                .add("POST", "/users/{userId}/enable", pages.pressed(this::enable, this::userPage))
                .add("GET", "/users/{userId}/remove", pages.shown(visit -> leavingPage(visit, 200, REMOVE, Form.EMPTY)))
                .add(
                        "POST",
                        "/users/{userId}/remove",
                        pages.sent(this::remove, (visit, status, form) -> leavingPage(visit, status, REMOVE, form)));
    }

    private Response listPage(Visit visit) {
        String search = visit.request().query().text("search").orElse("");
        UserQuery query = new UserQuery(search.isEmpty() ? null : search, null, UserQuery.Sort.EMAIL, false);
        Page<User> page = users.list(
                visit.caller(), query, Paging.bothWays(visit.request().query(), 2));
        String total = ListFoot.total(
                users.count(visit.caller(), query, MOST_COUNTED), MOST_COUNTED, !search.isEmpty(), "user");
        return pages.page(
                visit,
                200,
                "Users",
                SECTION,
                "users/list",
                Map.of(
                        "users",
                        page.items(),
                        "foot",
                        ListFoot.of(page, total, token -> Links.users(search, token)),
                        "search",
                        search,
                        "policy",
                        policy.get()));
    }

    private Response invitePage(Visit visit, int status, Form form) {
        return pages.page(
                visit,
                status,
                "Invite a user",
                SECTION,
                "users/new",
                Map.of("form", form, "assignable", roles.assignable(visit.caller()), "policy", policy.get()));
    }

    private Response invite(Visit visit) {
        return linkPage(
                visit,
                users.invite(
                                visit.caller(),
                                visit.field("email"),
                                visit.field("name"),
                                visit.form().all("roles"),
                                null)
                        .value());
    }

    private Response newLink(Visit visit) {
        return linkPage(visit, users.newLink(visit.caller(), visit.path("userId")));
    }

    /** Shows the one-time link; it is not shown again. */
    private Response linkPage(Visit visit, Users.Invited invited) {
        String secret = invited.linkSecret() == null ? "" : invited.linkSecret();
        return pages.page(
                visit,
                200,
                "One-time link",
                SECTION,
                "users/link",
                Map.of("user", invited.user(), "url", UsersApi.invitationUrl(issuer, secret)));
    }

    private Response userPage(Visit visit, int status, Form form) {
        return userPage(visit, status, form, Map.of());
    }

    private Response userPage(Visit visit, int status, Form form, Map<String, Object> more) {
        User user = users.find(visit.caller(), visit.path("userId"));
        Map<String, Object> parameters = new HashMap<>(more);
        parameters.put("user", user);
        parameters.put("form", form);
        parameters.put("policy", policy.get());
        // The roles of the user belong to the page; other roles are only for viewers who may read roles.
        Set<String> shown = new TreeSet<>(user.roles());
        roles.visible(visit.caller()).forEach(role -> shown.add(role.name()));
        parameters.put(
                "allRoles",
                policy.get().roles().stream()
                        .filter(role -> shown.contains(role.name()))
                        .toList());
        Set<String> assignable = new TreeSet<>();
        roles.assignable(visit.caller()).forEach(role -> assignable.add(role.name()));
        parameters.put("assignable", assignable);
        // A form with no box ticked holds no roles: the name tells that the form was sent.
        parameters.put(
                "chosen",
                form.values().has("name") ? Set.copyOf(form.values().all("roles")) : Set.copyOf(user.roles()));
        parameters.put("self", user.id().equals(visit.caller().id()));
        parameters.put("tokens", related.tokensOf(visit, user.id()));
        parameters.put("events", related.events(visit, TargetKind.USER, user.id()));
        return pages.page(
                visit,
                status,
                more.containsKey("dialog") ? more.get("dialog") + " " + user.name() : user.name(),
                SECTION,
                "users/user",
                parameters);
    }

    private Response save(Visit visit) {
        String userId = visit.path("userId");
        users.edit(
                visit.caller(),
                userId,
                old -> old.called(visit.field("name")).having(visit.form().all("roles")),
                visit.version("user"));
        return Response.seeOther(Notice.USER_SAVED.at(Links.user(userId)));
    }

    private Response disable(Visit visit) {
        handover.disable(visit.caller(), visit.path("userId"), heir(visit), null);
        return Response.seeOther(Notice.USER_DISABLED.at(Links.user(visit.path("userId"))));
    }

    private Response enable(Visit visit) {
        users.enable(visit.caller(), visit.path("userId"), null);
        return Response.seeOther(Notice.USER_ENABLED.at(Links.user(visit.path("userId"))));
    }

    /** Asks before a user is disabled or removed; names the tokens that they own and people who could take them over. */
    private Response leavingPage(Visit visit, int status, String dialog, Form form) {
        String userId = visit.path("userId");
        Caller caller = visit.caller();
        Map<String, Object> more = new HashMap<>();
        more.put("dialog", dialog);
        if (caller.has(ManagementApi.TOKENS_READ)) {
            more.put("answeredFor", handover.answeredFor(caller, userId));
        }
        List<User> heirs = new ArrayList<>(List.of(visit.user()));
        users.list(caller, UserQuery.ALL, new Page.Request(Page.MAX_SIZE, null)).items().stream()
                .filter(user -> user.status() == User.Status.ACTIVE)
                .filter(user -> !user.id().equals(userId) && !user.id().equals(caller.id()))
                .forEach(heirs::add);
        more.put("heirs", heirs);
        return userPage(visit, status, form, more);
    }

    /** The next owner of the tokens; null when the form names no one. */
    private @Nullable String heir(Visit visit) {
        String email = visit.field("to");
        if (email.isEmpty()) {
            return null;
        }
        return users.withEmail(visit.caller(), email)
                .map(User::id)
                .orElseThrow(() -> Problem.invalid("to", "No user has this email."));
    }

    private Response remove(Visit visit) {
        handover.remove(visit.caller(), visit.path("userId"), heir(visit), null);
        return Response.seeOther(Notice.USER_REMOVED.at(Links.USERS));
    }
}
