package dev.latchkey;

/** Why a command that calls a running Latchkey went no further, in a sentence for people, and its exit status. */
final class FailedCallException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    private FailedCallException(int status, String message) {
        super(message);
        this.status = status;
    }

    /** The server refuses the request, or the document does not allow it. */
    static FailedCallException refused(String message) {
        return new FailedCallException(1, message);
    }

    /** The request could not be made. */
    static FailedCallException impossible(String message) {
        return new FailedCallException(2, message);
    }

    /** The same with another line. */
    FailedCallException with(String line) {
        return new FailedCallException(status, getMessage() + "\n" + line);
    }

    int status() {
        return status;
    }
}
