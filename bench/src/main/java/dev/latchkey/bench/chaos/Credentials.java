package dev.latchkey.bench.chaos;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** The two halves of an API token. */
record Credentials(String id, String secret) {
    String basic() {
        return "Basic " + Base64.getEncoder().encodeToString((id + ":" + secret).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return "Credentials[" + id + "]";
    }
}
