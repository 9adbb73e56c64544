package dev.latchkey.http;

/** The callers that a port serves. */
public enum Callers {
    /** All callers, over HTTP/1.1 or HTTP/2. */
    ALL("LATCHKEY_PORT or --port"),

    /** Programs that are asked for a TLS certificate, which is optional. */
    WITH_CERTIFICATES("LATCHKEY_MTLS_PORT or --mtls-port"),

    /** gRPC clients, over HTTP/2 only. */
    GRPC("LATCHKEY_GRPC_PORT or --grpc-port"),

    /** The programs that read metrics. */
    METRICS("LATCHKEY_METRICS_PORT or --metrics-port");

    private final String setting;

    Callers(String setting) {
        this.setting = setting;
    }

    /** What chooses another port for them. */
    String setting() {
        return setting;
    }
}
