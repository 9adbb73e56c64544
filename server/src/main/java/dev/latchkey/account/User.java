package dev.latchkey.account;

import java.time.Instant;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * A person who signs in to the console.
 *
 * @param email in lower case; two people never share one
 * @param terms what others have chosen for them
 * @param createdBy the email of the person who invited them
 * @param version counts the changes, from 1
 */
public record User(
        String id,
        String email,
        UserTerms terms,
        Status status,
        Instant createdAt,
        String createdBy,
        @Nullable Instant lastSignInAt,
        long version) {

    public String name() {
        return terms.name();
    }

    /** The assigned roles. */
    public SortedSet<String> roles() {
        return terms.roles();
    }

    /** Whether the person is neither disabled nor removed; they may still have to choose a password. */
    boolean isEnabled() {
        return status == Status.ACTIVE || status == Status.INVITED;
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
