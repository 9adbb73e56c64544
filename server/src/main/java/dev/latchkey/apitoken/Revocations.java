package dev.latchkey.apitoken;

import dev.latchkey.apitoken.ApiToken.Revocation;
import dev.latchkey.apitoken.ApiToken.Who;
import dev.latchkey.database.Transaction;
import dev.latchkey.event.Actor;
import dev.latchkey.event.Change;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventType;
import dev.latchkey.management.Line;
import dev.latchkey.problem.Problem;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Revokes an API token for good and logs it: the one place for all revocations. */
final class Revocations {
    private static final int MAX_REASON = 200;

    private final EventLog log;
    private final Clock clock;
    private final ApiTokenStore store = new ApiTokenStore();

    Revocations(EventLog log, Clock clock) {
        this.log = log;
        this.clock = clock;
    }

    /**
     * A reason as it is stored; null for none.
     *
     * @throws Problem 422 when it is too long or has more than one line
     */
    static @Nullable String reason(@Nullable String given) {
        String reason = given == null || given.isBlank() ? null : given.strip();
        if (reason != null) {
            Line.error("reason", reason, MAX_REASON).ifPresent(error -> {
                throw Problem.invalid(List.of(error));
            });
        }
        return reason;
    }

    /**
     * Revokes the token, and returns whether it was still active; otherwise nothing happens.
     *
     * @param more further changes for the event
     */
    boolean end(Transaction transaction, ApiToken apiToken, Actor actor, @Nullable String reason, List<Change> more) {
        return end(transaction, apiToken, actor, actor, reason, more);
    }

    /**
     * The same when the token and the event name different actors.
     *
     * @param by who revoked it, as stored with the token
     */
    boolean end(
            Transaction transaction,
            ApiToken apiToken,
            Actor actor,
            Actor by,
            @Nullable String reason,
            List<Change> more) {
        if (apiToken.isRevoked()) {
            return false;
        }
        store.revoke(transaction, apiToken, new Revocation(clock.instant(), Who.of(by), reason));
        List<Change> changes = new ArrayList<>(List.of(Change.from("status", "active", "revoked")));
        if (reason != null) {
            changes.add(Change.set("reason", reason));
        }
        changes.addAll(more);
        log.append(transaction, actor, EventType.API_TOKEN_REVOKE, apiToken.target(), changes);
        return true;
    }
}
