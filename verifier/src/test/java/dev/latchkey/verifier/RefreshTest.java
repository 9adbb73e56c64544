package dev.latchkey.verifier;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import dev.latchkey.verifier.Decision.Allowed;
import dev.latchkey.verifier.Decision.Forbidden;
import dev.latchkey.verifier.Decision.Unauthenticated;
import dev.latchkey.verifier.Decision.Unavailable;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * How late a change in Latchkey takes effect, and what happens when Latchkey does not answer. Most of that is waiting,
 * so the tests wait at once.
 */
@Execution(ExecutionMode.CONCURRENT)
class RefreshTest {
    private static final String POLICY = "/api/v1/apis/billing/policy";
    private static final String KEYS = "/oauth/v2/jwks";
    private static final String TOKEN = "/oauth/v2/token";

    private final TestClock clock = new TestClock();
    private final SigningKey first = SigningKey.es256("first");
    private final SigningKey second = SigningKey.rsa("second", JWSAlgorithm.RS256, 2048);
    private final PlayedLatchkey latchkey = new PlayedLatchkey(clock, first);

    @AfterEach
    void close() {
        latchkey.close();
    }

    /** One whose refresh interval is longer than any test. */
    private Verifier quiet() {
        return latchkey.verifier().refreshInterval(Duration.ofMinutes(4)).start();
    }

    private Verifier eager() {
        return latchkey.verifier().refreshInterval(Duration.ofSeconds(1)).start();
    }

    private static Decision read(Verifier verifier, String authorization) {
        return verifier.decide("GET", "/v1/invoices/7", authorization);
    }

    private String signedBy(SigningKey key) {
        return "Bearer " + key.sign(latchkey.claims("reader").build());
    }

    @Test
    void aNewKeyCountsAtTheFirstAccessTokenThatNamesIt() {
        try (Verifier verifier = quiet()) {
            latchkey.publish(second, first);
            assertThat(read(verifier, signedBy(second))).isInstanceOf(Allowed.class);
            assertThat(read(verifier, signedBy(first))).isInstanceOf(Allowed.class);
            assertThat(latchkey.requests(KEYS)).isEqualTo(2);
        }
    }

    @Test
    void manyAtOnceWithANewKeyAreAllAcceptedAfterOneRequest() {
        try (Verifier verifier = quiet()) {
            latchkey.publish(second, first);
            latchkey.delay(KEYS, Duration.ofMillis(100));
            List<CompletableFuture<Decision>> decisions = IntStream.range(0, 20)
                    .mapToObj(i -> CompletableFuture.supplyAsync(
                            () -> read(verifier, signedBy(second)), command -> new Thread(command).start()))
                    .toList();
            assertThat(decisions)
                    .allSatisfy(decision -> assertThat(decision.join()).isInstanceOf(Allowed.class));
            assertThat(latchkey.requests(KEYS)).isEqualTo(2);
        }
    }

    @Test
    void unknownKeysDoNotFloodLatchkey() {
        try (Verifier verifier = quiet()) {
            for (int i = 0; i < 200; i++) {
                assertThat(read(verifier, signedBy(SigningKey.es256("unknown" + i))))
                        .isInstanceOf(Unauthenticated.class);
            }
            assertThat(latchkey.requests(KEYS)).isEqualTo(2);
            clock.advance(Duration.ofSeconds(4));
            read(verifier, signedBy(second));
            assertThat(latchkey.requests(KEYS)).isEqualTo(2);
            clock.advance(Duration.ofSeconds(1));
            read(verifier, signedBy(second));
            assertThat(latchkey.requests(KEYS)).isEqualTo(3);
        }
    }

    @Test
    void unknownKeysDoNotMakeCallersWaitForALatchkeyThatDoesNotAnswer() {
        try (Verifier verifier = quiet()) {
            latchkey.answer(KEYS, 500);
            read(verifier, signedBy(second));
            assertThat(latchkey.requests(KEYS)).isEqualTo(2);
            clock.advance(Duration.ofSeconds(60));
            read(verifier, signedBy(second));
            assertThat(latchkey.requests(KEYS)).isEqualTo(2);
            assertThat(read(verifier, signedBy(first))).isInstanceOf(Allowed.class);
        }
    }

