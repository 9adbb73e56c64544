package dev.latchkey.http;

import dev.latchkey.problem.Json;
import dev.latchkey.trace.CurrentRequest;
import dev.latchkey.trace.Recording;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The request log as one JSON object a line. */
public final class JsonLines implements RequestLog.Format {
    /** The members of a line; those that are null are left out. */
    record Line(
            Instant at,
            String requestId,
            @Nullable String traceId,
            String method,
            @Nullable String route,
            String protocol,
            int status,
            long bytes,
            double milliseconds,
            @Nullable String address,
            @Nullable String clientId) {}

    @Override
    public String line(RequestLog.Entry entry) {
        RequestLog.Call call = entry.call();
        CurrentRequest request = entry.request();
        Recording trace = request.recording();
        return Json.writeText(new Line(
                Instant.ofEpochMilli(entry.at()),
                request.id(),
                trace == null ? null : trace.traceId(),
                call.method(),
                call.route().isEmpty() ? null : call.route(),
                call.protocol(),
                entry.status(),
                entry.bytes(),
                entry.nanos() / 1_000 / 1_000.0,
                call.address().isEmpty() ? null : call.address(),
                request.clientId()));
    }
}
