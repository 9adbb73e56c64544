package dev.latchkey.path;

/** A request that could mean more than one endpoint. The message completes the sentence "It is refused because ...". */
public final class DoubtfulRequestException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public DoubtfulRequestException(String reason) {
        super(reason);
    }

    /** Attackers cause floods of these, and their stack traces would be useless. */
    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
