package dev.latchkey.observe;

import dev.latchkey.access.ManagementApi;
import dev.latchkey.gate.Guard;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.lane.Lane;
import dev.latchkey.problem.Problem;
import dev.latchkey.usage.Called;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** {@code GET /metrics}, in Prometheus' text format. */
public final class MetricsEndpoint implements AutoCloseable {
    public static final String PATH = "/metrics";
    private static final String MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final Metrics metrics;

    /** Writing thousands of lines takes milliseconds, and however many ask, it takes no more than one thread. */
    private final Lane lane =
            new Lane("metrics", Lane.Pace.USUAL, new Lane.Bounds(1, 4, Duration.ofSeconds(5)), Problem::busy);

    public MetricsEndpoint(Metrics metrics) {
        this.metrics = metrics;
        metrics.show(gauges -> gauges.lane(lane::figures));
    }

    /** Adds it for programs that have the privilege. */
    public void addTo(Routes.Builder routes, Guard guard) {
        routes.inLane(lane)
                .add(
                        "GET",
                        PATH,
                        guard.protect(
                                new Called(ManagementApi.NAME, "GET", PATH),
                                ManagementApi.METRICS_READ,
                                (caller, request) -> answer()));
    }

    /** The routes of the port for metrics, where it is open to everyone who reaches the port. */
    public Routes routes() {
        return Routes.builder(metrics.requests())
                .inLane(lane)
                .add("GET", PATH, request -> answer())
                .build();
    }

    private Response answer() {
        return Response.of(200, MEDIA_TYPE, metrics.text().getBytes(StandardCharsets.UTF_8))
                .with("Cache-Control", "no-store");
    }

    @Override
    public void close() {
        lane.close();
    }
}
