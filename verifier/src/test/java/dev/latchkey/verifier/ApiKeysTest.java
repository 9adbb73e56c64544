package dev.latchkey.verifier;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.latchkey.verifier.Decision.Allowed;
import dev.latchkey.verifier.Decision.Forbidden;
import dev.latchkey.verifier.Decision.Limited;
import dev.latchkey.verifier.Decision.Unauthenticated;
import dev.latchkey.verifier.Decision.Unavailable;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** API keys say nothing about themselves, so the verifier asks Latchkey about them and remembers the answer for a moment. */
class ApiKeysTest {
    private static final String VERIFY = "/api/v1/verify";
    private static final String KEY = "lkk_0123456789abcdefTheRest";
    private static final String CLIENT_ID = "abc123.0123456789abcdef";

    private final TestClock clock = new TestClock();
    private final PlayedLatchkey latchkey = new PlayedLatchkey(clock, SigningKey.es256("one")).takingKeys();

    @AfterEach
    void close() {
        latchkey.close();
    }

    private Verifier started() {
        latchkey.know(KEY, CLIENT_ID, "reader");
        return latchkey.verifier().refreshInterval(Duration.ofMinutes(4)).start();
    }

    private static Call call(String method, String target, String... headers) {
        return Call.of(method, target, name -> {
            List<String> values = new ArrayList<>();
            for (int i = 0; i < headers.length; i += 2) {
                if (headers[i].equalsIgnoreCase(name)) {
                    values.add(headers[i + 1]);
                }
            }
            return values;
        });
    }

    private static Decision read(Verifier verifier, String key) {
        return verifier.decide(call("GET", "/v1/invoices/7", "X-API-Key", key));
    }