    @Test
    void aSlowLatchkeyHoldsACallerForASecondAtMost() {
        try (Verifier verifier = quiet()) {
            latchkey.publish(second, first);
            latchkey.delay(KEYS, Duration.ofSeconds(3));
            long begun = System.nanoTime();
            assertThat(read(verifier, signedBy(second))).isInstanceOf(Unauthenticated.class);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(2));
        }
    }

    @Test
    void aKeyThatIsGoneTakesItsAccessTokensAlong() {
        latchkey.publish(first, second);
        try (Verifier verifier = eager()) {
            String remembered = signedBy(first);
            assertThat(read(verifier, remembered)).isInstanceOf(Allowed.class);
            latchkey.publish(second);
            Waiting.until(() -> read(verifier, remembered) instanceof Unauthenticated);
            assertThat(read(verifier, signedBy(second))).isInstanceOf(Allowed.class);
        }
    }

    @Test
    void aKeySetThatCannotBeUsedChangesNothing() {
        try (Verifier verifier = eager()) {
            latchkey.jwks = "{\"keys\":[]}";
            int asked = latchkey.requests(KEYS);
            Waiting.until(() -> latchkey.requests(KEYS) >= asked + 2);
            assertThat(read(verifier, signedBy(first))).isInstanceOf(Allowed.class);
        }
    }

    @Test
    void aRoleChangeCountsAfterTheRefreshInterval() {
        try (Verifier verifier = eager()) {
            String reader = latchkey.bearer("reader");
            assertThat(verifier.decide("POST", "/v1/invoices", reader)).isInstanceOf(Forbidden.class);
            latchkey.policy = PlayedLatchkey.POLICY.replace(
                    "\"privileges\":[\"invoices:read\"]", "\"privileges\":[\"invoices:write\"]");
            long begun = System.nanoTime();
            Waiting.until(() -> verifier.decide("POST", "/v1/invoices", reader) instanceof Allowed);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofMillis(1_500));
            assertThat(read(verifier, reader)).isInstanceOf(Forbidden.class);
        }
    }

    @Test
    void anotherAudienceCountsForAccessTokensThatWereAcceptedBefore() {
        try (Verifier verifier = eager()) {
            String reader = latchkey.bearer("reader");
            assertThat(read(verifier, reader)).isInstanceOf(Allowed.class);
            latchkey.policy = PlayedLatchkey.POLICY.replace(PlayedLatchkey.AUDIENCE, "https://moved.example");
            Waiting.until(() -> read(verifier, reader) instanceof Unauthenticated);
        }
    }

    @Test
    void anUnchangedPolicyIsNotSentAgain() {
        try (Verifier verifier = eager()) {
            Waiting.until(() -> latchkey.notModified >= 2);
            assertThat(read(verifier, latchkey.bearer("reader"))).isInstanceOf(Allowed.class);
        }
    }

    @Test
    void theAccessTokenForTheRefreshingIsUsedUntilShortlyBeforeItEnds() {
        try (Verifier verifier = latchkey.verifier()
                .refreshInterval(Duration.ofSeconds(1))
                .maximumStaleness(Duration.ofHours(1))
                .start()) {
            Waiting.until(() -> latchkey.requests(POLICY) >= 3);
            assertThat(latchkey.requests(TOKEN)).isEqualTo(1);
            clock.advance(Duration.ofSeconds(571));
            Waiting.until(() -> latchkey.requests(TOKEN) == 2);
            latchkey.accessToken = "second";
            latchkey.policy = PlayedLatchkey.POLICY.replace("invoices:read\"]", "invoices:none\"]");
            Waiting.until(() -> read(verifier, latchkey.bearer("reader")) instanceof Forbidden);
            assertThat(latchkey.requests(TOKEN)).isEqualTo(3);
        }
    }

    @Test
    void itContinuesWithTheLastPolicyUntilThatIsTooOldAndThenRefusesEverything() {
        latchkey.answer(POLICY, 200);
        try (Verifier verifier = eager()) {
            latchkey.answer(POLICY, 503);
            int asked = latchkey.requests(POLICY);
            Waiting.until(() -> latchkey.requests(POLICY) > asked);
            clock.advance(Duration.ofMinutes(4));
            assertThat(read(verifier, latchkey.bearer("reader"))).isInstanceOf(Allowed.class);
            clock.advance(Duration.ofSeconds(61));
            assertThat(read(verifier, latchkey.bearer("reader"))).isInstanceOf(Unavailable.class);
            assertThat(verifier.decide("GET", "/v1/health", null)).isInstanceOf(Unavailable.class);
            latchkey.answer(POLICY, 200);
            Waiting.until(() -> read(verifier, latchkey.bearer("reader")) instanceof Allowed);
        }
    }

    @Test
    void theKeysMustBeFreshToo() {
        try (Verifier verifier = eager()) {
            latchkey.answer(KEYS, 503);
            int asked = latchkey.requests(KEYS);
            Waiting.until(() -> latchkey.requests(KEYS) > asked);
            clock.advance(Duration.ofSeconds(301));
            assertThat(read(verifier, latchkey.bearer("reader"))).isInstanceOf(Unavailable.class);
        }
    }

    @Test
    void aClockThatIsSetBackMakesNothingFresh() {
        try (Verifier verifier = quiet()) {
            clock.advance(Duration.ofMinutes(-6));
            assertThat(read(verifier, latchkey.bearer("reader"))).isInstanceOf(Unavailable.class);
        }
    }

    @Test
    void failuresMakeThePausesLonger() {
        try (Verifier verifier = eager()) {
            latchkey.answer(KEYS, 503);
            int before = latchkey.requests(KEYS);
            // After 1, 2 and 4 seconds, each up to a fifth earlier.
            long begun = System.nanoTime();
            Waiting.until(() -> latchkey.requests(KEYS) >= before + 3);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(4_500));
        }
    }

    @Test
    void anAnswerThatNeverEndsIsGivenUp() {
        try (Verifier verifier = eager()) {
            latchkey.delay(KEYS, Duration.ofSeconds(30));
            int asked = latchkey.requests(KEYS);
            Waiting.until(() -> latchkey.requests(KEYS) > asked);
            latchkey.delay(KEYS, Duration.ZERO);
            int policies = latchkey.requests(POLICY);
            Waiting.until(() -> latchkey.requests(POLICY) > policies);
            assertThat(read(verifier, latchkey.bearer("reader"))).isInstanceOf(Allowed.class);
        }
    }

    @Test
    void aPolicyThatIsNotUnderstoodRefusesEverythingAtOnce() {
        try (Verifier verifier = eager()) {
            String reader = latchkey.bearer("reader");
            latchkey.policy = PlayedLatchkey.POLICY.replace("\"token\"", "\"by_appointment\"");
            Waiting.until(() -> read(verifier, reader).equals(new Unavailable("The access policy is not understood.")));
            assertThat(verifier.decide("GET", "/v1/health", null)).isInstanceOf(Unavailable.class);
            latchkey.policy = PlayedLatchkey.POLICY;
            Waiting.until(() -> read(verifier, reader) instanceof Allowed);
        }
    }

    @Test
    void whatIsNoPolicyOfThisApiChangesNothing() {
        try (Verifier verifier = eager()) {
            latchkey.policy = "<html>back soon</html>";
            int asked = latchkey.requests(POLICY);
            Waiting.until(() -> latchkey.requests(POLICY) >= asked + 2);
            assertThat(read(verifier, latchkey.bearer("reader"))).isInstanceOf(Allowed.class);
        }
    }

    @Test
    void aClosedVerifierAllowsNothingAndAsksNothing() {
        Verifier verifier = eager();
        verifier.close();
        verifier.close();
        assertThat(verifier.decide("GET", "/v1/health", null)).isEqualTo(new Unavailable("The verifier is closed."));
        int asked = latchkey.requests(KEYS);
        // Another verifier, which is open, asks in the meantime.
        try (PlayedLatchkey other = new PlayedLatchkey(clock, first);
                Verifier open =
                        other.verifier().refreshInterval(Duration.ofSeconds(1)).start()) {
            Waiting.until(() -> other.requests(KEYS) >= 2);
            assertThat(read(open, other.bearer("reader"))).isInstanceOf(Allowed.class);
        }
        assertThat(latchkey.requests(KEYS)).isEqualTo(asked);
    }
}
