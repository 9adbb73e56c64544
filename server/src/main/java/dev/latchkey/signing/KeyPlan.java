package dev.latchkey.signing;

import dev.latchkey.event.Change;
import dev.latchkey.signing.SigningKey.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to happen to the signing keys, step by step: decided from the keys, the policy and the time alone, so that every node
 * decides alike. {@link KeyLedger} carries it out inside one transaction.
 */
record KeyPlan(List<Step> steps) {
    /** How long a key that ended stays in the list; the log remembers it for ever. */
    private static final Duration LISTED = Duration.ofDays(90);

    KeyPlan {
        steps = List.copyOf(steps);
    }

    /** One thing that happens to one key. */
    sealed interface Step {
        /** There is a new key. */
        record Create(
                SigningAlgorithm algorithm,
                Instant signsFrom,
                @Nullable Instant signsUntil) implements Step {}

        /** A key hands over at another time than planned; with null it goes on. */
        record HandOver(SigningKey key, @Nullable Instant signsUntil) implements Step {}

        /** The turn of the next key comes earlier. */
        record Advance(SigningKey key, Instant signsFrom) implements Step {}

        /**
         * Nothing that the key signed counts any more.
         *
         * @param from where in its life it was
         * @param why for the log
         */
        record Withdraw(SigningKey key, State from, List<Change> why) implements Step {}

        /** It signs no more, so its private half goes. */
        record Erase(SigningKey key) implements Step {}

        /** It ended so long ago that it goes out of the list. */
        record Forget(SigningKey key) implements Step {}
    }

    /** Whether a new key is part of it. */
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
     * What time alone brings: the next key when one is due, the end of private halves that sign no more, and the end of keys in
     * the list.
     *
     * @param keys in {@link SigningKey#ORDER}, here and below
     * @param spare the algorithm of the key that is at hand; null when there is none, and so no next one
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
     * A key of this algorithm is published, and signs soon. When a next key is published already, its turn is brought forward;
     * one of another algorithm is replaced.
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
     * The emergency exit. In the place of the key that signs, a fresh one signs at once; without the next one, the one before it
     * goes on. What has ended stays as it is.
     *
     * @param algorithm of the fresh key
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
                // Nothing that it signed counts.
            }
        }
        return new KeyPlan(steps);
    }

    /** A key behind the last one. */
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

    /** The key before it goes on signing. */
    private static void withdrawNext(
            List<Step> steps, List<SigningKey> keys, SigningKey next, State state, List<Change> why) {
        before(steps, keys, next, null);
        steps.add(new Step.Withdraw(next, state, why));
    }

    /** The key that would hand over to the next one does so at another time. */
    private static void before(List<Step> steps, List<SigningKey> keys, SigningKey next, @Nullable Instant signsUntil) {
        keys.stream()
                .filter(key -> key.withdrawal() == null && next.signsFrom().equals(key.signsUntil()))
                .findFirst()
                .ifPresent(key -> steps.add(new Step.HandOver(key, signsUntil)));
    }
}
