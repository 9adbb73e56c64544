package dev.latchkey.console;

import dev.latchkey.access.Api;
import dev.latchkey.access.Caller;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Role;
import dev.latchkey.account.User;
import dev.latchkey.account.UserQuery;
import dev.latchkey.account.Users;
import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.ApiToken.State;
import dev.latchkey.apitoken.ApiTokenQuery;
import dev.latchkey.apitoken.ApiTokens;
import dev.latchkey.console.Found.Group;
import dev.latchkey.console.Found.Hit;
import dev.latchkey.problem.Page;
import dev.latchkey.problem.Problem;
import dev.latchkey.registry.CurrentPolicy;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Finds pages, tokens, roles, APIs and people by a part of their name, as far as the person may see them. A few of each. */
final class Finder {
    /** A single letter is in the names of most tokens and people. */
    private static final int SHORTEST = 2;

    private static final String SHORT_HINT = "Enter at least two characters to find tokens and people as well.";
    private static final String SLOW_HINT = "Looking through everything took too long. Enter more of the name.";

    private final ApiTokens apiTokens;
    private final Users users;
    private final CurrentPolicy policy;
    private final Clock clock;

    Finder(ApiTokens apiTokens, Users users, CurrentPolicy policy, Clock clock) {
        this.apiTokens = apiTokens;
        this.users = users;
        this.policy = policy;
        this.clock = clock;
    }

    /**
     * Without a search, the pages of the navigation panel.
     *
     * @param most how many of each kind
     */
    Found find(Caller caller, String search, int most) {
        List<Group> groups = new ArrayList<>();
        add(
                groups,
                "Pages",
                Destination.about(search, caller).stream()
                        .map(to -> new Hit(to.label(), "", to.href(), to.icon()))
                        .toList());
        if (search.isEmpty()) {
            return new Found(search, groups, "");
        }
        String hint = "";
        if (search.codePointCount(0, search.length()) < SHORTEST) {
            hint = SHORT_HINT;
        } else if (!inTime(() -> addTokens(groups, caller, search, most))) {
            hint = SLOW_HINT;
        }
        addRoles(groups, caller, search.toLowerCase(Locale.ROOT), most);
        addApis(groups, caller, search.toLowerCase(Locale.ROOT), most);
        if (hint.isEmpty() && !inTime(() -> addPeople(groups, caller, search, most))) {
            hint = SLOW_HINT;
        }
        return new Found(search, List.copyOf(groups), hint);
    }

    /** Whether the search did not take too long. */
    private static boolean inTime(Runnable search) {
        try {
            search.run();
            return true;
        } catch (Problem problem) {
            if (problem.status() != 422) {
                throw problem;
            }
            return false;
        }
    }

    private static void add(List<Group> groups, String label, List<Hit> hits) {
        add(groups, label, hits, "");
    }

    private static void add(List<Group> groups, String label, List<Hit> hits, String all) {
        if (!hits.isEmpty()) {
            groups.add(new Group(label, hits, all));
        }
    }

    private void addTokens(List<Group> groups, Caller caller, String search, int most) {
        if (!caller.has(ManagementApi.TOKENS_READ)) {
            return;
        }
        Page<ApiToken> page = apiTokens.list(
                caller,
                new ApiTokenQuery(search, null, null, null, ApiTokenQuery.Sort.CREATED, true),
                new Page.Request(most, null));
        Instant now = clock.instant();
        add(
                groups,
                "Tokens",
                page.items().stream().map(token -> hit(token, now)).toList(),
                page.nextPageToken() == null ? "" : new TokenFilter(Map.of("search", List.of(search))).link());
    }

    private static Hit hit(ApiToken token, Instant now) {
        State state = token.state(now);
        return new Hit(
                token.description(),
                token.clientId()
                        + (state == State.ACTIVE
                                ? ""
                                : ", " + TokenList.label(state).toLowerCase(Locale.ROOT)),
                Links.token(token.clientId()),
                "key");
    }

    private void addRoles(List<Group> groups, Caller caller, String search, int most) {
        List<Role> found = !caller.has(ManagementApi.ROLES_READ)
                ? List.of()
                : policy.get().roles().stream()
                        .filter(role -> role.isAbout(search))
                        .limit(most + 1L)
                        .toList();
        add(
                groups,
                "Roles",
                found.stream()
                        .limit(most)
                        .map(role -> new Hit(role.name(), role.description(), Links.role(role.name()), "shield-lock"))
                        .toList(),
                found.size() > most ? Links.ROLES : "");
    }

    private void addApis(List<Group> groups, Caller caller, String search, int most) {
        List<Api> found = !caller.has(ManagementApi.APIS_READ)
                ? List.of()
                : policy.get().apis().stream()
                        .filter(api -> api.isAbout(search))
                        .limit(most + 1L)
                        .toList();
        add(
                groups,
                "APIs",
                found.stream()
                        .limit(most)
                        .map(api -> new Hit(
                                api.name(),
                                api.description().isEmpty() ? api.audience() : api.description(),
                                Links.api(api.name()),
                                "api"))
                        .toList(),
                found.size() > most ? Links.APIS : "");
    }

    private void addPeople(List<Group> groups, Caller caller, String search, int most) {
        if (!caller.has(ManagementApi.USERS_READ)) {
            return;
        }
        Page<User> page = users.list(
                caller, new UserQuery(search, null, UserQuery.Sort.EMAIL, false), new Page.Request(most, null));
        add(
                groups,
                "People",
                page.items().stream()
                        .map(user -> new Hit(user.name(), user.email(), Links.user(user.id()), "user"))
                        .toList(),
                page.nextPageToken() == null ? "" : Links.users(search, ""));
    }
}
