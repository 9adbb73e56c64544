package dev.latchkey.http;

/** Who comes to a port. */
public enum Callers {
    /** Everybody, with HTTP/1.1 or HTTP/2. */
    ALL("LATCHKEY_PORT or --port"),

    /** Programs that are asked for a TLS certificate, which they may leave out. */
    WITH_CERTIFICATES("LATCHKEY_MTLS_PORT or --mtls-port"),

    /** Programs that speak gRPC, so HTTP/2 alone. */
    GRPC("LATCHKEY_GRPC_PORT or --grpc-port");

    private final String setting;

    Callers(String setting) {
        this.setting = setting;
    }

    /** How another port is chosen for them. */
    String setting() {
        return setting;
    }
}
