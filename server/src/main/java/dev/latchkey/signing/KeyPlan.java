package dev.latchkey.signing;

import dev.latchkey.event.Change;
import dev.latchkey.signing.SigningKey.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The next steps for the signing keys, decided from the keys, the policy and the time alone, so that all nodes decide alike.
 * {@link KeyLedger} carries them out inside one transaction.
 */
record KeyPlan(List<Step> steps) {
    /** How long an ended key stays in the list; the log keeps it for ever. */
    private static final Duration LISTED = Duration.ofDays(90);

    KeyPlan {
        steps = List.copyOf(steps);
    }

    /** A change to one key. */
    sealed interface Step {
        /** Creates a key. */
        record Create(
                SigningAlgorithm algorithm,
                Instant signsFrom,
                @Nullable Instant signsUntil) implements Step {}

        /** Changes when a key hands over to the next one; with null it continues to sign. */
        record HandOver(SigningKey key, @Nullable Instant signsUntil) implements Step {}

        /** Brings the turn of the next key forward. */
        record Advance(SigningKey key, Instant signsFrom) implements Step {}

        /**
         * Ends the validity of everything that the key signed.
         *
         * @param from its state before
         * @param why for the log
         */
        record Withdraw(SigningKey key, State from, List<Change> why) implements Step {}

        /** Erases the private key of a key that no longer signs. */
        record Erase(SigningKey key) implements Step {}

        /** Removes a key that ended long ago from the list. */
        record Forget(SigningKey key) implements Step {}
    }

    /** Whether the plan creates a key. */
    boolean createsKey() {
        return steps.stream().anyMatch(Step.Create.class::isInstance);
    }

    boolean isEmpty() {
        return steps.isEmpty();
    }

    /** The first key of all. */
    static KeyPlan first(SigningAlgorithm algorithm, Instant now) {
        return new KeyPlan(List.of(new Step.Create(algorithm, now, null)));
    }

    /**
     * What is due because time has passed: the next key, the erasure of private keys that no longer sign, and the removal of old
     * keys from the list.
     *
     * @param keys in {@link SigningKey#ORDER}, here and below
     * @param spare the algorithm of the fresh key; null when there is none, and so no next key
     */
    static KeyPlan keepUp(List<SigningKey> keys, SigningPolicy policy, @Nullable SigningAlgorithm spare, Instant now) {
        List<Step> steps = new ArrayList<>();
        if (spare != null) {
            policy.nextSignsFrom(keys, now).ifPresent(signsFrom -> follow(steps, keys, spare, signsFrom));
        }
        for (SigningKey key : keys) {
            Instant end = key.end();
            if (end != null && end.plus(LISTED).isBefore(now)) {
                steps.add(new Step.Forget(key));
            } else if (key.canSign() && key.isDone(now)) {
                steps.add(new Step.Erase(key));
            }
        }
        return new KeyPlan(steps);
    }

    /**
     * Publishes a key of this algorithm, which signs soon. If a next key is published already, its turn is brought forward, or it
     * is replaced when it has another algorithm.
     *
     * @param lead how long a key is published before it signs
     */
    static KeyPlan announce(List<SigningKey> keys, SigningAlgorithm algorithm, Duration lead, Instant now) {
        List<Step> steps = new ArrayList<>();
        SigningKey last = SigningPolicy.last(keys);
        if (!last.signsFrom().isAfter(now)) {
            follow(steps, keys, algorithm, now.plus(lead));
        } else if (last.algorithm() == algorithm) {
            Instant soonest = last.createdAt().plus(lead);
            bringForward(steps, keys, last, soonest.isBefore(now) ? now : soonest);
        } else {
            withdrawNext(steps, keys, last, State.NEXT, List.of(Change.set("reason", "Replaced before it signed")));
            List<SigningKey> others =
                    keys.stream().filter(key -> !key.id().equals(last.id())).toList();
            follow(steps, others, algorithm, now.plus(lead));
        }
        return new KeyPlan(steps);
    }

    /**
     * Withdraws a key in an emergency. If it is the one that signs, a fresh key signs at once; if it is the next one, the one
     * before it continues. A key that has ended stays as it is.
     *
     * @param algorithm the algorithm of the fresh key
     * @param why for the log
     */
    static KeyPlan withdraw(
            List<SigningKey> keys, SigningKey key, SigningAlgorithm algorithm, List<Change> why, Instant now) {
        List<Step> steps = new ArrayList<>();
        State state = key.state(keys, now);
        switch (state) {
            case SIGNING -> {
                steps.add(new Step.Withdraw(key, state, why));
                steps.add(new Step.Create(algorithm, now, key.signsUntil()));
            }
            case NEXT -> withdrawNext(steps, keys, key, state, why);
            case VERIFYING -> steps.add(new Step.Withdraw(key, state, why));
            case WITHDRAWN, ENDED -> {
                // Nothing that it signed is valid.
            }
        }
        return new KeyPlan(steps);
    }

    /** Adds a key after the last one. */
    private static void follow(List<Step> steps, List<SigningKey> keys, SigningAlgorithm algorithm, Instant signsFrom) {
        steps.add(new Step.HandOver(SigningPolicy.last(keys), signsFrom));
        steps.add(new Step.Create(algorithm, signsFrom, null));
    }

    private static void bringForward(List<Step> steps, List<SigningKey> keys, SigningKey next, Instant signsFrom) {
        if (signsFrom.isBefore(next.signsFrom())) {
            before(steps, keys, next, signsFrom);
            steps.add(new Step.Advance(next, signsFrom));
        }
    }

    /** Withdraws the next key; the one before it continues to sign. */
    private static void withdrawNext(
            List<Step> steps, List<SigningKey> keys, SigningKey next, State state, List<Change> why) {
        before(steps, keys, next, null);
        steps.add(new Step.Withdraw(next, state, why));
    }

    /** Changes when the current key hands over to the next one. */
    private static void before(List<Step> steps, List<SigningKey> keys, SigningKey next, @Nullable Instant signsUntil) {
        keys.stream()
                .filter(key -> key.withdrawal() == null && next.signsFrom().equals(key.signsUntil()))
                .findFirst()
                .ifPresent(key -> steps.add(new Step.HandOver(key, signsUntil)));
    }
}
