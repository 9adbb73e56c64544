package dev.latchkey.observe;

import dev.latchkey.gate.DecisionRecorder;
import dev.latchkey.http.RequestRecorder;
import dev.latchkey.oauth.TokenRequestRecorder;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Everything that is measured. When measuring is off, the recorders do nothing and nothing is kept. */
public final class Metrics implements AutoCloseable {
    private final @Nullable PrometheusMeterRegistry registry;
    private final @Nullable Gauges gauges;
    private final RequestRecorder requests;
    private final TokenRequestRecorder tokenRequests;
    private final DecisionRecorder decisions;

    private Metrics(@Nullable PrometheusMeterRegistry registry) {
        this.registry = registry;
        this.gauges = registry == null ? null : new Gauges(registry);
        this.requests = registry == null ? RequestRecorder.NONE : new RequestTimes(registry);
        this.tokenRequests = registry == null ? TokenRequestRecorder.NONE : new TokenRequestTimes(registry);
        this.decisions = registry == null ? DecisionRecorder.NONE : new DecisionCounts(registry);
    }

    public static Metrics on() {
        return new Metrics(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
    }

    public static Metrics off() {
        return new Metrics(null);
    }

    public boolean isOn() {
        return registry != null;
    }

    public RequestRecorder requests() {
        return requests;
    }

    public TokenRequestRecorder tokenRequests() {
        return tokenRequests;
    }

    public DecisionRecorder decisions() {
        return decisions;
    }

    /** Lists numbers of parts to be shown, unless measuring is off. */
    public void show(Consumer<Gauges> list) {
        if (gauges != null) {
            list.accept(gauges);
        }
    }

    /** All metrics, in Prometheus' text format. */
    String text() {
        return registry == null ? "" : registry.scrape();
    }

    @Override
    public void close() {
        if (gauges != null) {
            gauges.close();
        }
        if (registry != null) {
            registry.close();
        }
    }
}
