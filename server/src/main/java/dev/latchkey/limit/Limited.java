package dev.latchkey.limit;

/**
 * Someone whose calls are limited.
 *
 * @param id what its calls are counted under: a client id, also for a role, or the name of an API; empty for the account
 * @param name what people are told: the name of a role or an API; empty for a token and the account
 */
public record Limited(Whose whose, String id, String name, CallLimits limits) {
    /** The API token itself. */
    public static Limited token(String clientId, CallLimits limits) {
        return new Limited(Whose.TOKEN, clientId, "", limits);
    }

    /** The API token, as one of those that have the role. */
    public static Limited role(String clientId, String role, CallLimits limits) {
        return new Limited(Whose.ROLE, clientId, role, limits);
    }

    /** All callers of the API. */
    public static Limited api(String name, CallLimits limits) {
        return new Limited(Whose.API, name, name, limits);
    }

    /** All callers. */
    public static Limited account(CallLimits limits) {
        return new Limited(Whose.ACCOUNT, "", "", limits);
    }
}
