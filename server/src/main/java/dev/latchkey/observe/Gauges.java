package dev.latchkey.observe;

import dev.latchkey.database.PoolFigures;
import dev.latchkey.figure.CacheFigures;
import dev.latchkey.http.HttpServer;
import dev.latchkey.http.Throttle;
import dev.latchkey.lane.Lane;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Shows numbers that parts tell about themselves. They are read when the metrics are, and at no other time, so what
 * is listed here costs the requests nothing.
 */
public final class Gauges implements AutoCloseable {
    private final Meters meters;
    private final JvmGcMetrics collections = new JvmGcMetrics();

    Gauges(MeterRegistry registry) {
        this.meters = new Meters(registry);
    }

    /** A lane: a bounded set of threads for one kind of work. */
    public void lane(Supplier<Lane.Figures> lane) {
        Tags tags = Tags.of("lane", lane.get().name());
        meters.gauge(
                "lane.running",
                "Callers at work in the lane",
                tags,
                () -> lane.get().atWork());
        meters.gauge(
                "lane.places",
                "How many callers may be at work in the lane at once",
                tags,
                () -> lane.get().places());
        meters.gauge(
                "lane.waiting",
                "Callers that wait for a place in the lane",
                tags,
                () -> lane.get().waiting());
        meters.counter(
                "lane.refused",
                "Callers that the lane refused",
                tags,
                () -> lane.get().refused());
        meters.timer(
                "lane.work",
                "Pieces of work that the lane has done, and how long they took",
                tags,
                () -> lane.get().done().number(),
                () -> lane.get().done().nanos());
        meters.seconds(
                "lane.waited",
                "How long callers have waited for a place",
                tags,
                () -> lane.get().waitedNanos());
    }

    /** A cache, with how often it had what was wanted. */
    public void cache(String name, Supplier<CacheFigures> cache) {
        Tags tags = Tags.of("cache", name);
        meters.gauge(
                "cache.entries", "Entries of the cache", tags, () -> cache.get().size());
        meters.counter(
                "cache.hits",
                "How often the cache had what was wanted",
                tags,
                () -> cache.get().hits());
        meters.counter(
                "cache.misses", "How often it did not", tags, () -> cache.get().misses());
    }

    /** Something that must be remembered, up to a limit. */
    public void memory(String name, LongSupplier size) {
        meters.gauge("remembered", "What is remembered until it expires", Tags.of("what", name), size::getAsLong);
    }

    /** What slows down callers who keep failing. */
    public void throttle(String name, Supplier<Throttle.Figures> throttle) {
        Tags tags = Tags.of("throttle", name);
        meters.gauge(
                "throttle.callers",
                "Callers whose failures are remembered",
                tags,
                () -> throttle.get().remembered());
        meters.counter(
                "throttle.delays",
                "Attempts that were told to wait",
                tags,
                () -> throttle.get().slowedDown());
    }

    /** A pool of connections to the database. */
    public void pool(Supplier<PoolFigures> pool) {
        String name = "database.connections";
        String what = "Connections to the database";
        Tags tags = Tags.of("pool", pool.get().name());
        meters.gauge(name, what, tags.and("state", "in_use"), () -> pool.get().inUse());
        meters.gauge(name, what, tags.and("state", "idle"), () -> pool.get().idle());
        meters.gauge(
                name + ".limit",
                "How many connections the pool may have",
                tags,
                () -> pool.get().most());
        meters.gauge(
                name + ".awaited",
                "Threads that wait for a connection",
                tags,
                () -> pool.get().waiting());
    }

    /** A port on which this node listens. */
    public void port(String name, HttpServer server) {
        Tags tags = Tags.of("port", name);
        meters.gauge("http.connections", "Open connections", tags, server::openConnections);
        meters.gauge(
                "http.requests.in.progress",
                "Requests in progress, apart from those in lanes",
                tags,
                server::requestsInProgress);
    }

    /** The state of the node, which does not depend on any of its parts. */
    public NodeGauges node() {
        return new NodeGauges(meters);
    }

    /** The Java virtual machine and its process, under the names that Micrometer gives them. */
    public void jvm() {
        meters.bind(new JvmMemoryMetrics());
        meters.bind(collections);
        meters.bind(new JvmThreadMetrics());
        meters.bind(new ClassLoaderMetrics());
        meters.bind(new ProcessorMetrics());
        meters.bind(new FileDescriptorMetrics());
        meters.bind(new UptimeMetrics());
    }

    @Override
    public void close() {
        collections.close();
    }
}
