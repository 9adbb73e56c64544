package dev.latchkey.account;

import dev.latchkey.access.Caller;
import dev.latchkey.crypto.KeyedHash;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.crypto.RandomKey;
import dev.latchkey.database.Database;
import dev.latchkey.database.Transaction;
import dev.latchkey.event.Actor;
import dev.latchkey.event.Change;
import dev.latchkey.event.Event;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventType;
import dev.latchkey.event.Origin;
import dev.latchkey.event.Target;
import dev.latchkey.event.TargetKind;
import dev.latchkey.problem.Problem;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** People's sessions. Only a keyed hash of the cookie's secret is stored. */
public final class Sessions {
    private static final Logger logger = LoggerFactory.getLogger(Sessions.class);

    /** A session that is not used for this long ends. */
    public static final Duration IDLE = Duration.ofHours(12);

    /** Every session ends this long after it began. */
    public static final Duration LIFETIME = Duration.ofDays(14);

    private static final Duration SEEN_PRECISION = Duration.ofMinutes(1);
    private static final int ID_LENGTH = 16;

    /** More browsers than anyone uses; when another session begins, the least recently used one ends. */
    private static final int MOST_PER_USER = 100;

    private final Database database;
    private final EventLog log;
    private final Clock clock;
    private final KeyedHash hashes;
    private final KeyedHash formValues;
    private final SessionStore store = new SessionStore();
    private final SecureRandom random = new SecureRandom();

    public Sessions(Database database, EventLog log, MasterKey masterKey, Clock clock) {
        this.database = database;
        this.log = log;
        this.clock = clock;
        this.hashes = new KeyedHash(masterKey, "session");
        this.formValues = new KeyedHash(masterKey, "csrf");
    }

    /** Starts a session inside the transaction that signs the person in, and returns the cookie's secret. */
    String start(Transaction transaction, User user, Origin origin) {
        String secret = RandomKey.generate(random, RandomKey.UNGUESSABLE);
        Instant now = clock.instant();
        Session session = new Session(
                RandomKey.generate(random, ID_LENGTH),
                user.id(),
                now,
                now,
                now.plus(LIFETIME),
                origin.address(),
                origin.userAgent());
        List<Change> ended = store.beyond(transaction.handle(), user.id(), MOST_PER_USER - 1).stream()
                .map(id -> Change.from("ended session", id, null))
                .toList();
        ended.forEach(change -> store.delete(transaction, String.valueOf(change.before())));
        store.insert(transaction, hashes.of(secret), session);
        log.append(
                transaction,
                new Actor.Person(user.id(), user.email(), null, origin),
                EventType.SESSION_CREATE,
                new Target(TargetKind.SESSION, session.id(), user.email()),
                ended);
        return secret;
    }

    /** The session of the cookie's secret; empty once it has ended. */
    public Optional<Session> find(String secret) {
        if (secret.length() != RandomKey.UNGUESSABLE) {
            return Optional.empty();
        }
        String hash = hashes.of(secret);
        Instant now = clock.instant();
        Optional<Session> found = database.read(handle -> store.find(handle, hash))
                .filter(session -> now.isBefore(session.expiresAt())
                        && now.isBefore(session.lastSeenAt().plus(IDLE)));
        Instant before = now.minus(SEEN_PRECISION);
        found.filter(session -> session.lastSeenAt().isBefore(before))
                .ifPresent(session -> noteSeen(session.id(), now, before));
        return found;
    }

    /** A database that accepts no changes must not lock people out: they have to see what is wrong. */
    private void noteSeen(String sessionId, Instant now, Instant before) {
        try {
            database.change(transaction -> store.seen(transaction, sessionId, now, before));
        } catch (Problem unavailable) {
            logger.debug("The use of a session could not be noted", unavailable);
        }
    }

    /** The value that every form of the session carries, so that another site cannot forge one (CSRF). */
    public String formValue(String secret) {
        return formValues.of(secret);
    }

    public boolean isFormValue(String secret, String value) {
        return formValues.matches(secret, value);
    }

    /** The caller's own sessions, the most recently used first. */
    public List<Session> list(Caller caller) {
        Instant now = clock.instant();
        return database.read(handle -> store.ofUser(handle, caller.id())).stream()
                .filter(session -> now.isBefore(session.expiresAt())
                        && now.isBefore(session.lastSeenAt().plus(IDLE)))
                .toList();
    }

    /**
     * Ends one of the caller's own sessions.
     *
     * @throws Problem 404 when the caller has no session with this id
     */
    public void end(Caller caller, String sessionId) {
        database.ending(transaction -> {
            if (!store.isOf(transaction.handle(), sessionId, caller.id())) {
                throw Problem.notFound("You have no session with this id.");
            }
            store.delete(transaction, sessionId);
            log.append(
                    transaction,
                    caller.acting(),
                    EventType.SESSION_END,
                    new Target(TargetKind.SESSION, sessionId, caller.name()),
                    List.of());
        });
    }

    /** Ends all of the caller's own sessions except the one they keep; does nothing when there is no other. */
    public void endOthers(Caller caller, String keepSessionId) {
        database.ending(transaction -> {
            List<Change> ended = store.ofUser(transaction.handle(), caller.id()).stream()
                    .filter(session -> !session.id().equals(keepSessionId))
                    .map(session -> Change.from("session", session.id(), null))
                    .toList();
            if (!ended.isEmpty()) {
                store.deleteOfUser(transaction, caller.id(), keepSessionId);
                log.append(
                        transaction,
                        caller.acting(),
                        EventType.SESSION_END_OTHERS,
                        new Target(TargetKind.SESSION, keepSessionId, caller.name()),
                        ended);
            }
        });
    }

    /** Ends a session again when the database has lost that it was ended. */
    public boolean endAgain(Transaction transaction, Event lost) {
        store.delete(transaction, lost.target().id());
        return true;
    }

    /** {@link #endAgain} for several at once. */
    public boolean endOthersAgain(Transaction transaction, Event lost) {
        lost.changes().stream()
                .filter(change -> change.field().equals("session") && change.before() != null)
                .forEach(change -> store.delete(transaction, String.valueOf(change.before())));
        return true;
    }

    /** The addresses from which the person with this email is signed in now. */
    List<String> addresses(Handle handle, String email) {
        return store.addresses(handle, email, clock.instant(), clock.instant().minus(IDLE));
    }

    /** Ends all of a person's sessions except one, which may be none, inside the transaction of another change. */
    void endAll(Transaction transaction, String userId, String exceptSessionId) {
        store.deleteOfUser(transaction, userId, exceptSessionId);
    }

    /** Deletes expired sessions. They are refused anyway, so it does not matter when this happens. */
    public void deleteExpired() {
        Instant now = clock.instant();
        database.change(transaction -> store.deleteExpired(transaction, now, now.minus(IDLE)));
    }
}
