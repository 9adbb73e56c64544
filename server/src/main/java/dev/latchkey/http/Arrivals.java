package dev.latchkey.http;

import dev.latchkey.trace.CurrentRequest;
import dev.latchkey.trace.Recording;
import dev.latchkey.trace.Traces;
import java.net.InetSocketAddress;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** Gives each request its id when it arrives, and notes how it was answered: in the request log, and in its trace. */
final class Arrivals {
    private static final String TRACEPARENT = "traceparent";

    private final TrustedProxies proxies;
    private final @Nullable RequestLog requestLog;
    private final @Nullable Traces traces;

    Arrivals(HttpConfig config, TrustedProxies proxies) {
        this.proxies = proxies;
        this.requestLog = config.requestLog();
        this.traces = config.traces();
    }

    /** The request with its id, which the response tells the caller whatever becomes of it. */
    CurrentRequest begin(Request incoming, org.eclipse.jetty.server.Response outgoing, Headers headers) {
        String id = isFromTrustedProxy(incoming) ? RequestIds.given(headers) : RequestIds.make();
        outgoing.getHeaders().put(RequestIds.FIELD, id);
        return new CurrentRequest(id);
    }

    /** Begins the trace of the current request, if it gets one. */
    void record(CurrentRequest current, Request incoming, Headers headers) {
        if (traces != null) {
            traces.begin(
                    current,
                    isFromTrustedProxy(incoming) ? headers.first(TRACEPARENT).orElse(null) : null,
                    ResponseWriter.isSecure(incoming),
                    protocol(incoming).substring("HTTP/".length()));
        }
    }

    /** Once the answer is with the caller, or cannot be, notes it. */
    Callback noting(Callback callback, Request incoming, CurrentRequest current, Progress progress, Response response) {
        @Nullable Recording trace = current.recording();
        if (requestLog == null && trace == null) {
            return callback;
        }
        String protocol = protocol(incoming);
        long began = incoming.getHeadersNanoTime();
        int bytes = incoming.getMethod().equals("HEAD") ? 0 : response.body().length;
        // Before the request ends, because a server that stops waits for that, and then closes the request log.
        Runnable note = () -> {
            long nanos = System.nanoTime() - began;
            if (trace != null) {
                trace.answered(progress.method(), progress.route(), response.status());
            }
            if (requestLog != null) {
                RequestLog.Call call =
                        new RequestLog.Call(progress.method(), progress.route(), protocol, progress.address());
                requestLog.add(new RequestLog.Entry(
                        Request.getTimeStamp(incoming), call, response.status(), bytes, nanos, current));
            }
        };
        return Callback.from(note, callback);
    }

    private static String protocol(Request incoming) {
        return incoming.getConnectionMetaData().getHttpVersion().asString();
    }

    private boolean isFromTrustedProxy(Request incoming) {
        return proxies.areKnown()
                && incoming.getConnectionMetaData().getRemoteSocketAddress() instanceof InetSocketAddress peer
                && peer.getAddress() != null
                && proxies.trusts(AddressRange.withoutZone(peer.getAddress()));
    }
}
