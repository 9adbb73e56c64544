package dev.latchkey.signing;

import static dev.latchkey.access.ManagementApi.ACCOUNT_MANAGE;

import dev.latchkey.access.Caller;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.crypto.UnusableKeyException;
import dev.latchkey.crypto.Vault;
import dev.latchkey.database.Database;
import dev.latchkey.database.Transaction;
import dev.latchkey.event.Actor;
import dev.latchkey.event.Change;
import dev.latchkey.event.Event;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.LostChanges;
import dev.latchkey.management.ETag;
import dev.latchkey.management.Line;
import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Text;
import dev.latchkey.signing.SigningKey.State;
import dev.latchkey.signing.SigningKeyStore.Row;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rules of the keys that sign access tokens. The private keys are stored encrypted under the master key, and erased when they
 * are no longer needed.
 *
 * <p>All changes are decided inside the write transaction ({@link KeyPlan}), so only one of several nodes creates the next key.
 */
public final class SigningKeys {
    /**
     * How long a requested key is published before it signs, by default. APIs may cache the published keys for five minutes, but
     * some cache them for longer than they may.
     */
    public static final Duration ANNOUNCED = Duration.ofHours(1);

    /** The shortest such time: twice as long as the published keys may be cached, and far longer than another node needs. */
    public static final Duration LEAST_ANNOUNCED = JwksEndpoint.MAX_AGE.multipliedBy(2);

    static final Duration LONGEST_ANNOUNCED = Duration.ofDays(7);

    private static final Actor SYSTEM = new Actor.System("signing keys", null);
    private static final int MAX_REASON = 200;
    private static final SigningKeyStore STORE = new SigningKeyStore();

    private final Database database;
    private final Clock clock;
    private final KeyLedger ledger;
    private final CurrentKeys current;

    /**
     * Loads the keys, or creates the first one.
     *
     * @throws UnusableKeyException when the master key does not decrypt them
     */
    public SigningKeys(Database database, EventLog log, MasterKey masterKey, Clock clock) {
        this.database = database;
        this.clock = clock;
        Vault vault = vault(masterKey);
        this.ledger = new KeyLedger(log, masterKey, vault);
        if (database.read(STORE::all).isEmpty()) {
            database.change(this::createFirst);
        }
        this.current = new CurrentKeys(log, vault, clock);
    }

    private void createFirst(Transaction transaction) {
        if (ledger.keys(transaction).isEmpty()) {
            SigningAlgorithm algorithm = ledger.policy(transaction).algorithm();
            Instant now = clock.instant();
            ledger.carryOut(transaction, SYSTEM, KeyPlan.first(algorithm, now), FreshKey.of(algorithm), now);
        }
    }

    /** Encrypts the private keys again under another master key. */
    public static void reseal(Transaction transaction, MasterKey from, MasterKey to) {
        Vault old = vault(from);
        Vault fresh = vault(to);
        for (Row row : STORE.all(transaction.handle())) {
            String sealed = row.sealedPrivateJwk();
            if (sealed != null) {
                String id = row.key().id();
                STORE.seal(transaction, id, fresh.seal(old.open(sealed, id), id));
            }
        }
    }

    private static Vault vault(MasterKey masterKey) {
        return new Vault(masterKey, "signing keys");
    }

    /** The keys in memory, for signing and checking. */
    public CurrentKeys current() {
        return current;
    }

    /** A key with its current state. */
    public record Listed(SigningKey key, State state) {}

    /** All keys, the newest first. Ended ones are listed for 90 days. */
    public List<Listed> list(Caller caller) {
        caller.require(ACCOUNT_MANAGE);
        List<SigningKey> keys = current.ring().keys();
        return keys.reversed().stream().map(key -> listed(key, keys)).toList();
    }

    /**
     * The key of this id.
     *
     * @throws Problem 404 when there is none
     */
    public Listed find(Caller caller, String keyId) {
        caller.require(ACCOUNT_MANAGE);
        return find(keyId, current.ring().keys());
    }

    private Listed find(String keyId, List<SigningKey> keys) {
        return keys.stream()
                .filter(key -> key.id().equals(keyId))
                .findFirst()
                .map(key -> listed(key, keys))
                .orElseThrow(() -> Problem.notFound("There is no signing key " + Text.quote(keyId) + "."));
    }

    private Listed listed(SigningKey key, List<SigningKey> keys) {
        return new Listed(key, key.state(keys, clock.instant()));
    }

    public SigningPolicy policy(Caller caller) {
        caller.require(ACCOUNT_MANAGE);
        return current.ring().policy();
    }

    /**
     * Changes the rotation policy. A new algorithm needs a new key, which is published at once and signs when it has been
     * announced for long enough.
     *
     * @param algorithm null to leave it as it is
     * @param rotationDays null to leave it as it is; 0 for changes by hand only
     * @throws Problem 412 when the policy has changed since that version
     */
    public SigningPolicy change(
            Caller caller,
            @Nullable SigningAlgorithm algorithm,
            @Nullable Integer rotationDays,
            ETag.@Nullable Expected expectedVersion) {
        caller.require(ACCOUNT_MANAGE);
        if (rotationDays != null && (rotationDays < 0 || rotationDays > SigningPolicy.MAX_ROTATION_DAYS)) {
            throw Problem.invalid("rotationDays", "Enter 1 to 365 days, or 0 to change keys by hand only.");
        }
        // Before the transaction: an RSA key takes a while, and others wait to write.
        @Nullable FreshKey fresh = algorithm == null ? null : FreshKey.of(algorithm);
        return database.write(transaction -> {
            SigningPolicy old = ledger.policy(transaction);
            ETag.require(expectedVersion, old.version(), "The signing policy");
            Actor actor = caller.actingWith(ACCOUNT_MANAGE);
            ledger.save(
                    transaction,
                    actor,
                    algorithm == null ? old.algorithm() : algorithm,
                    rotationDays == null ? old.rotationDays() : rotationDays);
            if (fresh != null && fresh.algorithm() != old.algorithm()) {
                announce(transaction, actor, fresh, ANNOUNCED);
            }
            return ledger.policy(transaction);
        });
    }

