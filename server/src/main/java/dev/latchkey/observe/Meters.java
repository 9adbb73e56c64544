package dev.latchkey.observe;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Registers meters that read a number when they are asked. */
final class Meters {
    private static final String PREFIX = "latchkey.";
    private static final double NANOS = 1e9;

    private final MeterRegistry registry;

    /** The registry itself refers to what its counters read so weakly that it would be collected. */
    private final List<Object> kept = new CopyOnWriteArrayList<>();

    Meters(MeterRegistry registry) {
        this.registry = registry;
    }

    void gauge(String name, String description, Tags tags, Supplier<Number> number) {
        Gauge.builder(PREFIX + name, number).description(description).tags(tags).register(registry);
    }

    /** A gauge in seconds. */
    void age(String name, String description, Supplier<Number> seconds) {
        Gauge.builder(PREFIX + name, seconds)
                .description(description)
                .baseUnit("seconds")
                .register(registry);
    }

    /** A gauge that is 1 for yes and 0 for no. */
    void state(String name, String description, Supplier<Boolean> isSo) {
        gauge(name, description, Tags.empty(), () -> isSo.get() ? 1 : 0);
    }

    void counter(String name, String description, Tags tags, LongSupplier number) {
        kept.add(number);
        FunctionCounter.builder(PREFIX + name, number, LongSupplier::getAsLong)
                .description(description)
                .tags(tags)
                .register(registry);
    }

    /** A counter of seconds. */
    void seconds(String name, String description, Tags tags, LongSupplier nanos) {
        kept.add(nanos);
        FunctionCounter.builder(PREFIX + name, nanos, source -> source.getAsLong() / NANOS)
                .description(description)
                .baseUnit("seconds")
                .tags(tags)
                .register(registry);
    }

    /** A number of pieces of work, and how long they took in total. */
    void timer(String name, String description, Tags tags, LongSupplier number, LongSupplier nanos) {
        kept.add(number);
        FunctionTimer.builder(
                        PREFIX + name,
                        number,
                        LongSupplier::getAsLong,
                        ignored -> nanos.getAsLong(),
                        TimeUnit.NANOSECONDS)
                .description(description)
                .tags(tags)
                .register(registry);
    }

    void bind(MeterBinder binder) {
        kept.add(binder);
        binder.bindTo(registry);
    }
}
