package dev.latchkey.http;

import dev.latchkey.problem.Problem;

/** Answers one request. A failure is thrown: a {@link Problem} is shown to the caller, anything else becomes a 500. */
@FunctionalInterface
public interface Handler {
    Response handle(Request request);
}
