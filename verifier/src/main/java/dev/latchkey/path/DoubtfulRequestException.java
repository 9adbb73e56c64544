package dev.latchkey.path;

/** A request of which nobody can say which endpoint it means. The message continues "It is refused because ...". */
public final class DoubtfulRequestException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    DoubtfulRequestException(String reason) {
        super(reason);
    }

    /** Attackers cause floods of these, and nobody reads where one was made. */
    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
