package dev.latchkey.observe;

import dev.latchkey.oauth.TokenRequestRecorder;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;

/** Measures how long token requests take, by their grant, method of client authentication and outcome. */
final class TokenRequestTimes implements TokenRequestRecorder {
    private record Kind(String grant, String method, String outcome) {}

    private final MeterRegistry registry;
    private final ConcurrentMap<Kind, Timer> timers = new ConcurrentHashMap<>();

    TokenRequestTimes(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void answered(String grant, String method, String outcome, long nanos) {
        Kind kind = new Kind(grant, method, outcome);
        Timer known = timers.get(kind);
        Timer timer = known != null ? known : timers.computeIfAbsent(kind, this::timer);
        timer.record(nanos, TimeUnit.NANOSECONDS);
    }

    private Timer timer(Kind kind) {
        return Timer.builder("latchkey.token.requests")
                .description("Requests at the token endpoint")
                .tags("grant", kind.grant(), "method", kind.method(), "outcome", kind.outcome())
                .serviceLevelObjectives(Buckets.bounds())
                .register(registry);
    }
}
