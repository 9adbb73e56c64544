package dev.latchkey.signing;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A key that signs access tokens, and its life: published in advance, signing, still checking what it signed, ended. Its state
 * follows from its times alone, so all nodes agree without asking each other.
 *
 * @param id its thumbprint (RFC 7638)
 * @param signsUntil when the next key takes over; null while there is no next one
 * @param canSign whether its private key still exists
 */
public record SigningKey(
        String id,
        SigningAlgorithm algorithm,
        Instant createdAt,
        Instant signsFrom,
        @Nullable Instant signsUntil,
        @Nullable Withdrawal withdrawal,
        boolean canSign) {

    /** How long what it signs is valid: the life of an access token. */
    public static final Duration SIGNED_FOR = Duration.ofMinutes(10);

    /** How far the clocks of two nodes may differ, including the delay with which one learns of the other's changes. */
    public static final Duration CLOCKS_DIFFER = Duration.ofMinutes(1);

    static final Comparator<SigningKey> ORDER =
            Comparator.comparing(SigningKey::signsFrom).thenComparing(SigningKey::id);

    /** An emergency: nothing that the key signed is valid any longer. */
    public record Withdrawal(
            Instant at, String by, @Nullable String reason) {}

    /** The states of a key. */
    public enum State {
        /** Published, so that APIs know it before its first signature. */
        NEXT,
        SIGNING,
        /** It no longer signs, but the last access token that it signed has not expired yet. */
        VERIFYING,
        WITHDRAWN,
        ENDED;

        /** Its name in the API and in the log. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** When the last access token that it signed has expired; null while it has no end. */
    public @Nullable Instant verifiesUntil() {
        return signsUntil == null ? null : signsUntil.plus(SIGNED_FOR).plus(CLOCKS_DIFFER);
    }

    /** Whether what it signed is valid, or will be when it signs. */
    public boolean isTrusted(Instant now) {
        Instant end = verifiesUntil();
        return withdrawal == null && (end == null || now.isBefore(end));
    }

    /** Whether it has made its last signature, on nodes with slow clocks as well. */
    boolean isDone(Instant now) {
        return signsUntil != null && !now.isBefore(signsUntil.plus(CLOCKS_DIFFER));
    }

    /** When it ended, one way or the other; null while it has no end. */
    @Nullable Instant end() {
        return withdrawal == null ? verifiesUntil() : withdrawal.at();
    }

    /** The key's state, as one of all keys. */
    State state(List<SigningKey> all, Instant now) {
        if (withdrawal != null) {
            return State.WITHDRAWN;
        }
        if (!isTrusted(now)) {
            return State.ENDED;
        }
        if (signing(all, now).id.equals(id)) {
            return State.SIGNING;
        }
        return signsFrom.isAfter(now) ? State.NEXT : State.VERIFYING;
    }

    /**
     * The key that signs: the last one whose time has come. On a node with a slow clock that may be none; it then uses the first
     * one to come, which all nodes know already.
     *
     * @param all in {@link #ORDER}
     */
    public static SigningKey signing(List<SigningKey> all, Instant now) {
        SigningKey chosen = null;
        for (SigningKey key : all) {
            if (key.withdrawal == null && key.canSign && (chosen == null || !key.signsFrom.isAfter(now))) {
                chosen = key;
            }
        }
        if (chosen == null) {
            throw new IllegalStateException("no signing key is left");
        }
        return chosen;
    }
}
