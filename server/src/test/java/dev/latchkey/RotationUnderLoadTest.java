package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.SignedJWT;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import dev.latchkey.signing.SigningAlgorithm;
import dev.latchkey.signing.SigningKeys;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/**
 * Programs that get access tokens and call with them, without a pause, while keys rotate and change their algorithm: not one
 * good access token is refused. On PostgreSQL there are two nodes, and each program gets its access tokens from one and
 * calls the other.
 */
class RotationUnderLoadTest {
    private static final int PROGRAMS = 4;

    /** Every minute of a rotation sees as many calls, at least, of every program. */
    private static final int CALLS_A_MINUTE = 3;

    private final TestClock clock = new TestClock();
    private final Queue<String> refused = new ConcurrentLinkedQueue<>();
    private final Set<String> algorithms = ConcurrentHashMap.newKeySet();
    private final Set<String> keyIds = ConcurrentHashMap.newKeySet();
    private final AtomicLong callsWithAnOlderKey = new AtomicLong();
    private volatile String newestKey = "";
    private volatile boolean done;

    /** An access token and when it ends; until then it is valid. */
    private record Held(String compact, String keyId, Instant expiresAt) {}

    private final class Program {
        final RunningServer granting;
        final RunningServer called;
        final Credentials credentials;
        final boolean thrifty;
        final AtomicLong calls = new AtomicLong();

        /** @param thrifty whether it keeps each access token for as long as it may */
        Program(RunningServer granting, RunningServer called, Credentials credentials, boolean thrifty) {
            this.granting = granting;
            this.called = called;
            this.credentials = credentials;
            this.thrifty = thrifty;
        }

        void run() {
            try {
                Held held = granted();
                while (!done) {
                    if (!thrifty || !clock.instant().isBefore(held.expiresAt())) {
                        held = granted();
                    }
                    Answer answer = called.send(called.request("/api/v1/me")
                            .header("Authorization", "Bearer " + held.compact())
                            .build());
                    // Read after the answer: if it is not over now, it was not over when it was checked.
                    if (answer.status() != 200 && clock.instant().isBefore(held.expiresAt())) {
                        refused.add(held.keyId() + ": " + answer.status() + " " + answer.body());
                    }
                    if (answer.status() == 200 && !held.keyId().equals(newestKey)) {
                        callsWithAnOlderKey.incrementAndGet();
                    }
                    calls.incrementAndGet();
                }
            } catch (RuntimeException | AssertionError | ParseException e) {
                refused.add(e.toString());
            }
        }

        private Held granted() throws ParseException {
            SignedJWT jwt = SignedJWT.parse(granting.accessToken(credentials));
            algorithms.add(jwt.getHeader().getAlgorithm().getName());
            keyIds.add(jwt.getHeader().getKeyID());
            return new Held(
                    jwt.serialize(),
                    jwt.getHeader().getKeyID(),
                    jwt.getJWTClaimsSet().getExpirationTime().toInstant());
        }
    }

    @ParameterizedTest
    @EnumSource(TestEngine.class)
    void notOneGoodAccessTokenIsRefused(TestEngine engine) throws Exception {
        try (RunningServer first = RunningServer.start(engine, clock);
                RunningServer second = engine == TestEngine.POSTGRESQL ? first.secondNode() : null) {
            RunningServer other = second == null ? first : second;
            Credentials credentials = first.admin().createToken("Under load", "public");
            List<Program> programs = new ArrayList<>();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < PROGRAMS; i++) {
                boolean odd = i % 2 == 1;
                Program program = new Program(odd ? first : other, odd ? other : first, credentials, i < PROGRAMS / 2);
                programs.add(program);
                threads.add(Thread.ofVirtual().start(program::run));
            }
            try {
                for (SigningAlgorithm algorithm : List.of(
                        SigningAlgorithm.EDDSA,
                        SigningAlgorithm.RS256,
                        SigningAlgorithm.PS256,
                        SigningAlgorithm.ES256,
                        SigningAlgorithm.ES256)) {
                    rotate(first, other, programs, algorithm);
                }
            } finally {
                done = true;
                for (Thread thread : threads) {
                    thread.join();
                }
            }
            assertThat(refused).isEmpty();
            assertThat(algorithms).containsExactlyInAnyOrder("ES256", "EdDSA", "RS256", "PS256");
            assertThat(keyIds).hasSize(6);
            assertThat(callsWithAnOlderKey).hasPositiveValue();
        }
    }

    private void rotate(RunningServer first, RunningServer other, List<Program> programs, SigningAlgorithm algorithm)
            throws InterruptedException {
        String keyId = first.admin()
                .post("/signing-keys/rotate", "{\"algorithm\":\"" + algorithm.text() + "\",\"leadMinutes\":10}")
                .json()
                .get("keyId")
                .asString();
        // In ten minutes of real time the other node would have learned of it long ago; here the test waits for it.
        Waiting.until("the new key", () -> publishes(other, keyId));
        Duration minute = Duration.ofMinutes(1);
        for (long i = 0; i < SigningKeys.LEAST_ANNOUNCED.dividedBy(minute) + 3; i++) {
            clock.advance(minute);
            if (i == SigningKeys.LEAST_ANNOUNCED.dividedBy(minute)) {
                newestKey = keyId;
            }
            first.keepHouse();
            other.keepHouse();
            List<Long> before =
                    programs.stream().map(program -> program.calls.get()).toList();
            for (int n = 0; n < programs.size(); n++) {
                Program program = programs.get(n);
                long enough = before.get(n) + CALLS_A_MINUTE;
                Waiting.until("its calls", () -> program.calls.get() >= enough || !refused.isEmpty());
            }
        }
    }

    private static boolean publishes(RunningServer server, String keyId) {
        for (JsonNode key : server.get("/oauth/v2/jwks").json().get("keys")) {
            if (key.get("kid").asString().equals(keyId)) {
                return true;
            }
        }
        return false;
    }
}
