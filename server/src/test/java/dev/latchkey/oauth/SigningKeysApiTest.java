package dev.latchkey.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** Signing keys of a running server: rotated, withdrawn, and under load. */
class SigningKeysApiTest {
    private RunningServer server;

    @AfterEach
    void stop() {
        server.close();
    }

    private static List<String> states(Answer answer) {
        List<String> states = new ArrayList<>();
        for (JsonNode key : answer.json().get("items")) {
            states.add(key.get("state").asString());
        }
        return states;
    }

    @ParameterizedTest
    @EnumSource(TestEngine.class)
    void aWithdrawnKeyEndsAllItsAccessTokensFromTheMomentItIsAnswered(TestEngine engine) {
        server = RunningServer.start(engine);
        RunningServer.Api before = server.admin();
        RunningServer.Api other = server.admin();
        assertThat(other.get("/me").status()).isEqualTo(200);
        String key = before.get("/signing-keys")
                .json()
                .get("items")
                .get(0)
                .get("keyId")
                .asString();
        assertThat(before.post("/signing-keys/" + key + "/withdraw", "{\"reason\":\"leaked\"}")
                        .json()
                        .get("state")
                        .asString())
                .isEqualTo("withdrawn");
        assertThat(before.get("/me").status()).isEqualTo(401);
        assertThat(other.get("/me").status()).as("one that was verified before").isEqualTo(401);
        assertThat(server.get("/oauth/v2/jwks").body()).doesNotContain(key);
        assertThat(states(server.admin().get("/signing-keys"))).containsExactly("signing", "withdrawn");
    }

    /** @param ahead of the real time, in seconds */
    private static Clock faster(AtomicLong ahead) {
        return new Clock() {
            @Override
            public Instant instant() {
                return Instant.now().plusSeconds(ahead.get());
            }

            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }
        };
    }

    @ParameterizedTest
    @EnumSource(TestEngine.class)
    void noGoodAccessTokenIsRefusedWhileKeysRotateUnderLoad(TestEngine engine) throws InterruptedException {
        AtomicLong ahead = new AtomicLong();
        server = RunningServer.start(engine, faster(ahead));
        RunningServer.Api admin = server.admin();
        Credentials program = admin.createToken("Busy", "public");
        AtomicBoolean done = new AtomicBoolean();
        AtomicInteger calls = new AtomicInteger();
        List<String> failures = new CopyOnWriteArrayList<>();
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            clients.add(Thread.ofVirtual().start(() -> {
                while (!done.get()) {
                    Answer granted = server.requestAccessToken(program, "");
                    if (granted.status() != 200) {
                        failures.add(granted.status() + " " + granted.body());
                        continue;
                    }
                    Answer answer = server.api(program).get("/me");
                    if (answer.status() != 200) {
                        failures.add(answer.status() + " " + answer.body());
                    }
                    calls.incrementAndGet();
                }
            }));
        }
        for (String algorithm : List.of("EdDSA", "PS256", "RS256", "ES256", "ES256")) {
            Answer rotated = server.admin().post("/signing-keys/rotate", "{\"algorithm\":\"" + algorithm + "\"}");
            assertThat(rotated.status()).as(rotated.body()).isEqualTo(200);
            // Until the next key signs, and the last one's access tokens have expired; in steps that no client's token
            // outlives, and that a client's two calls fit into.
            for (int i = 0; i < 50; i++) {
                ahead.addAndGet(30);
                Thread.sleep(5);
            }
            assertThat(server.admin().get("/signing-keys").body()).contains("\"" + algorithm + "\"");
        }
        done.set(true);
        for (Thread client : clients) {
            client.join();
        }
        assertThat(failures).isEmpty();
        assertThat(calls.get()).isGreaterThan(20);
    }
}
