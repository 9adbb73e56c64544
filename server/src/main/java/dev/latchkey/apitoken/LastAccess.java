package dev.latchkey.apitoken;

import dev.latchkey.apitoken.ApiToken.Access;
import dev.latchkey.apitoken.SecretStore.SecretKey;
import dev.latchkey.database.Database;
import dev.latchkey.database.Transaction;
import dev.latchkey.event.Origin;
import dev.latchkey.lane.Timetable;
import dev.latchkey.problem.Problem;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import java.util.stream.Gatherers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When each API token was last used. A use is noted in memory and written with all others once a second, so checking a token
 * writes nothing; {@code kill -9} loses at most the uses of the last second. Tokens are always read with the notes.
 */
public final class LastAccess implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LastAccess.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    /** Rows of one transaction; a change must not wait for more. */
    private static final int MOST_ROWS = 1_000;

    /** Uses within this time are noted once. */
    private static final long GRAIN_MILLIS = 20;

    private final Database database;
    private final Clock clock;
    private final ApiTokenStore store = new ApiTokenStore();
    private final SecretStore secrets = new SecretStore();

    /** One entry for each token used since the last write: at most as many as are used in a second, and real tokens only. */
    private final Map<String, Access> notes = new ConcurrentHashMap<>();

    /** The same for secrets: a token may have two, and it helps to know which is still used. */
    private final Map<SecretKey, Instant> secretNotes = new ConcurrentHashMap<>();

    public LastAccess(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /** Writes the notes once a second. The timetable is closed before this. */
    public void addTo(Timetable timetable) {
        timetable.every(
                INTERVAL, "last-access", this::flush, "Last accesses cannot be written at the moment and are kept");
    }

    /** Notes a use now. What a use is, {@code usage.Uses} decides. */
    public void note(String clientId, Origin from) {
        Instant now = Instant.ofEpochMilli(clock.millis());
        Access known = notes.get(clientId);
        if (known == null || isLater(now, known.at()) || !known.from().equals(from)) {
            notes.put(clientId, new Access(now, from));
        }
    }

    /** Notes that this secret of the token was used now. */
    void noteSecret(String clientId, long number) {
        Instant now = Instant.ofEpochMilli(clock.millis());
        SecretKey secret = new SecretKey(clientId, number);
        Instant known = secretNotes.get(secret);
        if (known == null || isLater(now, known)) {
            secretNotes.put(secret, now);
        }
    }

    /** Whether a use is worth another note. A busy program's every request would make others wait. */
    private static boolean isLater(Instant now, Instant known) {
        long since = now.toEpochMilli() - known.toEpochMilli();
        return since < 0 || since >= GRAIN_MILLIS;
    }

    /** The uses of the token's secrets that are not written yet, by the numbers of the secrets. */
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
     * Gives tokens their newest use, written or not. Call it before reading the tokens: uses that are written in between are then
     * in their rows, and all others are still here.
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

    /** The tokens that were used since then and whose use is not written yet. */
    Set<String> notedSince(Instant since) {
        Set<String> used = new HashSet<>();
        notes.forEach((clientId, access) -> {
            if (!access.at().isBefore(since)) {
                used.add(clientId);
            }
        });
        return used;
    }

    /** Writes the notes. Those that arrive during the write stay for the next one. */
    public synchronized void flush() {
        // In the order of the table, so that rows of one page are written together.
        write(new TreeMap<>(notes), notes, store::stamp);
        write(new TreeMap<>(secretNotes), secretNotes, secrets::stamp);
    }

    private <K, V> void write(
            Map<K, V> unwritten, Map<K, V> notes, BiConsumer<Transaction, List<Map.Entry<K, V>>> stamp) {
        unwritten.entrySet().stream().gather(Gatherers.windowFixed(MOST_ROWS)).forEach(rows -> {
            database.change(transaction -> stamp.accept(transaction, rows));
            rows.forEach(row -> notes.remove(row.getKey(), row.getValue()));
        });
    }

    /** {@link #flush} where possible: lists must be readable while the database takes no changes. */
    void flushIfPossible() {
        try {
            flush();
        } catch (Problem e) {
            log.debug("Last accesses cannot be written at the moment", e);
        }
    }

    /** Writes the remaining notes. */
    @Override
    public void close() {
        flush();
    }
}
