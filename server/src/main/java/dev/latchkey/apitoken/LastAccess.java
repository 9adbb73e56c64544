package dev.latchkey.apitoken;

import dev.latchkey.apitoken.ApiToken.Access;
import dev.latchkey.apitoken.ApiTokenStore.SecretKey;
import dev.latchkey.database.Database;
import dev.latchkey.event.Origin;
import dev.latchkey.lane.Timetable;
import dev.latchkey.problem.Problem;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When each API token was last used. A use is noted in memory and written with all others once a second, so that checking
 * a token writes nothing; {@code kill -9} loses at most the uses of the last second. Whoever reads a token sees the notes
 * at once.
 */
public final class LastAccess implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LastAccess.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    /** Uses that follow each other faster count as one. */
    private static final long GRAIN_MILLIS = 20;

    private final Database database;
    private final Clock clock;
    private final ApiTokenStore store = new ApiTokenStore();
    /** One entry a token used since the last writing: at most as many as were used in a second, and real tokens only. */
    private final Map<String, Access> notes = new ConcurrentHashMap<>();

    /** The same for secrets: a token may have two, and which one is still used is worth knowing. */
    private final Map<SecretKey, Instant> secretNotes = new ConcurrentHashMap<>();

    public LastAccess(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /** Has the notes written once a second; the timetable is closed before this. */
    public void addTo(Timetable timetable) {
        timetable.every(INTERVAL, "last-access", this::flush, "Last accesses cannot be written now and are kept");
    }

    /** Notes a use, now. What is one, {@link Uses} knows. */
    void note(String clientId, Origin from) {
        Instant now = Instant.ofEpochMilli(clock.millis());
        Access known = notes.get(clientId);
        if (known == null || isLater(now, known.at()) || !known.from().equals(from)) {
            notes.put(clientId, new Access(now, from));
        }
    }

    /** Notes that this secret of the token was used, now. */
    void noteSecret(String clientId, long number) {
        Instant now = Instant.ofEpochMilli(clock.millis());
        SecretKey secret = new SecretKey(clientId, number);
        Instant known = secretNotes.get(secret);
        if (known == null || isLater(now, known)) {
            secretNotes.put(secret, now);
        }
    }

    /** Whether a use is worth another note; a program that asks all the time would only make others wait for it. */
    private static boolean isLater(Instant now, Instant known) {
        long since = now.toEpochMilli() - known.toEpochMilli();
        return since < 0 || since >= GRAIN_MILLIS;
    }

    /** The uses of the token's secrets that are not written yet, by the secrets' numbers. */
    Map<Long, Instant> secretsOf(String clientId) {
        Map<Long, Instant> uses = new HashMap<>();
        secretNotes.forEach((secret, at) -> {
            if (secret.clientId().equals(clientId)) {
                uses.put(secret.number(), at);
            }
        });
        return uses;
    }

    /**
     * Gives tokens their newest use, written or not. It is made before the tokens are read: what is written in between is
     * then in their rows, and what is not is still here.
     */
    UnaryOperator<ApiToken> overlay() {
        Map<String, Access> noted = Map.copyOf(notes);
        return apiToken -> {
            Access newest = noted.get(apiToken.clientId());
            Access written = apiToken.lastAccess();
            return newest == null || (written != null && !newest.at().isAfter(written.at()))
                    ? apiToken
                    : apiToken.withLastAccess(newest);
        };
    }

    /** The tokens that were used since then, of those whose use is not written yet. */
    Set<String> notedSince(Instant since) {
        Set<String> used = new HashSet<>();
        notes.forEach((clientId, access) -> {
            if (!access.at().isBefore(since)) {
                used.add(clientId);
            }
        });
        return used;
    }

    /** Writes what was noted. A note that arrives meanwhile stays for the next time. */
    public synchronized void flush() {
        // In the order of the tables, so that rows of one page are written together.
        Map<String, Access> batch = new TreeMap<>(notes);
        Map<SecretKey, Instant> secretBatch = new TreeMap<>(secretNotes);
        if (batch.isEmpty() && secretBatch.isEmpty()) {
            return;
        }
        database.change(transaction -> {
            if (!batch.isEmpty()) {
                store.stamp(transaction, batch);
            }
            store.stampSecrets(transaction, secretBatch);
        });
        batch.forEach(notes::remove);
        secretBatch.forEach(secretNotes::remove);
    }

    /** {@link #flush} for whoever can do without: a list must be readable while the database takes no changes. */
    void flushIfPossible() {
        try {
            flush();
        } catch (Problem e) {
            log.debug("Last accesses cannot be written now", e);
        }
    }

    /** Writes what is left. */
    @Override
    public void close() {
        flush();
    }
}
