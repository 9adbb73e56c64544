package dev.latchkey.event;

import dev.latchkey.crypto.KeyedHash;
import dev.latchkey.crypto.MasterKey;

/** The keyed hashes that chain the events: each covers its event, which includes the hash of the event before. */
final class Chain {
    private final KeyedHash hash;

    Chain(MasterKey masterKey) {
        this.hash = new KeyedHash(masterKey, "event chain");
    }

    /** The row with its hash. */
    EventRow hashed(EventRow draft) {
        return draft.withHash(hash.of(draft.hashedText()));
    }

    /** Whether the row is unaltered since it was hashed. */
    boolean isWhole(EventRow row) {
        return hash.matches(row.hashedText(), row.hash());
    }
}
