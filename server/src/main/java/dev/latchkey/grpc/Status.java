package dev.latchkey.grpc;

/** How a call ended: those of gRPC's status codes that we send. */
enum Status {
    OK(0),
    DEADLINE_EXCEEDED(4),
    RESOURCE_EXHAUSTED(8),
    UNIMPLEMENTED(12),
    INTERNAL(13);

    private final int code;

    Status(int code) {
        this.code = code;
    }

    /** The value of the {@code grpc-status} field. */
    String field() {
        return Integer.toString(code);
    }
}
