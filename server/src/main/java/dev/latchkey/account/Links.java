package dev.latchkey.account;

import dev.latchkey.crypto.KeyedHash;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.crypto.RandomKey;
import dev.latchkey.database.Transaction;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** One-time links with which people choose a password. Only keyed hashes of their secrets are stored. */
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

    /** The secret of a new link; the person's earlier links stop working. */
    String make(Transaction transaction, User user) {
        String secret = RandomKey.generate(random, RandomKey.UNGUESSABLE);
        Instant now = clock.instant();
        store.deleteInvitations(transaction, user.id());
        store.insertInvitation(transaction, hashes.of(secret), user.id(), now, now.plus(LIFETIME));
        return secret;
    }

    /** The person whom the link is for, while it is valid. */
    Optional<User> find(Handle handle, String secret) {
        return store.invited(handle, hashes.of(secret), clock.instant())
                .flatMap(userId -> store.byId(handle, userId))
                .map(UserStore.Credentials::user)
                .filter(User::isEnabled);
    }
}