    private static String basic(String pair) {
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    private static void assertUnauthenticated(Decision decision, String reason) {
        assertThat(decision).isEqualTo(new Unauthenticated(true, reason));
    }

    @Test
    void aKeyOpensWhatItsRoleOpensInEachPlace() {
        try (Verifier verifier = started()) {
            for (Call call : List.of(
                    call("GET", "/v1/invoices/7", "X-API-Key", KEY),
                    call("GET", "/v1/invoices/7", "x-api-key", KEY),
                    call("GET", "/v1/invoices/7", "Authorization", "Bearer " + KEY),
                    call("GET", "/v1/invoices/7", "Authorization", "bearer   " + KEY),
                    call("GET", "/v1/invoices/7", "Authorization", basic(KEY + ":")),
                    call("GET", "/v1/invoices/7", "Authorization", basic("anyone:" + KEY)),
                    call("GET", "/v1/invoices/7?page=2&api%5Fkey=" + KEY))) {
                assertThat(verifier.decide(call)).isInstanceOfSatisfying(Allowed.class, allowed -> {
                    assertThat(allowed.client().clientId()).isEqualTo(CLIENT_ID);
                    assertThat(allowed.client().roles()).containsExactly("reader");
                    assertThat(allowed.client().account()).isEqualTo("abc123");
                    assertThat(allowed.client().scopes()).containsExactly("invoices:read");
                });
            }
            assertThat(verifier.decide(call("POST", "/v1/invoices", "X-API-Key", KEY)))
                    .isInstanceOfSatisfying(
                            Forbidden.class,
                            forbidden -> assertThat(forbidden.missing()).containsExactly("invoices:write"));
            assertThat(verifier.decide(call("GET", "/v1/nothing", "X-API-Key", KEY)))
                    .isInstanceOf(Forbidden.class);
        }
    }

    @Test
    void aKeyThatAnotherSystemIssuedIsTakenInEachPlaceAsWell() {
        String foreign = "acme_live_" + "x".repeat(490);
        latchkey.know(foreign, CLIENT_ID, "reader");
        try (Verifier verifier = started()) {
            for (Call call : List.of(
                    call("GET", "/v1/invoices/7", "X-API-Key", foreign),
                    call("GET", "/v1/invoices/7", "Authorization", "Bearer " + foreign),
                    call("GET", "/v1/invoices/7", "Authorization", basic("anyone:" + foreign)),
                    call("GET", "/v1/invoices/7?api_key=" + foreign))) {
                assertThat(verifier.decide(call)).isInstanceOf(Allowed.class);
            }
        }
    }

    @Test
    void anAccessTokenIsNotAskedAbout() {
        try (Verifier verifier = started()) {
            assertThat(verifier.decide("GET", "/v1/invoices/7", latchkey.bearer("reader")))
                    .isInstanceOf(Allowed.class);
            assertThat(verifier.decide("GET", "/v1/invoices/7", null))
                    .isEqualTo(new Unauthenticated(
                            false,
                            "Send an access token for https://billing.example as Authorization: Bearer, or an API key"
                                    + " (Authorization: Bearer, the header field X-API-Key, HTTP Basic, the query"
                                    + " parameter api_key)."));
            assertThat(latchkey.requests(VERIFY)).isZero();
        }
    }

    @Test
    void noKeyIsAskedAboutUnlessTheApiTakesKeys() {
        latchkey.policy = PlayedLatchkey.POLICY;
        try (Verifier verifier = started()) {
            assertThat(read(verifier, KEY)).isInstanceOf(Unauthenticated.class);
            assertThat(verifier.decide(call("GET", "/v1/invoices/7?api_key=" + KEY)))
                    .isInstanceOf(Unauthenticated.class);
            assertUnauthenticated(
                    verifier.decide("GET", "/v1/invoices/7", "Bearer " + KEY),
                    "This API does not take API keys in the Authorization field.");
            assertUnauthenticated(
                    verifier.decide("GET", "/v1/invoices/7", basic(KEY + ":")),
                    "Send an access token as Authorization: Bearer.");
            assertThat(latchkey.requests(VERIFY)).isZero();
        }
    }

    @Test
    void twoCredentialsAtOnceAreRefused() {
        try (Verifier verifier = started()) {
            for (Call call : List.of(
                    call("GET", "/v1/me", "X-API-Key", KEY, "X-API-Key", KEY),
                    call("GET", "/v1/me", "X-API-Key", KEY, "Authorization", latchkey.bearer("reader")),
                    call("GET", "/v1/me?api_key=" + KEY, "Authorization", "Bearer " + KEY),
                    call("GET", "/v1/me?api_key=" + KEY + "&api_key=" + KEY))) {
                assertUnauthenticated(verifier.decide(call), "The request carries more than one credential. Send one.");
            }
            assertThat(latchkey.requests(VERIFY)).isZero();
        }
    }

    @Test
    void aRevocationIsNoticedAfterTwoSecondsAtMost() {
        try (Verifier verifier = started()) {
            assertThat(read(verifier, KEY)).isInstanceOf(Allowed.class);
            latchkey.forget(KEY);
            clock.advance(Duration.ofMillis(1_999));
            assertThat(read(verifier, KEY)).isInstanceOf(Allowed.class);
            assertThat(verifier.decide(call("GET", "/v1/me", "X-API-Key", KEY)))
                    .as("another call with the same key")
                    .isInstanceOf(Allowed.class);
            assertThat(latchkey.requests(VERIFY)).isEqualTo(1);
            clock.advance(Duration.ofMillis(1));
            assertUnauthenticated(read(verifier, KEY), "The API key is not valid.");
        }
    }

    @Test
    void aRefusalIsRememberedForHalfASecond() {
        try (Verifier verifier = started()) {
            assertUnauthenticated(read(verifier, "lkk_new"), "The API key is not valid.");
            latchkey.know("lkk_new", "abc123.new", "reader");
            clock.advance(Duration.ofMillis(499));
            assertThat(read(verifier, "lkk_new")).isInstanceOf(Unauthenticated.class);
            assertThat(latchkey.requests(VERIFY)).isEqualTo(1);
            clock.advance(Duration.ofMillis(1));
            assertThat(read(verifier, "lkk_new")).isInstanceOf(Allowed.class);
        }
    }

    @Test
    void aClockThatWasSetBackMakesItAskAgain() {
        try (Verifier verifier = started()) {
            assertThat(read(verifier, KEY)).isInstanceOf(Allowed.class);
            latchkey.forget(KEY);
            clock.advance(Duration.ofMinutes(-1));
            assertThat(read(verifier, KEY)).isInstanceOf(Unauthenticated.class);
        }
    }

    @Test
    void withoutMemoryItAsksForEachCall() {
        latchkey.know(KEY, CLIENT_ID, "reader");
        try (Verifier verifier = latchkey.verifier().keyMemory(Duration.ZERO).start()) {
            for (int i = 0; i < 3; i++) {
                assertThat(read(verifier, KEY)).isInstanceOf(Allowed.class);
            }
            assertThat(latchkey.requests(VERIFY)).isEqualTo(3);
        }
    }

    @Test
    void theQuestionHasThePathAndTheAddressButNotTheQueryWhichMayHoldTheKey() throws Exception {
        try (Verifier verifier = started()) {
            Call call = call("GET", "/v1/invoices/7?api_key=" + KEY);
            verifier.decide(call);
            verifier.decide(call.from("[2001:db8::7]"));
            verifier.decide(call.from("fe80::1%eth0"));
            verifier.decide(call.from("fe80::1"));
            List<Map<String, Object>> asked = new ArrayList<>();
            for (String question : latchkey.questions) {
                asked.add(JSONObjectUtils.parse(question));
            }
            assertThat(asked)
                    .containsExactly(
                            Map.of("credential", KEY, "api", "billing", "method", "GET", "path", "/v1/invoices/7"),
                            Map.of(
                                    "credential",
                                    KEY,
                                    "api",
                                    "billing",
                                    "method",
                                    "GET",
                                    "path",
                                    "/v1/invoices/7",
                                    "address",
                                    "2001:db8::7"),
                            Map.of(
                                    "credential",
                                    KEY,
                                    "api",
                                    "billing",
                                    "method",
                                    "GET",
                                    "path",
                                    "/v1/invoices/7",
                                    "address",
                                    "fe80::1"));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 403, 404, 422, 429, 500, 503})
    void whatCannotBeAskedIsRefusedForNowAndPublicEndpointsStayOpen(int status) {
        try (Verifier verifier = started()) {
            latchkey.answer(VERIFY, status);
            assertThat(read(verifier, KEY))
                    .isEqualTo(new Unavailable("API keys cannot be checked now. Try again in a moment."));
            assertThat(verifier.decide(call("GET", "/v1/health", "X-API-Key", KEY)))
                    .isInstanceOfSatisfying(
                            Allowed.class,
                            allowed -> assertThat(allowed.client()).isNull());
            latchkey.answer(VERIFY, 200);
            assertThat(read(verifier, KEY)).as("nothing was remembered").isInstanceOf(Allowed.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"allowed\":\"yes\",\"code\":\"x\"}",
                "{\"allowed\":false}",
                "{\"allowed\":false,\"code\":\"no_api\",\"detail\":\"x\"}",
                "{\"allowed\":true,\"clientId\":7,\"role\":\"writer\"}",
                "{\"allowed\":true,\"clientId\":\"a.b\"}"
            })
    void anAnswerThatIsNotUnderstoodIsNoPermission(String reply) {
        try (Verifier verifier = started()) {
            latchkey.say(KEY, reply);
            assertThat(read(verifier, KEY)).isInstanceOf(Unavailable.class);
        }
    }

    @Test
    void aLimitRefusesTheCallAlthoughTheKeyIsValid() {
        String limited =
                "{\"allowed\":false,\"code\":\"rate_limited\",\"detail\":\"Too much.\",\"clientId\":\"" + CLIENT_ID
                        + "\",\"account\":\"abc123\",\"role\":\"reader\",\"limit\":\"token-per-day\",\"retryAfter\":30}";
        try (Verifier verifier = started()) {
            latchkey.say(KEY, limited);
            assertThat(verifier.decide(call("GET", "/v1/health", "X-API-Key", KEY)))
                    .as("at a public endpoint, as behind a gateway")
                    .isEqualTo(new Limited("Too much.", 30));
            assertThat(read(verifier, KEY)).isInstanceOfSatisfying(Limited.class, refused -> {
                assertThat(verifier.answer(refused).status()).isEqualTo(429);
                assertThat(verifier.answer(refused).headers()).containsEntry("Retry-After", "30");
                assertThat(verifier.answer(refused).body()).contains("\"code\":\"rate_limited\"");
            });
            latchkey.know(KEY, CLIENT_ID, "reader");
            clock.advance(Duration.ofMillis(500));
            assertThat(read(verifier, KEY))
                    .as("a refusal is remembered for half a second")
                    .isInstanceOf(Allowed.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/invoices/7", "/v1/health"})
    void aRefusalForWhichNoLimitWasAskedOpensNoOtherCall(String target) {
        String noEndpoint = "{\"allowed\":false,\"code\":\"no_endpoint\",\"detail\":\"No.\",\"clientId\":\"" + CLIENT_ID
                + "\",\"account\":\"abc123\",\"role\":\"reader\",\"privileges\":[\"invoices:read\"]}";
        try (Verifier verifier = started()) {
            latchkey.say(KEY, noEndpoint);
            assertThat(verifier.decide(call("GET", "/v1/nothing", "X-API-Key", KEY)))
                    .isInstanceOf(Forbidden.class);
            assertThat(verifier.decide(call("GET", "/v1/nothing", "X-API-Key", KEY)))
                    .isInstanceOf(Forbidden.class);
            assertThat(verifier.decide(call("POST", "/v1/invoices", "X-API-Key", KEY)))
                    .isInstanceOf(Forbidden.class);
            assertThat(latchkey.requests(VERIFY))
                    .as("who has the key is enough to refuse")
                    .isEqualTo(1);
            latchkey.say(
                    KEY,
                    "{\"allowed\":false,\"code\":\"rate_limited\",\"detail\":\"Too much.\",\"clientId\":\"" + CLIENT_ID
                            + "\",\"role\":\"reader\",\"retryAfter\":30}");
            assertThat(verifier.decide(call("GET", target, "X-API-Key", KEY))).isEqualTo(new Limited("Too much.", 30));
        }
    }

    @Test
    void thatAPublicEndpointIsOpenSaysNothingAboutTheKey() {
        try (Verifier verifier = started()) {
            latchkey.say(KEY, "{\"allowed\":true,\"endpoint\":\"GET /health\"}");
            assertThat(verifier.decide(call("GET", "/v1/health", "X-API-Key", KEY)))
                    .isInstanceOfSatisfying(
                            Allowed.class,
                            allowed -> assertThat(allowed.client()).isNull());
            latchkey.know(KEY, CLIENT_ID, "reader");
            assertThat(read(verifier, KEY)).as("it was not remembered").isInstanceOf(Allowed.class);
        }
    }

    @Test
    void whatCannotBeAKeyIsNotAskedAbout() {
        try (Verifier verifier = started()) {
            for (String text : List.of("", " ", "x".repeat(501))) {
                assertUnauthenticated(
                        read(verifier, text), "This is not an API key of this server. Was it copied whole?");
            }
            assertUnauthenticated(
                    verifier.decide("GET", "/v1/invoices/7", "Basic !"),
                    "This is not an API key of this server. Was it copied whole?");
            assertThat(latchkey.requests(VERIFY)).isZero();
        }
    }

    @Test
    void aDoubtfulCallIsRefusedWhateverTheKeyMayDo() {
        try (Verifier verifier = started()) {
            latchkey.know(KEY, CLIENT_ID, "writer");
            assertThat(verifier.decide(call("GET", "/v1/invoices/7?_method=DELETE", "X-API-Key", KEY)))
                    .isInstanceOfSatisfying(
                            Forbidden.class,
                            forbidden -> assertThat(forbidden.code()).isEqualTo("doubtful_request"));
            assertThat(verifier.decide(
                            call("GET", "/v1/invoices/7", "X-API-Key", KEY, "X-HTTP-Method-Override", "DELETE")))
                    .isInstanceOf(Forbidden.class);
        }
    }

    @Test
    void manyCallsWithOneKeyAtOnceAreOneQuestion() {
        try (Verifier verifier = started()) {
            latchkey.delay(VERIFY, Duration.ofMillis(200));
            List<CompletableFuture<Decision>> decisions = IntStream.range(0, 20)
                    .mapToObj(i -> CompletableFuture.supplyAsync(
                            () -> read(verifier, KEY), command -> new Thread(command).start()))
                    .toList();
            assertThat(decisions)
                    .allSatisfy(decision -> assertThat(decision.join()).isInstanceOf(Allowed.class));
            assertThat(latchkey.requests(VERIFY)).isEqualTo(1);
        }
    }

    @Test
    void anAnswerThatTookLongIsNotUsedForCallsThatCameLater() {
        try (Verifier verifier = started()) {
            latchkey.delay(VERIFY, Duration.ofMillis(300));
            CompletableFuture<Decision> first =
                    CompletableFuture.supplyAsync(() -> read(verifier, KEY), command -> new Thread(command).start());
            Waiting.until(() -> latchkey.requests(VERIFY) == 1);
            clock.advance(Duration.ofSeconds(2));
            assertThat(read(verifier, KEY)).isInstanceOf(Allowed.class);
            assertThat(first.join()).isInstanceOf(Allowed.class);
            assertThat(latchkey.requests(VERIFY)).isEqualTo(2);
        }
    }

    @Test
    void anAccessTokenOfTheVerifierThatHasEndedIsReplaced() {
        try (Verifier verifier = started()) {
            latchkey.accessToken = "second";
            assertThat(read(verifier, KEY)).isInstanceOf(Allowed.class);
            assertThat(latchkey.requests("/oauth/v2/token")).isEqualTo(2);
        }
    }

    @Test
    void theMemoryIsBounded() {
        Latchkey client = new Latchkey(
                URI.create(latchkey.issuer()),
                "billing",
                new Latchkey.Credentials(PlayedLatchkey.CLIENT_ID, PlayedLatchkey.SECRET),
                clock);
        ApiKeys keys = new ApiKeys(client, Duration.ofSeconds(2), clock, 10);
        for (int i = 0; i < 100; i++) {
            keys.identify("lkk_" + i, call("GET", "/v1/me"), known -> true);
            assertThat(keys.size()).isLessThanOrEqualTo(20);
        }
    }

    @Test
    void noKeyIsInAnyText() {
        Call call = call("GET", "/v1/me?api_key=" + KEY, "X-API-Key", KEY);
        assertThat(call.toString()).isEqualTo("Call[GET /v1/me]");
        assertThat(new KeyPlaces.ApiKey(KEY).toString()).doesNotContain(KEY);
        assertThat(new KeyPlaces.InAuthorization("Bearer " + KEY).toString()).doesNotContain(KEY);
        try (Verifier verifier = started()) {
            latchkey.answer(VERIFY, 500);
            Decision refused = read(verifier, KEY);
            assertThat(refused.toString()).doesNotContain(KEY);
        }
    }
}
