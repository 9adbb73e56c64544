package dev.latchkey.access;

import java.util.List;

/**
 * Latchkey's own management API, which is one of the account's APIs: its name and privileges. The features declare its
 * endpoints.
 */
public final class ManagementApi {
    public static final String NAME = "latchkey";

    /** The prefix of all its endpoints. */
    public static final String BASE_PATH = "/api/v1";

    public static final Privilege TOKENS_READ = privilege("tokens:read");
    public static final Privilege TOKENS_CREATE = privilege("tokens:create");
    public static final Privilege TOKENS_REVOKE = privilege("tokens:revoke");
    public static final Privilege ROLES_READ = privilege("roles:read");
    public static final Privilege ROLES_MANAGE = privilege("roles:manage");
    public static final Privilege USERS_READ = privilege("users:read");
    public static final Privilege USERS_MANAGE = privilege("users:manage");
    public static final Privilege APIS_READ = privilege("apis:read");
    public static final Privilege APIS_MANAGE = privilege("apis:manage");
    public static final Privilege AUDIT_READ = privilege("audit:read");
    public static final Privilege DECISIONS_ASK = privilege("decisions:ask");
    public static final Privilege METRICS_READ = privilege("metrics:read");
    public static final Privilege ACCOUNT_MANAGE = privilege("account:manage");

    /** Includes all the others, and lets its holder hand out privileges that they lack. */
    public static final Privilege SECURITY_MANAGE = privilege("security:manage");

    /** A privilege with the sentence that explains it to people. */
    public record Described(Privilege privilege, String description) {}

    public static final List<Described> PRIVILEGES = List.of(
            new Described(TOKENS_READ, "See API tokens and when they were last used"),
            new Described(TOKENS_CREATE, "Generate API tokens and change them"),
            new Described(TOKENS_REVOKE, "Revoke API tokens"),
            new Described(ROLES_READ, "See roles and what they allow"),
            new Described(ROLES_MANAGE, "Create, change and delete roles"),
            new Described(USERS_READ, "See people and their roles"),
            new Described(USERS_MANAGE, "Invite, disable and remove people and assign their roles"),
            new Described(APIS_READ, "See protected APIs and their endpoints"),
            new Described(APIS_MANAGE, "Register and change protected APIs"),
            new Described(AUDIT_READ, "Read the audit log"),
            new Described(DECISIONS_ASK, "Ask what API tokens and roles may call"),
            new Described(METRICS_READ, "Read the metrics of the service"),
            new Described(ACCOUNT_MANAGE, "Change the account's settings"),
            new Described(SECURITY_MANAGE, "Everything above, and hand out any role"));

    private ManagementApi() {}

    private static Privilege privilege(String name) {
        return new Privilege(NAME, name);
    }
}
