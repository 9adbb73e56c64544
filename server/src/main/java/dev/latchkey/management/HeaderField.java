package dev.latchkey.management;

/** A header field that calls of the management API take or answer with, for the OpenAPI document and so for generated clients. */
public enum HeaderField {
    IDEMPOTENCY_KEY(
            "Idempotency-Key", true, "Makes it safe to repeat the request: 1 to 200 characters, kept for a day"),
    IF_MATCH("If-Match", true, "The ETag that the change is based on; 412 when the resource has changed since"),
    IF_NONE_MATCH("If-None-Match", true, "The ETag that the caller knows; 304 while nothing has changed"),
    ETAG("ETag", false, "The version, for If-Match or If-None-Match"),
    LOCATION("Location", false, "The address of what was created"),
    IDEMPOTENCY_REPLAYED("Idempotency-Replayed", false, "true when an earlier request with this key created it"),
    RETRY_AFTER("Retry-After", false, "How many seconds to wait before trying again"),
    RATE_LIMIT_POLICY("RateLimit-Policy", false, "What the caller's limits allow"),
    RATE_LIMIT("RateLimit", false, "How much of them is left");

    private final String text;
    private final boolean sent;
    private final String description;

    HeaderField(String text, boolean sent, String description) {
        this.text = text;
        this.sent = sent;
        this.description = description;
    }

    public String text() {
        return text;
    }

    /** Whether the caller sends it; otherwise it is in the answer. */
    boolean isSent() {
        return sent;
    }

    String description() {
        return description;
    }
}
