package dev.latchkey.account;

import dev.latchkey.crypto.KeyedHash;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.crypto.RandomKey;
import dev.latchkey.database.Transaction;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** One-time links with which people choose a password; of their secrets only keyed hashes are kept. */
final class Links {
    private static final Duration LIFETIME = Duration.ofDays(7);

    private final KeyedHash hashes;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    private final UserStore store = new UserStore();

    Links(MasterKey masterKey, Clock clock) {
        this.hashes = new KeyedHash(masterKey, "invitation");
        this.clock = clock;
    }

    /** The secret of a new link; the person's earlier ones stop counting. */
    String make(Transaction transaction, User user) {
        String secret = RandomKey.generate(random, RandomKey.UNGUESSABLE);
        Instant now = clock.instant();
        store.deleteInvitations(transaction, user.id());
        store.insertInvitation(transaction, hash(secret), user.id(), now, now.plus(LIFETIME));
        return secret;
    }

    String hash(String secret) {
        return hashes.of(secret);
    }
}
