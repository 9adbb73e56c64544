package dev.latchkey.registry;

import dev.latchkey.database.Transaction;
import dev.latchkey.event.Actor;

/** Something that stands for a registered API and must not outlive it. The features that know such things implement it. */
@FunctionalInterface
public interface ApiUse {
    /**
     * The API is gone, or an API of this name begins anew: what stood for an earlier one stands for nothing now.
     *
     * @param actor who made it so
     */
    void ended(Transaction transaction, String api, Actor actor);
}
