package dev.latchkey.trace;

import io.opentelemetry.api.trace.TraceId;
import io.opentelemetry.sdk.trace.IdGenerator;

/**
 * Gives a trace the id of the request with which it begins, if that can be the id of a trace, as those can that Latchkey
 * makes: then one id finds the log lines, the events and the trace.
 */
final class RequestsOwnIds implements IdGenerator {
    private final IdGenerator others = IdGenerator.random();

    @Override
    public String generateTraceId() {
        return CurrentRequest.currentId().filter(TraceId::isValid).orElseGet(others::generateTraceId);
    }

    @Override
    public String generateSpanId() {
        return others.generateSpanId();
    }
}
