package dev.latchkey.observe;

import dev.latchkey.http.RequestRecorder;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** Measures how long requests take, by their route and outcome. */
final class RequestTimes implements RequestRecorder {
    /** How a request ended, as far as its status tells. */
    private enum Outcome {
        SUCCESS,
        REDIRECT,
        /** The caller made a mistake, or may not do this. */
        REFUSED,
        /** There is too much to do, or the database does not answer. */
        UNAVAILABLE,
        FAILED;

        static Outcome of(int status) {
            if (status == 503) {
                return UNAVAILABLE;
            }
            return switch (status / 100) {
                case 5 -> FAILED;
                case 4 -> REFUSED;
                case 3 -> REDIRECT;
                default -> SUCCESS;
            };
        }

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final MeterRegistry registry;

    RequestTimes(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public OfRoute route(String method, String template) {
        return new Route(method, template);
    }

    private final class Route implements OfRoute {
        private final String method;
        private final String template;

        /** Created when first needed: most routes never have most outcomes. */
        private final AtomicReferenceArray<@Nullable Timer> timers =
                new AtomicReferenceArray<>(Outcome.values().length);

        Route(String method, String template) {
            this.method = method;
            this.template = template;
        }

        @Override
        public void answered(int status, long nanos) {
            Outcome outcome = Outcome.of(status);
            @Nullable Timer timer = timers.get(outcome.ordinal());
            if (timer == null) {
                timer = timer(outcome);
                timers.set(outcome.ordinal(), timer);
            }
            timer.record(nanos, TimeUnit.NANOSECONDS);
        }

        /** The registry returns the same timer each time. */
        private Timer timer(Outcome outcome) {
            return Timer.builder("latchkey.http.requests")
                    .description("Requests, from their header fields to their response")
                    .tags("method", method, "route", template, "outcome", outcome.label())
                    .serviceLevelObjectives(Buckets.bounds())
                    .register(registry);
        }
    }
}
