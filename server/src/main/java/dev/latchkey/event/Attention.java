package dev.latchkey.event;

/**
 * What an administrator must look at.
 *
 * @param open how many lost changes are open, counted up to {@link #COUNTED}
 * @param unconfirmed whether a changed history is not confirmed
 */
public record Attention(long open, boolean unconfirmed) {
    /** A notice needs no larger number. */
    public static final int COUNTED = 1_000;

    public static final Attention NONE = new Attention(0, false);

    public boolean isNeeded() {
        return open > 0 || unconfirmed;
    }
}
