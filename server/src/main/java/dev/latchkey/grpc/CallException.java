package dev.latchkey.grpc;

/** A call that cannot be answered, and why. */
final class CallException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Status status;

    CallException(Status status, String message) {
        // Any caller can cause it as often as it likes, and the stack trace helps no one.
        super(message, null, false, false);
        this.status = status;
    }

    Status status() {
        return status;
    }
}
