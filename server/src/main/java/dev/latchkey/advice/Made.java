package dev.latchkey.advice;

import dev.latchkey.access.Api;
import dev.latchkey.access.Endpoint;
import java.time.Instant;

/** Recorded calls of a token that can be decided again. */
record Made(Holder holder, Api api, Endpoint endpoint, long calls, Instant lastAt) {
    String clientId() {
        return holder.clientId();
    }
}
