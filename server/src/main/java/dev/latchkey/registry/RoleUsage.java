package dev.latchkey.registry;

/**
 * How often a role is used, directly or through a role above it.
 *
 * @param tokens the active API tokens that act with it
 * @param users the people who act with it
 * @param directTokens how many of the tokens it is assigned to
 * @param directUsers how many of the people it is assigned to
 */
public record RoleUsage(long tokens, long users, long directTokens, long directUsers) {
    public static final RoleUsage NONE = new RoleUsage(0, 0, 0, 0);

    static RoleUsage ofTokens(long number, boolean direct) {
        return new RoleUsage(number, 0, direct ? number : 0, 0);
    }

    static RoleUsage ofUsers(long number, boolean direct) {
        return new RoleUsage(0, number, 0, direct ? number : 0);
    }

    RoleUsage plus(RoleUsage other) {
        return new RoleUsage(
                tokens + other.tokens,
                users + other.users,
                directTokens + other.directTokens,
                directUsers + other.directUsers);
    }
}
