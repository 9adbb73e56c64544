package dev.latchkey.apitoken;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.stats.ConcurrentStatsCounter;
import com.github.benmanes.caffeine.cache.stats.StatsCounter;
import dev.latchkey.apitoken.CredentialStore.Credential;
import dev.latchkey.crypto.KeyedHash;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventType;
import dev.latchkey.figure.CacheFigures;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the API token of a key that was issued elsewhere, by a keyed hash of its SHA-256: without the master key, a copy of the
 * database cannot even be used to test guesses.
 *
 * <p>What is remembered here only says where to look. Whether the key is valid is decided by the credential of that token, which
 * the log keeps current; a key never moves to another token, so that stays true until the history changes, or until an import
 * brings the same key in a form that comes first.
 */
final class ImportedKeys {
    private static final int CACHED = 100_000;

    /** Longer than any key that a header field can hold without trouble. Anything longer is not even hashed. */
    private static final int LONGEST = 500;

    private final CredentialCache credentials;
    private final HashRecipes recipes;
    private final KeyedHash hashes;

    private final StatsCounter counter = new ConcurrentStatsCounter();

    /** The client ids by the hashes of keys. Replaced when the history changes: a look-up that began before ends up in the old one. */
    private volatile Cache<String, String> clientIds = newCache();

    ImportedKeys(CredentialCache credentials, EventLog log, MasterKey masterKey) {
        this.credentials = credentials;
        this.recipes = new HashRecipes(log, masterKey);
        this.hashes = new KeyedHash(masterKey, "foreign api key");
        log.follow(
                event -> {
                    boolean mayComeFirst = event.type() == EventType.API_TOKEN_IMPORT
                            && recipes.known().size() > 1;
                    if (event.isUnknown() || mayComeFirst) {
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

    /** What a key belongs to, which may have ended, and the stored form of the key. */
    record Found(Credential credential, String hash) {}

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

    /**
     * What the text is a key of; null when there is nothing. A key that is not in memory costs one look-up, and so does any other
     * text.
     */
    @Nullable Found find(String text) {
        if (!canBeKey(text) || !any()) {
            return null;
        }
        Cache<String, String> remembered = clientIds;
        List<String> hashes = new ArrayList<>();
        for (HashRecipe recipe : recipes.known()) {
            String hash = hash(recipe.sha256(text));
            hashes.add(hash);
            String clientId = remembered.getIfPresent(hash);
            Credential credential = clientId == null ? null : credentials.find(clientId);
            if (credential != null) {
                return new Found(credential, hash);
            }
        }
        Credential credential = credentials.findHolder(hashes);
        String hash = credential == null
                ? null
                : hashes.stream().filter(credential::has).findFirst().orElse(null);
        if (credential == null || hash == null) {
            return null;
        }
        remembered.put(hash, credential.apiToken().clientId());
        return new Found(credential, hash);
    }
}
