package dev.latchkey.apitoken;

import org.jspecify.annotations.Nullable;

/**
 * Which API tokens to list, and in which order; a null part does not narrow.
 *
 * @param search part of a description or a client id, whatever the case
 * @param owner who answers for them: a user id, {@link #NOBODY} or {@link #DEPARTED}
 */
public record ApiTokenQuery(
        @Nullable String search,
        ApiToken.@Nullable Status status,
        @Nullable String role,
        @Nullable String owner,
        Sort sort,
        boolean descending) {
    /** In the place of an owner: nobody. */
    public static final String NOBODY = "none";

    /** In the place of an owner: people who were disabled or removed. */
    public static final String DEPARTED = "departed";

    /** What to order by; the client id breaks ties. */
    public enum Sort {
        CREATED("created_at", true),
        LAST_ACCESS("coalesce(last_access_at, 0)", true),
        DESCRIPTION("search_text", false),
        ROLE("role_name", false),
        STATUS("state", false),
        CLIENT_ID("client_id", false);

        private final String expression;
        private final boolean number;

        Sort(String expression, boolean number) {
            this.expression = expression;
            this.number = number;
        }

        String expression() {
            return expression;
        }

        boolean isNumber() {
            return number;
        }
    }

    public static final ApiTokenQuery ALL = new ApiTokenQuery(null, null, null, null, Sort.CREATED, true);
}
