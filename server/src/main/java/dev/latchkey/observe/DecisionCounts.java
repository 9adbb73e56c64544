package dev.latchkey.observe;

import dev.latchkey.access.Api;
import dev.latchkey.gate.Decision;
import dev.latchkey.gate.DecisionRecorder;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** Counts decisions about calls, by API and outcome. */
final class DecisionCounts implements DecisionRecorder {
    /** Further APIs are counted together: each one adds up to twenty-one series, and names that are no longer used stay. */
    static final int MOST_APIS = 100;

    /** No registered API has these names, because they are not names of APIs. */
    static final String NO_API = "(none)";

    static final String OTHER_APIS = "(other)";

    private enum Outcome {
        ALLOWED,
        UNAUTHENTICATED,
        MISSING_PRIVILEGE,
        NO_ENDPOINT,
        DOUBTFUL_REQUEST,
        LIMITED,
        NO_API;

        static Outcome of(Decision decision) {
            return switch (decision) {
                case Decision.Allowed allowed -> ALLOWED;
                case Decision.Unauthenticated unauthenticated -> UNAUTHENTICATED;
                case Decision.Forbidden forbidden -> MISSING_PRIVILEGE;
                case Decision.Limited limited -> LIMITED;
                case Decision.Refused refused ->
                    switch (refused.code()) {
                        case "no_endpoint" -> NO_ENDPOINT;
                        case "no_api" -> NO_API;
                        default -> DOUBTFUL_REQUEST;
                    };
            };
        }
    }

    private static final int OUTCOMES = Outcome.values().length;

    private final MeterRegistry registry;
    private final ConcurrentMap<String, Counters> counters = new ConcurrentHashMap<>();

    /** The counters of one API. All outcomes of one asker begin together, with zero, so that rates are right at once. */
    private final class Counters {
        private final String api;
        private final AtomicReferenceArray<Counter @Nullable []> ofAskers =
                new AtomicReferenceArray<>(Asking.values().length);

        Counters(String api) {
            this.api = api;
        }

        Counter of(Asking asker, Outcome outcome) {
            Counter @Nullable [] known = ofAskers.get(asker.ordinal());
            if (known == null) {
                known = counters(asker);
                ofAskers.set(asker.ordinal(), known);
            }
            return known[outcome.ordinal()];
        }

        private Counter[] counters(Asking asker) {
            Counter[] all = new Counter[OUTCOMES];
            for (Outcome outcome : Outcome.values()) {
                all[outcome.ordinal()] = Counter.builder("latchkey.decisions")
                        .description("Decisions about calls to APIs")
                        .tags("api", api, "asker", label(asker), "outcome", label(outcome))
                        .register(registry);
            }
            return all;
        }
    }

    private static String label(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    DecisionCounts(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void decided(Asking asker, Decision decision) {
        @Nullable Api api = api(decision);
        of(api == null ? NO_API : api.name()).of(asker, Outcome.of(decision)).increment();
    }

    private Counters of(String api) {
        @Nullable Counters known = counters.get(api);
        if (known != null) {
            return known;
        }
        // Several new ones at the same time may exceed the limit by a few.
        String name = counters.size() < MOST_APIS ? api : OTHER_APIS;
        // Looked up first: computing takes a lock even where there is something.
        @Nullable Counters shared = counters.get(name);
        return shared == null ? counters.computeIfAbsent(name, Counters::new) : shared;
    }

    private static @Nullable Api api(Decision decision) {
        return switch (decision) {
            case Decision.Allowed allowed -> allowed.api();
            case Decision.Unauthenticated unauthenticated -> unauthenticated.api();
            case Decision.Forbidden forbidden -> forbidden.api();
            case Decision.Limited limited -> limited.api();
            case Decision.Refused refused -> refused.api();
        };
    }
}
