package dev.latchkey.path;

/** A path that two programs on a request's way could read as two different paths. The message says why. */
public final class DoubtfulPathException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    DoubtfulPathException(String reason) {
        super(reason);
    }

    /** Attackers cause floods of these, and their stack traces would be useless. */
    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
