package dev.latchkey.http;

import java.time.Duration;

/**
 * How long callers may take.
 *
 * @param idle how long a connection may be idle
 * @param header how long what a caller begins to send may take to become a request: handshake, header, frames
 * @param body how long a request's body may take to arrive
 * @param answer how long a caller may take to read an answer
 * @param grace how long requests in progress may take to finish once the server is closed
 */
record TimeLimits(Duration idle, Duration header, Duration body, Duration answer, Duration grace) {
    static final TimeLimits USUAL = new TimeLimits(
            HttpConfig.IDLE,
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            Duration.ofSeconds(60),
            Duration.ofSeconds(10));

    TimeLimits withIdle(Duration other) {
        return new TimeLimits(other, header, body, answer, grace);
    }

    TimeLimits withHeader(Duration other) {
        return new TimeLimits(idle, other, body, answer, grace);
    }

    TimeLimits withBody(Duration other) {
        return new TimeLimits(idle, header, other, answer, grace);
    }

    TimeLimits withAnswer(Duration other) {
        return new TimeLimits(idle, header, body, other, grace);
    }

    TimeLimits withGrace(Duration other) {
        return new TimeLimits(idle, header, body, answer, other);
    }
}
