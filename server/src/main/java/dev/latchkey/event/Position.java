package dev.latchkey.event;

/**
 * A place in the chain of events: the event with this sequence and hash. Databases that both have it have the same
 * history up to it.
 *
 * @param sequence 0 before the first event
 * @param hash empty before the first event
 */
public record Position(long sequence, String hash) {
    /** Before the first event: every history begins there. */
    public static final Position START = new Position(0, "");
}
