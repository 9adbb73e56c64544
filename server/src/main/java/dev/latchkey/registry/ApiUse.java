package dev.latchkey.registry;

import dev.latchkey.database.Transaction;
import dev.latchkey.event.Actor;

/** Something that acts for a registered API and must not outlive it. The features that own it implement this. */
@FunctionalInterface
public interface ApiUse {
    /**
     * The API was deleted, or another was registered under its name: what acted for the earlier one no longer does.
     *
     * @param actor who deleted or registered it
     */
    void ended(Transaction transaction, String api, Actor actor);
}
