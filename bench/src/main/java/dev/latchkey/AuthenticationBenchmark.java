package dev.latchkey;

import dev.latchkey.apitoken.Credentials;
import dev.latchkey.apitoken.Credentials.Authentication;
import dev.latchkey.bench.Filling;
import dev.latchkey.bench.TemporaryFolder;
import dev.latchkey.crypto.KeyedHash;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.event.Origin;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
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

/** The cost of authenticating a program by its secret: the hash alone, with the token in the cache, and without. */
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up before anything else.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class AuthenticationBenchmark {
    private static final Origin ORIGIN = new Origin("192.0.2.7", "bench");

    /** Twice what the cache holds: walking through all of them in order finds none. */
    @Param("200000")
    public int tokens;

    private TemporaryFolder folder;
    private Server server;
    private Credentials credentials;
    private KeyedHash hashes;
    private String account;
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
        Settings settings = Settings.read(flags, Map.of(), Optional.empty());
        Server.start(settings).close();
        account = Filling.fill(data, tokens);
        server = Server.start(settings);
        credentials = server.parts().credentials;
        hashes = new KeyedHash(
                MasterKey.parse(Base64.getEncoder().encodeToString(new byte[32]), "the bench"), "api token secret");
    }

    @TearDown
    public void stop() {
        server.close();
        folder.close();
    }

    @Benchmark
    public String hash() {
        return hashes.of("lks_0123456789abcdef0123456789abcdef0123456789abcdef0");
    }

    @Benchmark
    public boolean tokenInTheCache() {
        return authenticated(1);
    }

    @Benchmark
    public boolean tokenInTheDatabase() {
        next = next >= tokens - 10 ? 0 : next + (next % 10 == 8 ? 2 : 1);
        return authenticated(next);
    }

    private boolean authenticated(int number) {
        Authentication result =
                credentials.authenticate(Filling.clientId(account, number), Filling.secret(number), ORIGIN);
        if (!(result instanceof Authentication.Accepted)) {
            throw new IllegalStateException(number + " " + result);
        }
        return true;
    }
}
