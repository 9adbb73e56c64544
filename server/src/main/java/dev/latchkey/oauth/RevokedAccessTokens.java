package dev.latchkey.oauth;

import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.database.Database;
import dev.latchkey.database.Transaction;
import dev.latchkey.event.Actor;
import dev.latchkey.event.Change;
import dev.latchkey.event.Event;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventType;
import dev.latchkey.event.LostChanges;
import dev.latchkey.event.Origin;
import dev.latchkey.event.Target;
import dev.latchkey.event.TargetKind;
import dev.latchkey.problem.Problem;
import dev.latchkey.signing.SigningKey;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The access tokens that were revoked before they expired (RFC 7009). Unlike other access tokens they are stored until they
 * would have expired: in the database, so that a restart does not revive them, and in memory, where each check looks. The
 * event log brings the memory of every node up to date before a revocation is answered.
 */
public final class RevokedAccessTokens {
    private static final String CLIENT_ID = "client id";
    private static final String EXPIRY = "would have expired";

    /**
     * A program that revokes more within ten minutes should revoke its API token; its rows and events must not fill the
     * disk.
     */
    private static final int MAX_OF_ONE = 1_000;

    private static final int MAX = 200_000;

    private final Database database;
    private final EventLog log;
    private final Clock clock;
    private final RevokedAccessTokenStore store = new RevokedAccessTokenStore();
    private final Map<String, Long> known = new ConcurrentHashMap<>();

    public RevokedAccessTokens(Database database, EventLog log, Clock clock) {
        this.database = database;
        this.log = log;
        this.clock = clock;
        // Follow first and read then, so that a revocation in between is seen twice rather than never.
        log.follow(
                event -> {
                    if (event.isUnknown()) {
                        load();
                    } else if (event.target().kind() == TargetKind.ACCESS_TOKEN) {
                        String id = event.target().id();
                        log.read(handle -> store.expiry(handle, id)).ifPresent(expiry -> known.put(id, expiry));
                    }
                },
                this::load);
        load();
    }

    /** Known revocations stay, even if the database has lost them, until the access token has expired. */
    private void load() {
        known.putAll(log.read(handle -> store.all(handle, now())));
    }

    /** How many there are. */
    public long size() {
        return known.size();
    }

    boolean contains(AccessToken accessToken) {
        return known.containsKey(accessToken.id());
    }

    /**
     * Revokes an access token: when this returns, every API that asks Latchkey refuses it.
     *
     * @param holder the API token that it was issued to and that revokes it
     * @throws Problem 503 when too many have been revoked
     */
    void revoke(AccessToken accessToken, ApiToken holder, Origin origin) {
        database.ending(transaction -> {
            Instant now = now();
            if (store.expiry(transaction.handle(), accessToken.id()).isPresent()
                    || !accessToken.expiresAt().isAfter(now)) {
                return;
            }
            if (known.size() >= MAX || store.countOf(transaction.handle(), holder.clientId(), now) >= MAX_OF_ONE) {
                throw Problem.unavailable(
                        "Too many access tokens have been revoked one by one. Revoke the API token, or try again later.",
                        null);
            }
            store.insert(transaction, accessToken.id(), accessToken.clientId(), accessToken.expiresAt());
            log.append(
                    transaction,
                    new Actor.Program(holder.clientId(), holder.description(), holder.role(), origin),
                    EventType.ACCESS_TOKEN_REVOKE,
                    new Target(TargetKind.ACCESS_TOKEN, accessToken.id(), holder.description()),
                    List.of(
                            Change.set(CLIENT_ID, holder.clientId()),
                            Change.set("for", accessToken.audience()),
                            Change.set(EXPIRY, accessToken.expiresAt().toString())));
        });
    }

    /** Revokes an access token again when the database has lost its revocation. */
    public boolean revokeAgain(Transaction transaction, Event lost) {
        Map<String, @Nullable String> facts = new HashMap<>();
        lost.changes().forEach(change -> facts.put(change.field(), change.after()));
        String clientId = facts.get(CLIENT_ID);
        String expires = facts.get(EXPIRY);
        String id = lost.target().id();
        if (clientId == null || expires == null) {
            return false;
        }
        Instant expiresAt = Instant.parse(expires);
        if (expiresAt.isAfter(now()) && store.expiry(transaction.handle(), id).isEmpty()) {
            store.insert(transaction, id, clientId, expiresAt);
            List<Change> changes = new ArrayList<>(lost.changes());
            changes.add(LostChanges.naming(lost));
            log.append(transaction, LostChanges.ACTOR, EventType.ACCESS_TOKEN_REVOKE, lost.target(), changes);
        }
        return true;
    }

    /** The time by the slowest clock of all nodes: a token that has expired here may still be valid there. */
    private Instant now() {
        return clock.instant().minus(SigningKey.CLOCKS_DIFFER);
    }

    /** Forgets those that have expired. */
    public void deleteExpired() {
        Instant now = now();
        if (known.values().removeIf(expiry -> expiry <= now.toEpochMilli())) {
            database.change(transaction -> store.deleteExpired(transaction, now));
        }
    }
}
