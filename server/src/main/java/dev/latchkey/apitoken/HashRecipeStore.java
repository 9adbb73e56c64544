package dev.latchkey.apitoken;

import dev.latchkey.database.Transaction;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** The statements of how the keys of imports were hashed. */
final class HashRecipeStore {
    /**
     * A recipe as it is stored.
     *
     * @param id a keyed hash of it
     */
    record Row(String id, String sealed) {}

    /** The oldest first. */
    List<Row> all(Handle handle) {
        return handle.createQuery("select recipe_id, sealed from hash_recipe order by created_at, recipe_id")
                .map((row, context) -> new Row(row.getString(1), row.getString(2)))
                .list();
    }

    void insert(Transaction transaction, Row recipe, Instant at) {
        transaction
                .update("insert into hash_recipe (recipe_id, sealed, created_at) values (:id, :sealed, :at)")
                .bind("id", recipe.id())
                .bind("sealed", recipe.sealed())
                .bind("at", at.toEpochMilli())
                .execute();
    }

    void seal(Transaction transaction, Row recipe) {
        transaction
                .update("update hash_recipe set sealed = :sealed where recipe_id = :id")
                .bind("sealed", recipe.sealed())
                .bind("id", recipe.id())
                .execute();
    }
}
