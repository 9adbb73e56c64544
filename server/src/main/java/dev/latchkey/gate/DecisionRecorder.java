package dev.latchkey.gate;

/** Records each decision about a call. It is on the path of every call, so it neither waits nor writes. */
@FunctionalInterface
public interface DecisionRecorder {
    /** Records nothing. */
    DecisionRecorder NONE = (asker, decision) -> {};

    /** Who asks. */
    enum Asking {
        /** A gateway, about a call that it holds. */
        GATEWAY,
        /** An API without a gateway, about a call that it got. */
        VERIFY,
        /** A program, about a call that is not made. */
        AUTHZEN
    }

    void decided(Asking asker, Decision decision);
}
