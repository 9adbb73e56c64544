package dev.latchkey.apitoken;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.stats.ConcurrentStatsCounter;
import com.github.benmanes.caffeine.cache.stats.StatsCounter;
import dev.latchkey.crypto.KeyedHash;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.database.Database;
import dev.latchkey.event.EventLog;
import dev.latchkey.figure.CacheFigures;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the API token of a key that was issued elsewhere, by a keyed hash of its SHA-256: without the master key, a copy of the
 * database cannot even be used to test guesses.
 *
 * <p>This only says where to look. Whether the key is valid is decided by the credential of that token, which the log keeps
 * current; a key never moves to another token, so what is remembered here stays true until the history changes.
 */
final class ImportedKeys {
    private static final int CACHED = 100_000;

    /** Longer than any key that a header field can hold without trouble. Anything longer is not even hashed. */
    private static final int LONGEST = 500;

    private final Database database;
    private final HashRecipes recipes;
    private final KeyedHash hashes;

    private final StatsCounter counter = new ConcurrentStatsCounter();

    /** The client ids by the hashes of keys. Replaced when the history changes: a look-up that began before ends up in the old one. */
    private volatile Cache<String, String> clientIds = newCache();

    ImportedKeys(Database database, EventLog log, MasterKey masterKey) {
        this.database = database;
        this.recipes = new HashRecipes(log, masterKey);
        this.hashes = new KeyedHash(masterKey, "foreign api key");
        log.follow(
                event -> {
                    if (event.isUnknown()) {
                        forget();
                    }
                },
                this::forget);
    }

    private void forget() {
        clientIds = newCache();
    }

    CacheFigures figures() {
        return CacheFigures.of(clientIds, counter);
    }

    private Cache<String, String> newCache() {
        return Caffeine.newBuilder()
                .maximumSize(CACHED)
                .executor(Runnable::run)
                .recordStats(() -> counter)
                .build();
    }

    /** An API token that a key may belong to, and the stored form of the key. */
    record Found(String clientId, String hash) {}

    /** How the keys were hashed. */
    HashRecipes recipes() {
        return recipes;
    }

    /** Whether there are any, so that a text of any form may be one. */
    boolean any() {
        return !recipes.known().isEmpty();
    }

    /** The stored form of a key. */
    String hash(String sha256) {
        return hashes.of(sha256);
    }

    /** The stored forms that the text can have; empty when it cannot be a key. */
    List<String> hashesOf(String text) {
        return canBeKey(text)
                ? recipes.known().stream()
                        .map(recipe -> hash(recipe.sha256(text)))
                        .toList()
                : List.of();
    }

    private static boolean canBeKey(String text) {
        return !text.isBlank() && text.length() <= LONGEST;
    }

    /** The API token that the text may be a key of; null when there is none. */
    @Nullable Found find(String text) {
        if (!canBeKey(text)) {
            return null;
        }
        for (HashRecipe recipe : recipes.known()) {
            String hash = hash(recipe.sha256(text));
            String clientId = clientIds.get(hash, this::lookUp);
            if (clientId != null) {
                return new Found(clientId, hash);
            }
        }
        return null;
    }

    private @Nullable String lookUp(String hash) {
        return database.lookUp(CredentialStore.HOLDER, hash).orElse(null);
    }
}
