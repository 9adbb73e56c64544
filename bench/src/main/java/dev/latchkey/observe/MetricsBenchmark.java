package dev.latchkey.observe;

import dev.latchkey.gate.Decision;
import dev.latchkey.gate.DecisionRecorder.Asking;
import dev.latchkey.http.RequestRecorder;
import dev.latchkey.oauth.TokenRequestRecorder;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;

/** What metrics add to a request, on two threads that record the same. */
@State(Scope.Benchmark)
@Threads(2)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MetricsBenchmark {
    private static final long TOOK = 40_000;

    private final Metrics metrics = Metrics.on();
    private final RequestRecorder.OfRoute gate = metrics.requests().route(RequestRecorder.ANY_METHOD, "/gate/v1/...");
    private final Decision decision = new Decision.Refused(null, "no_api", "", null);

    /** A gate check: a decision and a request. */
    @Benchmark
    public void gateCheck() {
        long began = System.nanoTime();
        metrics.decisions().decided(Asking.GATEWAY, decision);
        gate.answered(200, System.nanoTime() - began + TOOK);
    }

    /** A token request, and the request at the endpoint. */
    @Benchmark
    public void tokenRequest() {
        long began = System.nanoTime();
        metrics.tokenRequests()
                .answered("client_credentials", "client_secret_basic", TokenRequestRecorder.ISSUED, TOOK);
        gate.answered(200, System.nanoTime() - began + TOOK);
    }
}
