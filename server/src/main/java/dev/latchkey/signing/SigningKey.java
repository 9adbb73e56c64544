package dev.latchkey.signing;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A key that access tokens are signed with, and its life: published ahead, signing, still checking what it signed, ended.
 * What it is at one moment follows from its times alone, so all nodes agree without asking each other.
 *
 * @param id its thumbprint (RFC 7638)
 * @param signsUntil when the next key takes over; null while there is no next one
 * @param canSign whether its private half is still there
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

    /** How far the clocks of two nodes may differ, with what one hears late of the other. */
    public static final Duration CLOCKS_DIFFER = Duration.ofMinutes(1);

    static final Comparator<SigningKey> ORDER =
            Comparator.comparing(SigningKey::signsFrom).thenComparing(SigningKey::id);

    /** The emergency exit: nothing that the key signed counts any more. */
    public record Withdrawal(
            Instant at, String by, @Nullable String reason) {}

    /** Where in its life a key is. */
    public enum State {
        /** Published, so that whoever checks signatures knows it before the first one. */
        NEXT,
        SIGNING,
        /** It signs no more, and the last access token that it signed has not expired yet. */
        VERIFYING,
        WITHDRAWN,
        ENDED;

        /** As the API and the log spell it. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** When the last access token that it signed has expired; null while it has no end. */
    public @Nullable Instant verifiesUntil() {
        return signsUntil == null ? null : signsUntil.plus(SIGNED_FOR).plus(CLOCKS_DIFFER);
    }

    /** Whether what it signed counts. */
    public boolean counts(Instant now) {
        Instant end = verifiesUntil();
        return withdrawal == null && (end == null || now.isBefore(end));
    }

    /** Whether it has signed its last, whichever node's clock is right. */
    boolean isDone(Instant now) {
        return signsUntil != null && !now.isBefore(signsUntil.plus(CLOCKS_DIFFER));
    }

    /** When it came to its end, one way or the other; null while it has none. */
    @Nullable Instant end() {
        return withdrawal == null ? verifiesUntil() : withdrawal.at();
    }

    /** Where in its life the key is, as one of all keys. */
    State state(List<SigningKey> all, Instant now) {
        if (withdrawal != null) {
            return State.WITHDRAWN;
        }
        if (!counts(now)) {
            return State.ENDED;
        }
        if (signing(all, now).id.equals(id)) {
            return State.SIGNING;
        }
        return signsFrom.isAfter(now) ? State.NEXT : State.VERIFYING;
    }

    /**
     * The key that signs: the last whose time has come. A node whose clock is behind may find that none has; it takes the
     * first to come, which all nodes know already.
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
