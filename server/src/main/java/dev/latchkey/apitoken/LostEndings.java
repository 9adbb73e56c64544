package dev.latchkey.apitoken;

import dev.latchkey.database.Transaction;
import dev.latchkey.event.Change;
import dev.latchkey.event.Event;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventType;
import dev.latchkey.event.LostChanges;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/**
 * Repeats changes to API tokens that ended something, when the database has lost them ({@link LostChanges}): a revocation, or
 * the removal of a secret, a key or a network.
 */
public final class LostEndings {
    private final EventLog log;
    private final Clock clock;
    private final Revocations revocations;
    private final ApiTokenStore store = new ApiTokenStore();
    private final SecretStore secrets = new SecretStore();

    public LostEndings(EventLog log, Clock clock) {
        this.log = log;
        this.clock = clock;
        this.revocations = new Revocations(log, clock);
    }

    /** Revokes the token again. If its creation was lost as well, it does not exist, and gets no access tokens anyway. */
    public boolean revoke(Transaction transaction, Event lost) {
        String clientId = lost.target().id();
        String reason = lost.changes().stream()
                .filter(change -> change.field().equals("reason"))
                .map(Change::after)
                .findFirst()
                .orElse(null);
        store.find(transaction.handle(), clientId)
                .ifPresent(apiToken -> revocations.end(
                        transaction,
                        apiToken,
                        LostChanges.ACTOR,
                        lost.actor(),
                        reason,
                        List.of(LostChanges.naming(lost))));
        return true;
    }

    /**
     * Removes the secret again, even the last one: then the token gets no access tokens until someone adds a secret. A newer
     * secret of the same number is a different one.
     */
    public boolean removeSecret(Transaction transaction, Event lost) {
        String clientId = lost.target().id();
        secrets.live(transaction.handle(), clientId).stream()
                .filter(secret -> secret.isNamedBy(lost.changes()))
                .findFirst()
                .ifPresent(secret -> {
                    secrets.remove(transaction, clientId, secret.number(), clock.instant());
                    append(transaction, lost, EventType.API_TOKEN_REMOVE_SECRET, secret.asChanges());
                });
        return true;
    }

    /**
     * Narrows the token again in those fields that are still as they were before the lost edit. Its other changes are for someone
     * to look at.
     */
    public boolean narrow(Transaction transaction, Event lost) {
        ApiToken present = store.find(transaction.handle(), lost.target().id()).orElse(null);
        if (present == null || present.isRevoked()) {
            return true;
        }
        List<Change> narrowing = lost.changes().stream()
                .filter(change -> ApiTokenFacts.narrows(change) && ApiTokenFacts.isAsBefore(present, change))
                .toList();
        if (!narrowing.isEmpty()) {
            store.update(transaction, present, ApiTokenFacts.applied(present, narrowing));
            append(transaction, lost, EventType.API_TOKEN_UPDATE, narrowing);
        }
        return narrowing.size() == lost.changes().size();
    }

    private void append(Transaction transaction, Event lost, EventType type, List<Change> changes) {
        List<Change> all = new ArrayList<>(changes);
        all.add(LostChanges.naming(lost));
        log.append(transaction, LostChanges.ACTOR, type, lost.target(), all);
    }
}
