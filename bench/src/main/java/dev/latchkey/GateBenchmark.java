package dev.latchkey;

import dev.latchkey.access.Caller;
import dev.latchkey.access.Endpoint;
import dev.latchkey.access.Endpoint.Requirement;
import dev.latchkey.access.Privilege;
import dev.latchkey.access.RoleTerms;
import dev.latchkey.apitoken.ApiTokenTerms;
import dev.latchkey.apitoken.ApiTokens;
import dev.latchkey.bench.Http;
import dev.latchkey.bench.TemporaryFolder;
import dev.latchkey.gate.GateEndpoint;
import dev.latchkey.http.BasePath;
import dev.latchkey.http.Headers;
import dev.latchkey.http.Parameters;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.registry.ApiTerms;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
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
import org.openjdk.jmh.annotations.TearDown;

/** What the gate does for one question, from the fields of the request to those of the answer; the rest of it is HTTP. */
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up before anything else.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class GateBenchmark {
    private static final Caller SYSTEM = Caller.system("bench");
    private static final String AUDIENCE = "https://bench.example";

    /** How many take turns, each of another API token. */
    @Param({"1", "1000"})
    public int accessTokens;

    private TemporaryFolder folder;
    private Server server;
    private GateEndpoint gate;
    private Request[] requests;
    private int next;

    @Setup
    public void start() throws IOException {
        folder = new TemporaryFolder("latchkey-bench");
        Path data = folder.path().resolve("data");
        Map<Setting<?>, String> flags = new LinkedHashMap<>();
        flags.put(Setting.PORT, "0");
        flags.put(Setting.DATA, data.toString());
        flags.put(Setting.ADMIN_EMAIL, "bench@example.com");
        flags.put(Setting.ADMIN_PASSWORD, "a password for the bench");
        server = Server.start(Settings.read(flags, Map.of(), Optional.empty()));
        gate = new GateEndpoint(server.parts().gate, server.issuer(), false);
        register(server.parts());
        requests = new Request[accessTokens];
        for (int i = 0; i < accessTokens; i++) {
            requests[i] = request(accessToken());
        }
    }

    @TearDown
    public void stop() {
        server.close();
        folder.close();
    }

    private static void register(Parts parts) {
        Privilege read = new Privilege("bench", "invoices:read");
        List<Endpoint> endpoints = List.of(new Endpoint("GET", "/invoices/{id}", new Requirement.Holds(read), ""));
        ApiTerms api = new ApiTerms("Bench", AUDIENCE, List.of("bench.example"), "", new TreeMap<>(), endpoints);
        parts.apis.create(SYSTEM, "bench", api, null);
        SortedSet<Privilege> allowed = new TreeSet<>(List.of(read));
        parts.roles.create(SYSTEM, "caller", new RoleTerms("Bench", allowed, new TreeSet<>(), new TreeSet<>()), null);
    }

    private String accessToken() {
        ApiTokens.Created created = server.parts()
                .apiTokens
                .create(SYSTEM, "caller", ApiTokenTerms.withSecret("Bench", null), null)
                .value();
        return Http.accessToken(
                server.issuer(),
                created.apiToken().clientId(),
                String.valueOf(
                        created.secret() == null ? null : created.secret().value()),
                "&resource=" + AUDIENCE);
    }

    /** As nginx asks. */
    private static Request request(String accessToken) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("Host", "latchkey.example");
        fields.put("X-Original-Method", "GET");
        fields.put("X-Original-URI", "/invoices/42");
        fields.put("X-Original-Host", "bench.example");
        fields.put("User-Agent", "bench/1.0");
        fields.put("Authorization", "Bearer " + accessToken);
        return new Request(
                "GET",
                new Request.Resource("/gate/v1/nginx/bench", "/gate/v1/nginx/bench", Map.of(), Parameters.NONE),
                Headers.of(fields),
                new byte[0],
                new Request.Sender("192.0.2.7", false, List.of()),
                BasePath.ROOT);
    }

    @Benchmark
    public Response check() {
        next = next + 1 == requests.length ? 0 : next + 1;
        Response response = gate.handle(requests[next]);
        if (response.status() != 200) {
            throw new IllegalStateException("the gate answers " + response.status());
        }
        return response;
    }
}
