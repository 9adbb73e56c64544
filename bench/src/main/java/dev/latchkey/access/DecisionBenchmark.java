package dev.latchkey.access;

import dev.latchkey.access.Endpoint.Requirement;
import dev.latchkey.limit.CallLimits;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * The cost of a decision once the caller is known: find the API, find the endpoint that the request matches, and test the role's
 * privilege. It is in the package that it measures, because the constructors are package-private.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DecisionBenchmark {
    private static final String ROLE = "reader";

    @Param({"10", "1000", "5000"})
    public int endpoints;

    private AccessPolicy policy = new AccessPolicy(List.of(), List.of());

    @Setup
    public void register() {
        List<Endpoint> all = new ArrayList<>();
        TreeSet<Privilege> held = new TreeSet<>();
        TreeMap<String, String> privileges = new TreeMap<>();
        for (int i = 0; i < endpoints; i++) {
            Privilege privilege = new Privilege("large", "group" + i % 100 + ":read");
            held.add(privilege);
            privileges.put(privilege.name(), "");
            String path = "/group" + i % 100 + "/things" + i;
            all.add(new Endpoint(
                    i % 3 == 0 ? "POST" : "GET",
                    i % 2 == 0 ? path : path + "/{id}",
                    new Requirement.Holds(privilege),
                    ""));
        }
        all.add(new Endpoint("GET", "/group1/last", new Requirement.Holds(new Privilege("large", "group1:read")), ""));
        all.add(new Endpoint(
                "GET",
                "/group1/last/{id}/parts/{part}",
                new Requirement.Holds(new Privilege("large", "group1:read")),
                ""));
        Api api = new Api(
                "large",
                "",
                "https://large.example",
                List.of(),
                "",
                privileges,
                new TreeMap<>(),
                KeyPlaces.NONE,
                false,
                CallLimits.NONE,
                new Endpoints("", all),
                Instant.EPOCH,
                "",
                1);
        Role role = new Role(ROLE, new RoleTerms("", held, new TreeSet<>(), new TreeSet<>()), Instant.EPOCH, "", 1);
        policy = new AccessPolicy(List.of(role), List.of(api));
    }

    private boolean decide(String target) {
        Api api = policy.api("large").orElseThrow();
        return api.endpoints().find("GET", target) instanceof Endpoint endpoint
                && endpoint.isOpenTo(policy.effective(ROLE));
    }

    @Benchmark
    public boolean literal() {
        return decide("/group1/last");
    }

    @Benchmark
    public boolean parameters() {
        return decide("/group1/last/4711/parts/a-part-with-a-longer-name?page=3&size=20");
    }

    @Benchmark
    public boolean encoded() {
        return decide("/group1/last/a%20b/parts/%C3%A4");
    }

    @Benchmark
    public boolean noEndpoint() {
        return decide("/group1/nothing/4711");
    }

    @Benchmark
    public boolean doubtful() {
        return decide("/group1/LAST");
    }
}
