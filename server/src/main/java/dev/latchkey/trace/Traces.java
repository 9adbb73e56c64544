package dev.latchkey.trace;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * Records some requests as traces and sends them to a collector (OpenTelemetry's OTLP over HTTP), in the background. What the
 * collector does not take in time is dropped. It exists only where a collector is set, so that nothing of OpenTelemetry is
 * loaded elsewhere.
 *
 * <p>Each request is recorded with the same small probability. Only a trusted proxy may ask for more: if its
 * {@code traceparent} says that the trace is recorded, the request is part of it. Proxies pass on what their callers send
 * unless they are told not to, so this is limited as well.
 */
public final class Traces implements AutoCloseable {
    /** How many requests a second are recorded because a proxy asks for it. */
    static final int MOST_ASKED_FOR = 100;

    private static final Duration SENDING = Duration.ofSeconds(5);
    private static final Duration BETWEEN_BATCHES = Duration.ofSeconds(2);
    private static final Duration STOPPING = Duration.ofSeconds(2);
    private static final int MOST_WAITING = 4_096;

    private static final TextMapGetter<String> TRACEPARENT = new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(String traceparent) {
            return List.of("traceparent");
        }

        @Override
        public @Nullable String get(@Nullable String traceparent, String name) {
            return name.equals("traceparent") ? traceparent : null;
        }
    };

    private final SdkTracerProvider provider;
    private final Tracer tracer;
    private final double share;
    private final Allowance asked = new Allowance(MOST_ASKED_FOR);

    /**
     * @param collector the base URL of its OTLP receiver, without {@code /v1/traces}
     * @param share of the requests that are recorded, from 0 to 1
     * @param version of this program
     */
    public Traces(URI collector, double share, String version) {
        this.share = share;
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        String base = collector.toString();
        OtlpHttpSpanExporter exporter = OtlpHttpSpanExporter.builder()
                .setEndpoint((base.endsWith("/") ? base : base + "/") + "v1/traces")
                .setTimeout(SENDING)
                .setConnectTimeout(SENDING)
                .build();
        provider = SdkTracerProvider.builder()
                .setResource(Resource.create(Attributes.builder()
                        .put("service.name", "latchkey")
                        .put("service.version", version)
                        .put("service.instance.id", UUID.randomUUID().toString())
                        .build()))
                .setIdGenerator(new RequestsOwnIds())
                .setSpanLimits(SpanLimits.builder()
                        .setMaxNumberOfAttributes(16)
                        .setMaxAttributeValueLength(200)
                        .build())
                .addSpanProcessor(BatchSpanProcessor.builder(exporter)
                        .setMaxQueueSize(MOST_WAITING)
                        .setScheduleDelay(BETWEEN_BATCHES)
                        .setExporterTimeout(SENDING)
                        .build())
                .build();
        tracer = provider.get("latchkey", version);
    }

    /**
     * Begins to record the current request, if it is one of those that are recorded.
     *
     * @param traceparent what a trusted proxy says about the trace to which the request belongs (W3C Trace Context); null
     *     when it says nothing, and for all other callers
     * @param https whether the caller's connection is encrypted
     * @param version of the protocol, such as {@code 1.1}
     */
    public void begin(CurrentRequest request, @Nullable String traceparent, boolean https, String version) {
        SpanContext parent = traceparent == null
                ? SpanContext.getInvalid()
                : Span.fromContext(W3CTraceContextPropagator.getInstance()
                                .extract(Context.root(), traceparent, TRACEPARENT))
                        .getSpanContext();
        if (!isRecorded(parent)) {
            return;
        }
        SpanBuilder builder = tracer.spanBuilder("HTTP")
                .setSpanKind(SpanKind.SERVER)
                .setAttribute("url.scheme", https ? "https" : "http")
                .setAttribute("network.protocol.version", version)
                .setAttribute("latchkey.request_id", request.id());
        Span span = (parent.isValid()
                        ? builder.setParent(Context.root().with(Span.wrap(parent)))
                        : builder.setNoParent())
                .startSpan();
        request.isRecordedBy(new Recording(tracer, span));
    }

    private boolean isRecorded(SpanContext parent) {
        if (parent.isValid()) {
            return parent.isSampled() && asked.isLeft(System.nanoTime());
        }
        return share > 0 && ThreadLocalRandom.current().nextDouble() < share;
    }

    /** Sends what has been recorded, and waits for that. */
    void flush() {
        provider.forceFlush().join(STOPPING.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        provider.shutdown().join(STOPPING.toMillis(), TimeUnit.MILLISECONDS);
    }
}
