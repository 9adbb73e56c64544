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
 * The rules over the keys that access tokens are signed with. The private halves are kept encrypted under the master key, and
 * erased when they are not needed any more.
 *
 * <p>All changes are decided inside the one write transaction ({@link KeyPlan}), so of several nodes only one makes the next
 * key.
 */
public final class SigningKeys {
    /**
     * How long a key is published before it signs when somebody asks for it and says nothing else. Whoever checks access
     * tokens may remember the published keys for five minutes, but some remember them for longer than they may.
     */
    public static final Duration ANNOUNCED = Duration.ofHours(1);

    /** The least: twice as long as anybody may remember the published keys, and far longer than another node needs. */
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
     * Loads the keys; makes the first one when there is none.
     *
     * @throws UnusableKeyException when the master key does not open them
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
            Instant now = now();
            ledger.carryOut(transaction, SYSTEM, KeyPlan.first(algorithm, now), FreshKey.of(algorithm), now);
        }
    }

    /** Seals the private halves under another master key. */
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

    /** The keys in memory, for whoever signs and checks. */
    public CurrentKeys current() {
        return current;
    }

    /** A key with where it is in its life now. */
    public record Listed(SigningKey key, State state) {}

    /** All keys, the newest first; one that ended is listed for 90 days. */
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
        return new Listed(key, key.state(keys, now()));
    }

    public SigningPolicy policy(Caller caller) {
        caller.require(ACCOUNT_MANAGE);
        return current.ring().policy();
    }

    /**
     * Changes how keys follow each other. Another algorithm means another key: it is published at once, and signs when it
     * has been announced long enough.
     *
     * @param algorithm null to leave it as it is
     * @param rotationDays null to leave it as it is; 0 for changes by hand only
     * @throws Problem 412 when the policy was changed meanwhile
     */
    public SigningPolicy change(
            Caller caller,
            @Nullable SigningAlgorithm algorithm,
            @Nullable Integer rotationDays,
            ETag.@Nullable Expected expectedVersion) {
        caller.require(ACCOUNT_MANAGE);
        if (rotationDays != null && (rotationDays < 0 || rotationDays > SigningPolicy.MAX_ROTATION_DAYS)) {
            throw Problem.invalid("rotationDays", "Give 1 to 365 days, or 0 to change keys by hand only.");
        }
        // Before the transaction: an RSA key takes a while, and others want to write.
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
     * Publishes the next key at once; it signs when it has been announced long enough. When a next key is published
     * already, its turn is brought forward instead.
     *
     * @param algorithm of this key and of those after it; null for the one of the policy
     */
    public Listed rotate(Caller caller, @Nullable SigningAlgorithm algorithm) {
        return rotate(caller, algorithm, ANNOUNCED);
    }

    /**
     * The same with a time of one's own.
     *
     * @param announced how long the key is published before it signs
     * @throws Problem 422 when that is too short for caches, or longer than a week
     */
    public Listed rotate(Caller caller, @Nullable SigningAlgorithm algorithm, Duration announced) {
        caller.require(ACCOUNT_MANAGE);
        if (announced.compareTo(LEAST_ANNOUNCED) < 0 || announced.compareTo(LONGEST_ANNOUNCED) > 0) {
            throw Problem.invalid(
                    "leadMinutes",
                    "Give " + LEAST_ANNOUNCED.toMinutes() + " to " + LONGEST_ANNOUNCED.toMinutes() + " minutes.");
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
     * Ends a key in an emergency: when this returns, nothing that it signed counts any more, and its private half is
     * erased. If it was the one that signs, a fresh key signs at once. What has ended already stays as it is.
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

    /** Withdraws a key again when the database has lost that it was withdrawn. */
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
        Instant now = now();
        KeyPlan plan = KeyPlan.withdraw(keys, find(keyId, keys).key(), fresh.algorithm(), why, now);
        ledger.carryOut(transaction, actor, plan, fresh, now);
    }

    private void announce(Transaction transaction, Actor actor, FreshKey fresh, Duration lead) {
        Instant now = now();
        KeyPlan plan = KeyPlan.announce(ledger.keys(transaction), fresh.algorithm(), lead, now);
        ledger.carryOut(transaction, actor, plan, fresh, now);
    }

    /**
     * What time alone brings: the next key when one is due, and the end of private halves that sign no more. Called every
     * minute on every node; the first one does it.
     */
    public void keepUp() {
        KeyRing known = current.ring();
        Instant now = now();
        SigningAlgorithm next = known.policy().algorithm();
        KeyPlan due = KeyPlan.keepUp(known.keys(), known.policy(), next, now);
        if (due.isEmpty()) {
            return;
        }
        @Nullable FreshKey fresh = due.createsKey() ? FreshKey.of(next) : null;
        database.change(transaction -> {
            // Again: another node may have done it meanwhile.
            KeyPlan plan = KeyPlan.keepUp(
                    ledger.keys(transaction),
                    ledger.policy(transaction),
                    fresh == null ? null : fresh.algorithm(),
                    now);
            ledger.carryOut(transaction, SYSTEM, plan, fresh, now);
        });
    }

    private Instant now() {
        return clock.instant();
    }
}
