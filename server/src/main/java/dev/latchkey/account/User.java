package dev.latchkey.account;

import java.time.Instant;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * A person who signs in to the console.
 *
 * @param email in lower case; two people never share one
 * @param createdBy the email of the person who invited them
 * @param version counts the changes, from 1
 */
public record User(
        String id,
        String email,
        String name,
        Status status,
        SortedSet<String> roles,
        Instant createdAt,
        String createdBy,
        @Nullable Instant lastSignInAt,
        long version) {

    public UserTerms terms() {
        return new UserTerms(name, roles);
    }

    /** Whether the person can sign in, and if not, why. */
    public enum Status {
        ACTIVE,
        /** Has not chosen a password yet. */
        INVITED,
        DISABLED,
        /** Gone for good; the log still names them. */
        REMOVED
    }
}
