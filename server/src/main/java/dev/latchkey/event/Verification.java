package dev.latchkey.event;

/** The outcome of reading the whole chain of events. */
public sealed interface Verification {
    record Whole(long events) implements Verification {}

    /** @param sequence the first event that is missing or altered */
    record Broken(long sequence, String reason) implements Verification {}
}
