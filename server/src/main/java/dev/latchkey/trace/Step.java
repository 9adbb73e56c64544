package dev.latchkey.trace;

/** A part of a request whose time a trace shows: a look-up, a signature, a decision. */
@FunctionalInterface
public interface Step extends AutoCloseable {
    /** A step of a request without a trace. */
    Step UNRECORDED = () -> {};

    /** Ends the step. */
    @Override
    void close();
}
