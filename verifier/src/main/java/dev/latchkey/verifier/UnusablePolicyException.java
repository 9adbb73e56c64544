package dev.latchkey.verifier;

/** The policy contains something that this version does not understand, so nothing can be decided. */
final class UnusablePolicyException extends LatchkeyException {
    private static final long serialVersionUID = 1L;

    UnusablePolicyException(String message) {
        super(message);
    }
}