    /**
     * Publishes the next key at once; it signs when it has been announced for long enough. If a next key is published already, its
     * turn is brought forward instead.
     *
     * @param algorithm for this key and those after it; null for that of the policy
     */
    public Listed rotate(Caller caller, @Nullable SigningAlgorithm algorithm) {
        return rotate(caller, algorithm, ANNOUNCED);
    }

    /**
     * The same with a chosen lead time.
     *
     * @param announced how long the key is published before it signs
     * @throws Problem 422 when that is too short for caches, or longer than a week
     */
    public Listed rotate(Caller caller, @Nullable SigningAlgorithm algorithm, Duration announced) {
        caller.require(ACCOUNT_MANAGE);
        if (announced.compareTo(LEAST_ANNOUNCED) < 0 || announced.compareTo(LONGEST_ANNOUNCED) > 0) {
            throw Problem.invalid(
                    "leadMinutes",
                    "Enter " + LEAST_ANNOUNCED.toMinutes() + " to " + LONGEST_ANNOUNCED.toMinutes() + " minutes.");
        }
        FreshKey fresh = FreshKey.of(algorithm == null ? current.ring().policy().algorithm() : algorithm);
        return database.write(transaction -> {
            Actor actor = caller.actingWith(ACCOUNT_MANAGE);
            SigningPolicy old = ledger.policy(transaction);
            ledger.save(transaction, actor, algorithm == null ? old.algorithm() : algorithm, old.rotationDays());
            announce(transaction, actor, fresh, announced);
            List<SigningKey> keys = ledger.keys(transaction);
            return listed(SigningPolicy.last(keys), keys);
        });
    }

    /**
     * Withdraws a key in an emergency: when this returns, everything that it signed is refused, and its private key is erased. If
     * it was the signing key, a fresh key signs at once. A key that has ended stays as it is.
     */
    public Listed withdraw(Caller caller, String keyId, @Nullable String reason) {
        caller.require(ACCOUNT_MANAGE);
        String why = reason == null || reason.isBlank() ? null : reason.strip();
        if (why != null) {
            Line.error("reason", why, MAX_REASON).ifPresent(error -> {
                throw Problem.invalid(List.of(error));
            });
        }
        find(keyId, current.ring().keys());
        FreshKey fresh = FreshKey.of(current.ring().policy().algorithm());
        List<Change> facts = why == null ? List.of() : List.of(Change.set("reason", why));
        return database.end(transaction -> {
            end(transaction, caller.actingWith(ACCOUNT_MANAGE), keyId, fresh, facts);
            return find(keyId, ledger.keys(transaction));
        });
    }

    /** Withdraws a key again when the database has lost its withdrawal. */
    public boolean withdrawAgain(Transaction transaction, Event lost) {
        String keyId = lost.target().id();
        if (ledger.keys(transaction).stream().anyMatch(key -> key.id().equals(keyId))) {
            FreshKey fresh = FreshKey.of(ledger.policy(transaction).algorithm());
            end(transaction, LostChanges.ACTOR, keyId, fresh, List.of(LostChanges.naming(lost)));
        }
        return true;
    }

    private void end(Transaction transaction, Actor actor, String keyId, FreshKey fresh, List<Change> why) {
        List<SigningKey> keys = ledger.keys(transaction);
        Instant now = clock.instant();
        KeyPlan plan = KeyPlan.withdraw(keys, find(keyId, keys).key(), fresh.algorithm(), why, now);
        ledger.carryOut(transaction, actor, plan, fresh, now);
    }

    private void announce(Transaction transaction, Actor actor, FreshKey fresh, Duration lead) {
        Instant now = clock.instant();
        KeyPlan plan = KeyPlan.announce(ledger.keys(transaction), fresh.algorithm(), lead, now);
        ledger.carryOut(transaction, actor, plan, fresh, now);
    }

    /**
     * Does what is due because time has passed: creates the next key, and erases private keys that no longer sign. Called every
     * minute on every node; the first node does the work.
     */
    public void keepUp() {
        KeyRing known = current.ring();
        Instant now = clock.instant();
        SigningAlgorithm next = known.policy().algorithm();
        KeyPlan due = KeyPlan.keepUp(known.keys(), known.policy(), next, now);
        if (due.isEmpty()) {
            return;
        }
        @Nullable FreshKey fresh = due.createsKey() ? FreshKey.of(next) : null;
        database.change(transaction -> {
            // Planned again: another node may have done it in the meantime.
            KeyPlan plan = KeyPlan.keepUp(
                    ledger.keys(transaction),
                    ledger.policy(transaction),
                    fresh == null ? null : fresh.algorithm(),
                    now);
            ledger.carryOut(transaction, SYSTEM, plan, fresh, now);
        });
    }
}
