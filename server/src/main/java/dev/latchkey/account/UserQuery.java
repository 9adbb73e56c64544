package dev.latchkey.account;

import org.jspecify.annotations.Nullable;

/**
 * Which people to list, and in which order; null does not narrow the list.
 *
 * @param search part of an email or a name, in any letter case
 * @param role a role that is assigned to them
 */
public record UserQuery(@Nullable String search, @Nullable String role, Sort sort, boolean descending) {

    /** What to order by; the user id breaks ties. */
    public enum Sort {
        EMAIL("email", false),
        CREATED("created_at", true);

        private final String column;
        private final boolean number;

        Sort(String column, boolean number) {
            this.column = column;
            this.number = number;
        }

        String column() {
            return column;
        }

        boolean isNumber() {
            return number;
        }
    }

    /** Everyone, by email. */
    public static final UserQuery ALL = new UserQuery(null, null, Sort.EMAIL, false);
}
