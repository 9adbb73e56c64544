package dev.latchkey.trace;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A request's part of a trace: the span of the request, and one for each of its steps. The attributes are those of
 * OpenTelemetry's conventions for HTTP servers that cannot hold anything private: not the path, the query, nor an address.
 */
public final class Recording {
    /** Those that the conventions name; there could be any number of others. */
    private static final Set<String> METHODS =
            Set.of("CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE");

    private static final AttributeKey<Long> STATUS = AttributeKey.longKey("http.response.status_code");
    private static final AttributeKey<String> METHOD = AttributeKey.stringKey("http.request.method");
    private static final AttributeKey<String> ROUTE = AttributeKey.stringKey("http.route");
    private static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");

    private final Tracer tracer;
    private final Span span;
    private final Context context;

    Recording(Tracer tracer, Span span) {
        this.tracer = tracer;
        this.span = span;
        this.context = Context.root().with(span);
    }

    public String traceId() {
        return span.getSpanContext().getTraceId();
    }

    <T extends @Nullable Object> T step(String name, Supplier<T> work) {
        Span step = tracer.spanBuilder(name).setParent(context).startSpan();
        try {
            return work.get();
        } finally {
            step.end();
        }
    }

    /**
     * The request is answered, which ends its span.
     *
     * @param method as sent; the span shows only those that HTTP defines
     * @param route the path's template, because a path may hold a secret; empty when no route was found
     */
    public void answered(String method, String route, int status) {
        boolean known = METHODS.contains(method);
        span.setAttribute(METHOD, known ? method : "_OTHER");
        String named = known ? method : "HTTP";
        if (route.isEmpty()) {
            span.updateName(named);
        } else {
            span.updateName(named + " " + route);
            span.setAttribute(ROUTE, route);
        }
        span.setAttribute(STATUS, (long) status);
        if (status >= 500) {
            span.setAttribute(ERROR, Integer.toString(status));
            span.setStatus(StatusCode.ERROR);
        }
        span.end();
    }
}
