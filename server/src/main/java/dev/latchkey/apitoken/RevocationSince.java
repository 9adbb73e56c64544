package dev.latchkey.apitoken;

import static dev.latchkey.access.ManagementApi.ACCOUNT_MANAGE;
import static dev.latchkey.access.ManagementApi.TOKENS_REVOKE;

import dev.latchkey.access.Caller;
import dev.latchkey.apitoken.RecentTokenStore.Place;
import dev.latchkey.apitoken.RecentTokenStore.Recently;
import dev.latchkey.database.Database;
import dev.latchkey.event.Actor;
import dev.latchkey.event.Change;
import dev.latchkey.event.EventLog;
import dev.latchkey.problem.Problem;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Revokes every API token that was used or created since a given time: the way out when a database was restored from a copy and no one
 * knows what had been revoked since.
 *
 * <p>There may be very many, so this uses small transactions, between which others get their turn, and stops after a few thousand:
 * the caller continues by calling again.
 */
public final class RevocationSince {
    private static final int BATCH = 100;

    /** This many are revoked in one call, which takes a few seconds. */
    private static final int MOST_IN_A_CALL = 5_000;

    /** Counting stops here: a longer count would take too long. */
    private static final int COUNTED = 10_000;

    private final Database database;
    private final LastAccess lastAccess;
    private final Clock clock;
    private final Revocations revocations;
    private final int mostInACall;
    private final ApiTokenStore store = new ApiTokenStore();
    private final RecentTokenStore recent = new RecentTokenStore();

    public RevocationSince(Database database, EventLog log, LastAccess lastAccess, Clock clock) {
        this(database, log, lastAccess, clock, MOST_IN_A_CALL);
    }

    RevocationSince(Database database, EventLog log, LastAccess lastAccess, Clock clock, int mostInACall) {
        this.mostInACall = mostInACall;
        this.database = database;
        this.lastAccess = lastAccess;
        this.clock = clock;
        this.revocations = new Revocations(log, clock);
    }

    /**
     * The number of tokens to revoke.
     *
     * @param atLeast whether there are more than that
     */
    public record Count(long number, boolean atLeast) {}

    /**
     * The result of a call.
     *
     * @param more whether there are more to revoke
     */
    public record Outcome(int revoked, boolean more) {}

    /** How many tokens {@link #revoke} would revoke. */
    public Count count(Caller caller, Instant since) {
        require(caller);
        requirePassed(since);
        lastAccess.flushIfPossible();
        long number = database.search("by a later time", handle -> recent.count(handle, since, COUNTED + 1));
        return new Count(Math.min(number, COUNTED), number > COUNTED);
    }

    /**
     * Revokes every active token that was used or created since then, each with the usual event. The caller's own is among them,
     * and comes last, when no other is left.
     *
     * @throws Problem 403 without {@code tokens:revoke} and {@code account:manage}, 422 for a time in the future
     */
    public Outcome revoke(Caller caller, Instant since, @Nullable String reason) {
        require(caller);
        requirePassed(since);
        String why = Revocations.reason(reason);
        Ending ending = new Ending(caller, since, why);
        lastAccess.flushIfPossible();
        // Uses that cannot be written, as on a full disk, still happened.
        List<String> noted = List.copyOf(lastAccess.notedSince(since));
        for (int from = 0; from < noted.size(); from += BATCH) {
            ending.end(noted.subList(from, Math.min(noted.size(), from + BATCH)));
        }
        // By creation first: a token that is used in the meantime moves back in the order of uses, and is found there.
        for (Recently recently : Recently.values()) {
            Place place = Place.before(since);
            while (true) {
                Place after = place;
                int room = Math.clamp(mostInACall - ending.revoked, 1, BATCH);
                List<Place> found = database.read(handle -> recent.next(handle, recently, after, room));
                if (found.isEmpty()) {
                    break;
                }
                if (ending.revoked >= mostInACall) {
                    return new Outcome(ending.revoked, true);
                }
                ending.end(found.stream().map(Place::clientId).toList());
                place = found.getLast();
            }
        }
        ending.endOwn();
        return new Outcome(ending.revoked, false);
    }

    /** The progress of one call. */
    private final class Ending {
        private final Caller caller;
        private final Actor actor;
        private final @Nullable String reason;
        private final List<Change> more;
        private boolean own;
        private int revoked;

        Ending(Caller caller, Instant since, @Nullable String reason) {
            this.caller = caller;
            this.actor = caller.actingWith(TOKENS_REVOKE);
            this.reason = reason;
            this.more = List.of(Change.set("used or created since", since.toString()));
        }

        /** Revokes these in one transaction, and leaves the caller's own token for later. */
        void end(List<String> clientIds) {
            List<String> others = clientIds.stream()
                    .filter(clientId -> !clientId.equals(caller.id()))
                    .toList();
            own |= others.size() < clientIds.size();
            if (!others.isEmpty()) {
                revoke(others);
            }
        }

        void endOwn() {
            if (own) {
                revoke(List.of(caller.id()));
            }
        }

        private void revoke(List<String> clientIds) {
            revoked += database.<Integer>end(transaction -> (int) clientIds.stream()
                    .flatMap(clientId -> store.find(transaction.handle(), clientId).stream())
                    .filter(apiToken -> revocations.end(transaction, apiToken, actor, reason, more))
                    .count());
        }
    }

    /**
     * Requires the privileges for this. One call may revoke all tokens of the account, so the caller must manage the account, not
     * only its tokens.
     *
     * @throws Problem 403 that names the missing privilege
     */
    public static void require(Caller caller) {
        caller.require(TOKENS_REVOKE);
        caller.require(ACCOUNT_MANAGE);
    }

    private void requirePassed(Instant since) {
        if (since.isAfter(clock.instant())) {
            throw Problem.invalid("since", "Enter a time in the past.");
        }
    }
}
