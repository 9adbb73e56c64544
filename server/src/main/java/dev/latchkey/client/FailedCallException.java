package dev.latchkey.client;

/** Why a command that calls a running Latchkey went no further, in a sentence for people, and its exit status. */
public final class FailedCallException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final int answered;

    private FailedCallException(int status, int answered, String message) {
        super(message);
        this.status = status;
        this.answered = answered;
    }

    /** The server refuses the request, or the document does not allow it. */
    public static FailedCallException refused(String message) {
        return new FailedCallException(1, 0, message);
    }

    /** The server refuses the request with this HTTP status. */
    static FailedCallException refused(int answered, String message) {
        return new FailedCallException(1, answered, message);
    }

    /** The request could not be made. */
    public static FailedCallException impossible(String message) {
        return new FailedCallException(2, 0, message);
    }

    /** The same with another line. */
    public FailedCallException with(String line) {
        return new FailedCallException(status, answered, getMessage() + "\n" + line);
    }

    public int status() {
        return status;
    }

    /** Whether the server refused a change because what it would change is no longer as it was. */
    public boolean isOfAnotherVersion() {
        return answered == 412;
    }
}
