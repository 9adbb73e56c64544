package dev.latchkey.signing;

import static dev.latchkey.access.ManagementApi.ACCOUNT_MANAGE;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.SignedJWT;
import dev.latchkey.access.Caller;
import dev.latchkey.crypto.KeyCheck;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.crypto.UnusableKeyException;
import dev.latchkey.crypto.Vault;
import dev.latchkey.database.Database;
import dev.latchkey.database.Transaction;
import dev.latchkey.event.Actor;
import dev.latchkey.event.Change;
import dev.latchkey.event.Event;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventType;
import dev.latchkey.event.LostChanges;
import dev.latchkey.event.Target;
import dev.latchkey.event.TargetKind;
import dev.latchkey.lane.Lane;
import dev.latchkey.management.ETag;
import dev.latchkey.management.Line;
import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Text;
import dev.latchkey.signing.SigningKey.State;
import dev.latchkey.signing.SigningKey.Withdrawal;
import dev.latchkey.signing.SigningKeyStore.Row;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The keys that access tokens are signed with: signs, checks, and rules over the keys' life. The private halves are kept
 * encrypted under the master key, and erased when they are not needed any more.
 *
 * <p>The keys in memory follow the log, so a withdrawn key counts for nothing from the moment its withdrawal is answered.
 * All changes are decided inside the one write transaction, so of several nodes only one makes the next key.
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

    /** How long a key that ended stays in the list; the log remembers it for ever. */
    private static final Duration LISTED = Duration.ofDays(90);

    private static final Actor SYSTEM = new Actor.System("signing keys", null);
    private static final int MAX_REASON = 200;
    private static final int SIGNATURES_WAITING = 256;
    private static final Duration SIGNATURE_PATIENCE = Duration.ofSeconds(2);
    private static final SigningKeyStore STORE = new SigningKeyStore();

    private final Database database;
    private final EventLog log;
    private final MasterKey masterKey;
    private final Vault vault;
    private final Clock clock;
    private volatile KeyRing ring;

    /** RSA computes for a millisecond or two, and a carrier that does so lets no other request begin. */
    private final Lane slowSignatures = new Lane(
            "signatures",
            Lane.Pace.USUAL,
            new Lane.Bounds(Runtime.getRuntime().availableProcessors(), SIGNATURES_WAITING, SIGNATURE_PATIENCE),
            Problem::busy);

    /**
     * Loads the keys; makes the first one when there is none.
     *
     * @throws UnusableKeyException when the master key does not open them
     */
    public SigningKeys(Database database, EventLog log, MasterKey masterKey, Clock clock) {
        this.database = database;
        this.log = log;
        this.masterKey = masterKey;
        this.vault = vault(masterKey);
        this.clock = clock;
        if (database.read(STORE::all).isEmpty()) {
            database.change(transaction -> {
                if (STORE.all(transaction.handle()).isEmpty()) {
                    SigningAlgorithm algorithm =
                            STORE.policy(transaction.handle()).algorithm();
                    create(transaction, SYSTEM, algorithm.generate(), algorithm, now(), null);
                }
            });
        }
        this.ring = loaded();
        log.follow(
                event -> {
                    if (event.target().kind() == TargetKind.SIGNING_KEY
                            || event.target().kind() == TargetKind.SIGNING_POLICY) {
                        load();
                    }
                },
                this::load);
        // Again: a change between the two would be missed otherwise.
        load();
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

    private synchronized void load() {
        ring = loaded();
    }

    private KeyRing loaded() {
        return log.read(handle -> new KeyRing(STORE.all(handle), STORE.policy(handle), vault));
    }

    /** Signs with the key that signs now: a JWT in its compact form (RFC 7519). */
    public String sign(JOSEObjectType type, Map<String, Object> claims) {
        KeyRing.Signing key = ring.signing(clock.instant());
        return key.isSlow() ? slowSignatures.run(() -> key.sign(type, claims)) : key.sign(type, claims);
    }

    /**
     * Whether one of our keys that still counts signed it, with that key's own algorithm. What the JWT says is another
     * matter.
     */
    public boolean signed(SignedJWT jwt) {
        try {
            return ring.signed(clock.instant(), jwt);
        } catch (JOSEException e) {
            return false;
        }
    }

    /** Whether what this key signed still counts. */
    public boolean counts(Instant now, String keyId) {
        return ring.counts(now, keyId);
    }

    /** The public halves, for whoever checks access tokens (RFC 7517 section 5). */
    public JWKSet published() {
        return ring.published(clock.instant());
    }

    /** A key with where it is in its life now. */
    public record Listed(SigningKey key, State state) {}

    /** All keys, the newest first; one that ended is listed for 90 days. */
    public List<Listed> list(Caller caller) {
        caller.require(ACCOUNT_MANAGE);
        List<SigningKey> keys = ring.keys();
        return keys.reversed().stream().map(key -> listed(key, keys)).toList();
    }

    /**
     * The key of this id.
     *
     * @throws Problem 404 when there is none
     */
    public Listed find(Caller caller, String keyId) {
        caller.require(ACCOUNT_MANAGE);
        return find(keyId, ring.keys());
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
        return ring.policy();
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
        @Nullable JWK spare = algorithm == null ? null : algorithm.generate();
        return database.write(transaction -> {
            SigningPolicy old = STORE.policy(transaction.handle());
            ETag.require(expectedVersion, old.version(), "The signing policy");
            Actor actor = caller.actingWith(ACCOUNT_MANAGE);
            savePolicy(transaction, actor, algorithm, rotationDays);
            if (algorithm != null && spare != null && algorithm != old.algorithm()) {
                announce(transaction, actor, spare, algorithm, ANNOUNCED);
            }
            return STORE.policy(transaction.handle());
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
        SigningAlgorithm wanted = algorithm == null ? ring.policy().algorithm() : algorithm;
        JWK spare = wanted.generate();
        return database.write(transaction -> {
            Actor actor = caller.actingWith(ACCOUNT_MANAGE);
            savePolicy(transaction, actor, algorithm, null);
            String keyId = announce(transaction, actor, spare, wanted, announced);
            return find(keyId, keys(transaction));
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
        find(keyId, ring.keys());
        SigningAlgorithm algorithm = ring.policy().algorithm();
        JWK spare = algorithm.generate();
        return database.end(transaction -> {
            end(transaction, caller.actingWith(ACCOUNT_MANAGE), keyId, spare, algorithm, facts(why));
            return find(keyId, keys(transaction));
        });
    }

    /** Withdraws a key again when the database has lost that it was withdrawn. */
    public boolean withdrawAgain(Transaction transaction, Event lost) {
        String keyId = lost.target().id();
        if (keys(transaction).stream().anyMatch(key -> key.id().equals(keyId))) {
            SigningAlgorithm algorithm = STORE.policy(transaction.handle()).algorithm();
            end(
                    transaction,
                    LostChanges.ACTOR,
                    keyId,
                    algorithm.generate(),
                    algorithm,
                    List.of(LostChanges.naming(lost)));
        }
        return true;
    }

    private void end(
            Transaction transaction,
            Actor actor,
            String keyId,
            JWK spare,
            SigningAlgorithm algorithm,
            List<Change> why) {
        List<SigningKey> keys = keys(transaction);
        Listed old = find(keyId, keys);
        switch (old.state()) {
            case SIGNING -> {
                withdraw(transaction, actor, old, why);
                create(transaction, actor, spare, algorithm, now(), old.key().signsUntil());
            }
            case NEXT -> withdrawNext(transaction, actor, old, keys, why);
            case VERIFYING -> withdraw(transaction, actor, old, why);
            case WITHDRAWN, ENDED -> {
                // Nothing that it signed counts.
            }
        }
    }

    private static List<Change> facts(@Nullable String reason) {
        return reason == null ? List.of() : List.of(Change.set("reason", reason));
    }

    /**
     * What time alone brings: the next key when one is due, and the end of private halves that sign no more. Called every
     * minute on every node; the first one does it.
     */
    public void keepUp() {
        KeyRing known = ring;
        SigningAlgorithm algorithm = known.policy().algorithm();
        Instant now = now();
        boolean due = known.policy().nextSignsFrom(known.keys(), now).isPresent();
        if (!due
                && known.keys().stream()
                        .noneMatch(key -> (key.canSign() && key.isDone(now)) || isForgotten(key, now))) {
            return;
        }
        @Nullable JWK spare = due ? algorithm.generate() : null;
        database.change(transaction -> {
            List<SigningKey> keys = keys(transaction);
            if (spare != null) {
                STORE.policy(transaction.handle())
                        .nextSignsFrom(keys, now)
                        .ifPresent(signsFrom -> follow(transaction, SYSTEM, spare, algorithm, keys, signsFrom));
            }
            for (SigningKey key : keys) {
                if (isForgotten(key, now)) {
                    STORE.delete(transaction, key.id());
                    log.append(transaction, SYSTEM, EventType.SIGNING_KEY_FORGET, target(key.id()), List.of());
                } else if (key.canSign() && key.isDone(now)) {
                    STORE.seal(transaction, key.id(), null);
                    log.append(
                            transaction,
                            SYSTEM,
                            EventType.SIGNING_KEY_RETIRE,
                            target(key.id()),
                            List.of(
                                    Change.from("privateKey", "kept", "erased"),
                                    Change.set("verifiesUntil", String.valueOf(key.verifiesUntil()))));
                }
            }
        });
    }

    private static boolean isForgotten(SigningKey key, Instant now) {
        Instant end = key.end();
        return end != null && end.plus(LISTED).isBefore(now);
    }

    private List<SigningKey> keys(Transaction transaction) {
        return STORE.all(transaction.handle()).stream().map(Row::key).toList();
    }

    private void savePolicy(
            Transaction transaction,
            Actor actor,
            @Nullable SigningAlgorithm algorithm,
            @Nullable Integer rotationDays) {
        SigningPolicy old = STORE.policy(transaction.handle());
        SigningAlgorithm newAlgorithm = algorithm == null ? old.algorithm() : algorithm;
        int newDays = rotationDays == null ? old.rotationDays() : rotationDays;
        List<Change> changes = new ArrayList<>();
        if (newAlgorithm != old.algorithm()) {
            changes.add(Change.from("algorithm", old.algorithm().text(), newAlgorithm.text()));
        }
        if (newDays != old.rotationDays()) {
            changes.add(Change.from("rotationDays", Integer.toString(old.rotationDays()), Integer.toString(newDays)));
        }
        if (!changes.isEmpty()) {
            STORE.savePolicy(transaction, newAlgorithm, newDays);
            log.append(
                    transaction,
                    actor,
                    EventType.SIGNING_POLICY_UPDATE,
                    new Target(TargetKind.SIGNING_POLICY, "signing_policy", "signing policy"),
                    changes);
        }
    }

    /** Sees to it that a key of this algorithm is published and signs soon; the id of that key. */
    private String announce(
            Transaction transaction, Actor actor, JWK spare, SigningAlgorithm algorithm, Duration lead) {
        List<SigningKey> keys = keys(transaction);
        Instant now = now();
        SigningKey last = SigningPolicy.last(keys);
        boolean announced = last.signsFrom().isAfter(now);
        if (announced && last.algorithm() == algorithm) {
            Instant soonest = last.createdAt().plus(lead);
            bringForward(transaction, actor, last, keys, soonest.isBefore(now) ? now : soonest);
            return last.id();
        }
        if (announced) {
            withdrawNext(transaction, actor, listed(last, keys), keys, facts("Replaced before it signed"));
        }
        return follow(transaction, actor, spare, algorithm, keys(transaction), now.plus(lead));
    }

    private void bringForward(
            Transaction transaction, Actor actor, SigningKey next, List<SigningKey> keys, Instant signsFrom) {
        if (!signsFrom.isBefore(next.signsFrom())) {
            return;
        }
        replan(transaction, before(next, keys), signsFrom);
        STORE.plan(transaction, next.id(), signsFrom, next.signsUntil());
        log.append(
                transaction,
                actor,
                EventType.SIGNING_KEY_ADVANCE,
                target(next.id()),
                List.of(Change.from("signsFrom", next.signsFrom().toString(), signsFrom.toString())));
    }

    /** Adds a key behind the last one. */
    private String follow(
            Transaction transaction,
            Actor actor,
            JWK spare,
            SigningAlgorithm algorithm,
            List<SigningKey> keys,
            Instant signsFrom) {
        SigningKey last = SigningPolicy.last(keys);
        STORE.plan(transaction, last.id(), last.signsFrom(), signsFrom);
        return create(transaction, actor, spare, algorithm, signsFrom, null);
    }

    private String create(
            Transaction transaction,
            Actor actor,
            JWK jwk,
            SigningAlgorithm algorithm,
            Instant signsFrom,
            @Nullable Instant signsUntil) {
        KeyCheck.requireStill(transaction, masterKey);
        String id = jwk.getKeyID();
        STORE.insert(
                transaction,
                new Row(
                        new SigningKey(id, algorithm, now(), signsFrom, signsUntil, null, true),
                        jwk.toPublicJWK().toJSONString(),
                        vault.seal(jwk.toJSONString(), id)));
        log.append(
                transaction,
                actor,
                EventType.SIGNING_KEY_CREATE,
                target(id),
                List.of(Change.set("algorithm", algorithm.text()), Change.set("signsFrom", signsFrom.toString())));
        return id;
    }

    /** The key before it goes on signing. */
    private void withdrawNext(
            Transaction transaction, Actor actor, Listed next, List<SigningKey> keys, List<Change> why) {
        replan(transaction, before(next.key(), keys), null);
        withdraw(transaction, actor, next, why);
    }

    private void withdraw(Transaction transaction, Actor actor, Listed old, List<Change> why) {
        String reason = why.isEmpty() ? null : why.getFirst().after();
        STORE.withdraw(transaction, old.key().id(), new Withdrawal(now(), actor.name(), reason));
        List<Change> changes =
                new ArrayList<>(List.of(Change.from("state", old.state().text(), State.WITHDRAWN.text())));
        changes.addAll(why);
        log.append(
                transaction,
                actor,
                EventType.SIGNING_KEY_WITHDRAW,
                target(old.key().id()),
                changes);
    }

    private static @Nullable SigningKey before(SigningKey next, List<SigningKey> keys) {
        return keys.stream()
                .filter(key -> key.withdrawal() == null && next.signsFrom().equals(key.signsUntil()))
                .findFirst()
                .orElse(null);
    }

    private static void replan(Transaction transaction, @Nullable SigningKey key, @Nullable Instant signsUntil) {
        if (key != null) {
            STORE.plan(transaction, key.id(), key.signsFrom(), signsUntil);
        }
    }

    private static Target target(String keyId) {
        return Target.named(TargetKind.SIGNING_KEY, keyId);
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
