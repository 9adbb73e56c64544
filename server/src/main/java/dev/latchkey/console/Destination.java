package dev.latchkey.console;

import dev.latchkey.access.Caller;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Privilege;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A page that people go to on its own: from the navigation panel, or by finding it. */
public enum Destination {
    OVERVIEW(Group.START, "overview", Links.OVERVIEW, "layout-dashboard", "Overview"),
    TOKENS(Group.ACCESS, "tokens", Links.TOKENS, "key", "API auth tokens", ManagementApi.TOKENS_READ),
    ROLES(Group.ACCESS, "roles", Links.ROLES, "shield-lock", "Roles and privileges", ManagementApi.ROLES_READ),
    USERS(Group.ACCESS, "users", Links.USERS, "users", "Users", ManagementApi.USERS_READ),
    APIS(Group.API, "apis", Links.APIS, "api", "APIs", ManagementApi.APIS_READ),
    EXPLAIN(
            Group.API,
            "explain",
            "/explain",
            "route",
            "Explain a call",
            ManagementApi.ROLES_READ,
            ManagementApi.APIS_READ),
    QUICK_START(Group.API, "quickstart", "/quick-start", "terminal-2", "Quick start"),
    REFERENCE(Group.API, "reference", "/api", "book", "API reference"),
    AUDIT(Group.ADMIN, "audit", Links.AUDIT, "history", "Audit log", ManagementApi.AUDIT_READ),
    SIGNING_KEYS(
            Group.ADMIN, "signing-keys", "/signing-keys", "shield-check", "Signing keys", ManagementApi.ACCOUNT_MANAGE),
    HEALTH(Group.ADMIN, "health", Links.HEALTH, "activity", "Health", ManagementApi.ACCOUNT_MANAGE),
    SETTINGS(Group.ADMIN, "settings", "/settings", "settings", "Settings"),
    GENERATE(null, "tokens", "/tokens/new", "plus", "Generate new token", ManagementApi.TOKENS_CREATE),
    ADVICE(
            null,
            "roles",
            Links.ADVICE,
            "shield-lock",
            "Advice on roles",
            ManagementApi.ROLES_READ,
            ManagementApi.TOKENS_READ),
    NEW_ROLE(null, "roles", "/roles/new", "plus", "Create role", ManagementApi.ROLES_MANAGE),
    NEW_API(null, "apis", "/apis/new", "plus", "Register API", ManagementApi.APIS_MANAGE),
    INVITE(null, "users", "/users/new", "user-plus", "Invite user", ManagementApi.USERS_MANAGE),
    LOST_CHANGES(null, "audit", Links.LOST_CHANGES, "history", "Lost changes", ManagementApi.AUDIT_READ),
    PROFILE(null, "profile", "/profile", "user", "Your profile");

    /** A part of the navigation panel. */
    public enum Group {
        START(""),
        ACCESS("Access control"),
        API("API"),
        ADMIN("Admin");

        private final String heading;

        Group(String heading) {
            this.heading = heading;
        }

        /** Empty for none. */
        public String heading() {
            return heading;
        }
    }

    private final @Nullable Group group;
    private final String section;
    private final String href;
    private final String icon;
    private final String label;
    private final Set<Privilege> privileges;

    /**
     * @param group where it is in the navigation panel; null for not there
     * @param privileges what a person needs to see it, all of them
     */
    Destination(
            @Nullable Group group, String section, String href, String icon, String label, Privilege... privileges) {
        this.group = group;
        this.section = section;
        this.href = href;
        this.icon = icon;
        this.label = label;
        this.privileges = Set.of(privileges);
    }

    /** Those of a part of the navigation panel that the person may see. */
    static List<Destination> of(Group group, Caller caller) {
        return Arrays.stream(values())
                .filter(each -> each.group == group && each.isFor(caller))
                .toList();
    }

    /** Those that the person may see and whose label has all words of the search; without a search, the navigation panel. */
    static List<Destination> about(String search, Caller caller) {
        List<String> words = Arrays.stream(search.toLowerCase(Locale.ROOT).split("\\s+", -1))
                .filter(word -> !word.isEmpty())
                .toList();
        return Arrays.stream(values())
                .filter(each -> words.isEmpty() ? each.group != null : each.has(words))
                .filter(each -> each.isFor(caller))
                .toList();
    }

    private boolean has(List<String> words) {
        String lower = label.toLowerCase(Locale.ROOT);
        return words.stream().allMatch(lower::contains);
    }

    private boolean isFor(Caller caller) {
        return privileges.stream().allMatch(caller::has);
    }

    /** The section of the frame that is marked as the current one. */
    public String section() {
        return section;
    }

    public String href() {
        return href;
    }

    public String icon() {
        return icon;
    }

    public String label() {
        return label;
    }
}
