package dev.latchkey.apitoken;

import dev.latchkey.crypto.KeyedHash;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.crypto.Vault;
import dev.latchkey.database.Transaction;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventType;
import dev.latchkey.problem.Json;
import dev.latchkey.problem.Problem;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * How the keys of all imports were hashed, in memory: there are none until keys are imported, so until then no text is looked up as
 * one. They follow the log, so keys work on every node from the moment that their import is answered.
 */
public final class HashRecipes {
    /** Each costs a hash, and a descent of an index for a key that is not in memory. */
    static final int MOST = 8;

    private static final HashRecipeStore STORE = new HashRecipeStore();

    private final EventLog log;
    private final Vault vault;
    private final KeyedHash ids;
    private volatile List<HashRecipe> known = List.of();

    HashRecipes(EventLog log, MasterKey masterKey) {
        this.log = log;
        this.vault = vault(masterKey);
        this.ids = new KeyedHash(masterKey, "hash recipe");
        // Follow first and read then, so that an import in between is seen twice rather than never.
        log.follow(
                event -> {
                    if (event.type() == EventType.API_TOKEN_IMPORT || event.isUnknown()) {
                        load();
                    }
                },
                this::load);
        load();
    }

    private static Vault vault(MasterKey masterKey) {
        return new Vault(masterKey, "hash recipes");
    }

    private synchronized void load() {
        known = log.read(handle -> STORE.all(handle).stream()
                .map(row -> Json.readText(vault.open(row.sealed(), row.id()), HashRecipe.class))
                .toList());
    }

    /** The recipes, the oldest first; empty while no keys were imported. */
    List<HashRecipe> known() {
        return known;
    }

    /** Adds a recipe that {@link #isNew is new}. */
    void add(Transaction transaction, HashRecipe recipe, Instant now) {
        String id = id(recipe);
        STORE.insert(transaction, new HashRecipeStore.Row(id, vault.seal(Json.writeText(recipe), id)), now);
    }

    private String id(HashRecipe recipe) {
        return ids.of(recipe.prefix() + '\0' + recipe.suffix());
    }

    /**
     * Whether no import has used the recipe before.
     *
     * @throws Problem 409 when it is new and there are too many
     */
    boolean isNew(Handle handle, HashRecipe recipe) {
        String id = id(recipe);
        List<HashRecipeStore.Row> stored = STORE.all(handle);
        if (stored.stream().anyMatch(row -> row.id().equals(id))) {
            return false;
        }
        if (stored.size() >= MOST) {
            throw Problem.conflict(
                    "too_many_hash_recipes",
                    "Keys were imported with " + MOST
                            + " different pairs of prefix and suffix, which is the most that an account can have.");
        }
        return true;
    }

    /** Encrypts the recipes again under another master key. */
    public static void reseal(Transaction transaction, MasterKey from, MasterKey to) {
        Vault old = vault(from);
        Vault fresh = vault(to);
        for (HashRecipeStore.Row row : STORE.all(transaction.handle())) {
            STORE.seal(
                    transaction,
                    new HashRecipeStore.Row(row.id(), fresh.seal(old.open(row.sealed(), row.id()), row.id())));
        }
    }
}
