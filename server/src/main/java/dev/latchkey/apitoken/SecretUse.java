package dev.latchkey.apitoken;

import dev.latchkey.event.Change;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is shown of a secret: never the secret itself. */
public record SecretUse(
        long number, Instant createdAt, @Nullable Instant lastUsedAt) {
    /** Its name in the log. After a loss, the number alone may be assigned again. */
    List<Change> asChanges() {
        return List.of(Change.set("secret", Long.toString(number)), Change.set("secret made", createdAt.toString()));
    }

    /** Whether these changes name it. */
    boolean isNamedBy(List<Change> changes) {
        return changes.containsAll(asChanges());
    }
}
