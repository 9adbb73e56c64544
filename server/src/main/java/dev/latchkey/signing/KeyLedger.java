package dev.latchkey.signing;

import dev.latchkey.crypto.KeyCheck;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.crypto.Vault;
import dev.latchkey.database.Transaction;
import dev.latchkey.event.Actor;
import dev.latchkey.event.Change;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventType;
import dev.latchkey.event.Target;
import dev.latchkey.event.TargetKind;
import dev.latchkey.signing.KeyPlan.Step;
import dev.latchkey.signing.SigningKey.State;
import dev.latchkey.signing.SigningKey.Withdrawal;
import dev.latchkey.signing.SigningKeyStore.Row;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes the rows of signing keys and of their policy, and the event of each change. It makes no decisions. */
final class KeyLedger {
    private static final Target POLICY = new Target(TargetKind.SIGNING_POLICY, "signing_policy", "signing policy");

    private final EventLog log;
    private final MasterKey masterKey;
    private final Vault vault;
    private final SigningKeyStore store = new SigningKeyStore();

    KeyLedger(EventLog log, MasterKey masterKey, Vault vault) {
        this.log = log;
        this.masterKey = masterKey;
        this.vault = vault;
    }

    /** In {@link SigningKey#ORDER}. */
    List<SigningKey> keys(Transaction transaction) {
        return store.all(transaction.handle()).stream().map(Row::key).toList();
    }

    SigningPolicy policy(Transaction transaction) {
        return store.policy(transaction.handle());
    }

    /**
     * Carries out the plan.
     *
     * @param fresh the new key, of the planned algorithm; null when the plan creates none
     */
    void carryOut(Transaction transaction, Actor actor, KeyPlan plan, @Nullable FreshKey fresh, Instant now) {
        for (Step step : plan.steps()) {
            switch (step) {
                case Step.Create create -> {
                    if (fresh == null || fresh.algorithm() != create.algorithm()) {
                        throw new IllegalStateException("there is no fresh key for " + create.algorithm());
                    }
                    create(transaction, actor, create, fresh, now);
                }
                case Step.HandOver(SigningKey key, Instant signsUntil) ->
                    store.plan(transaction, key.id(), key.signsFrom(), signsUntil);
                case Step.Advance(SigningKey key, Instant signsFrom) -> {
                    store.plan(transaction, key.id(), signsFrom, key.signsUntil());
                    Change sooner = Change.from("signsFrom", key.signsFrom().toString(), signsFrom.toString());
                    append(transaction, actor, EventType.SIGNING_KEY_ADVANCE, key.id(), List.of(sooner));
                }
                case Step.Withdraw withdraw -> withdraw(transaction, actor, withdraw, now);
                case Step.Erase(SigningKey key) -> erase(transaction, actor, key);
                case Step.Forget(SigningKey key) -> {
                    store.delete(transaction, key.id());
                    append(transaction, actor, EventType.SIGNING_KEY_FORGET, key.id(), List.of());
                }
            }
        }
    }

    private void create(Transaction transaction, Actor actor, Step.Create step, FreshKey fresh, Instant now) {
        KeyCheck.requireStill(transaction, masterKey);
        String id = fresh.id();
        store.insert(
                transaction,
                new Row(
                        new SigningKey(id, step.algorithm(), now, step.signsFrom(), step.signsUntil(), null, true),
                        fresh.publicJwk(),
                        vault.seal(fresh.privateJwk(), id)));
        append(
                transaction,
                actor,
                EventType.SIGNING_KEY_CREATE,
                id,
                List.of(
                        Change.set("algorithm", step.algorithm().text()),
                        Change.set("signsFrom", step.signsFrom().toString())));
    }

    private void withdraw(Transaction transaction, Actor actor, Step.Withdraw step, Instant now) {
        String id = step.key().id();
        String reason = step.why().isEmpty() ? null : step.why().getFirst().after();
        store.withdraw(transaction, id, new Withdrawal(now, actor.name(), reason));
        List<Change> changes =
                new ArrayList<>(List.of(Change.from("state", step.from().text(), State.WITHDRAWN.text())));
        changes.addAll(step.why());
        append(transaction, actor, EventType.SIGNING_KEY_WITHDRAW, id, changes);
    }

    private void erase(Transaction transaction, Actor actor, SigningKey key) {
        store.seal(transaction, key.id(), null);
        append(
                transaction,
                actor,
                EventType.SIGNING_KEY_RETIRE,
                key.id(),
                List.of(
                        Change.from("privateKey", "kept", "erased"),
                        Change.set("verifiesUntil", String.valueOf(key.verifiesUntil()))));
    }

    /** Writes the policy if it differs from the current one. */
    void save(Transaction transaction, Actor actor, SigningAlgorithm algorithm, int rotationDays) {
        SigningPolicy old = policy(transaction);
        List<Change> changes = new ArrayList<>();
        if (algorithm != old.algorithm()) {
            changes.add(Change.from("algorithm", old.algorithm().text(), algorithm.text()));
        }
        if (rotationDays != old.rotationDays()) {
            changes.add(
                    Change.from("rotationDays", Integer.toString(old.rotationDays()), Integer.toString(rotationDays)));
        }
        if (!changes.isEmpty()) {
            store.savePolicy(transaction, algorithm, rotationDays);
            log.append(transaction, actor, EventType.SIGNING_POLICY_UPDATE, POLICY, changes);
        }
    }

    private void append(Transaction transaction, Actor actor, EventType type, String keyId, List<Change> changes) {
        log.append(transaction, actor, type, Target.named(TargetKind.SIGNING_KEY, keyId), changes);
    }
}
