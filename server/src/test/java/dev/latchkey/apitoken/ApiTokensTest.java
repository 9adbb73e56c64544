package dev.latchkey.apitoken;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.TestClock;
import dev.latchkey.Waiting;
import dev.latchkey.access.Caller;
import dev.latchkey.account.Accounts;
import dev.latchkey.account.Sessions;
import dev.latchkey.account.Setup;
import dev.latchkey.account.Users;
import dev.latchkey.apitoken.ApiTokens.Created;
import dev.latchkey.apitoken.Credentials.Authentication;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.crypto.PasswordHash;
import dev.latchkey.database.Database;
import dev.latchkey.database.TestEngine;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.Origin;
import dev.latchkey.problem.Page;
import dev.latchkey.problem.Problem;
import dev.latchkey.registry.CurrentPolicy;
import dev.latchkey.registry.Roles;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestEngine.class)
class ApiTokensTest {
    private static final Caller SYSTEM = Caller.system("test");
    private static final Origin HERE = new Origin("10.0.0.1", "test");

    @Parameter
    TestEngine engine;

    private final TestClock clock = new TestClock();
    private Database database;
    private EventLog log;
    private LastAccess lastAccess;
    private Credentials credentials;
    private ApiTokens apiTokens;
    private Drafts drafts;

    @BeforeEach
    void open() {
        database = engine.open();
        MasterKey masterKey = MasterKey.parse(Base64.getEncoder().encodeToString(new byte[32]), "the test");
        log = new EventLog(database, masterKey, clock);
        CurrentPolicy policy = new CurrentPolicy(log);
        Roles roles = new Roles(database, log, policy, clock, List.of(new TokensOfRole(clock)));
        PasswordHash passwords = new PasswordHash();
        Users users = new Users(
                database, log, roles, policy, new Sessions(database, log, masterKey, clock), masterKey, clock);
        new Setup(database, log, roles, passwords, masterKey, clock)
                .completeUnattended("Example", "ada@example.com", "correct-horse-battery");
        lastAccess = new LastAccess(database, clock);
        Surroundings around = new Surroundings(database, log, roles, policy, new Accounts(database, log), users, clock);
        credentials = new Credentials(
                database, log, masterKey, new Accounts(database, log), lastAccess, clock, clock::nanoTime);
        apiTokens = new ApiTokens(around, lastAccess, credentials, () -> TokensOnEngine.IDLE_DAYS);
        drafts = new Drafts(around, credentials);
    }

    @AfterEach
    void close() {
        lastAccess.close();
        log.close();
        database.close();
    }

    private Created create(String description) {
        return apiTokens
                .create(SYSTEM, "public", ApiTokenTerms.withSecret(description, null), null)
                .value();
    }

    private Authentication authenticate(Created created, Origin origin) {
        return credentials.authenticate(
                created.apiToken().clientId(), created.secret().value(), origin);
    }

    @Test
    void theRightSecretIsAcceptedAndAWrongOneIsNot() {
        Created created = create("Program");
        assertThat(authenticate(created, HERE)).isInstanceOf(Authentication.Accepted.class);
        assertThat(credentials.authenticate(created.apiToken().clientId(), "lks_wrong", HERE))
                .isEqualTo(new Authentication.Refused("wrong secret", null));
        assertThat(credentials.authenticate(created.apiToken().clientId(), "", HERE))
                .isEqualTo(new Authentication.Refused("wrong secret", null));
        assertThat(credentials.authenticate("zzzzzz.zzzzzzzzzzzzzzzz", "", HERE))
                .isEqualTo(new Authentication.Refused("unknown client", null));
        assertThat(credentials.authenticate("' or 1=1 --", created.secret().value(), HERE))
                .isEqualTo(new Authentication.Refused("unknown client", null));
    }

    @Test
    void anExpiredTokenIsRefusedFromThatMoment() {
        Created created = apiTokens
                .create(
                        SYSTEM,
                        "public",
                        ApiTokenTerms.withSecret("Program", clock.instant().plus(Duration.ofMinutes(1))),
                        null)
                .value();
        assertThat(authenticate(created, HERE)).isInstanceOf(Authentication.Accepted.class);
        clock.advance(Duration.ofMinutes(1));
        assertThat(authenticate(created, HERE))
                .isEqualTo(new Authentication.Refused(
                        "expired", new Barred(created.apiToken().clientId(), Barred.Why.EXPIRED, HERE)));
        assertThat(credentials.active(created.apiToken().clientId())).isEmpty();
    }

    @Test
    void noCheckThatBeginsAfterARevocationWasAnsweredAcceptsTheToken() throws Exception {
        for (int round = 0; round < 30; round++) {
            Created created = create("Program " + round);
            String clientId = created.apiToken().clientId();
            AtomicBoolean answered = new AtomicBoolean();
            AtomicBoolean acceptedAfterwards = new AtomicBoolean();
            List<Thread> checkers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                checkers.add(Thread.ofPlatform().start(() -> {
                    for (int n = 0; n < 200; n++) {
                        boolean before = answered.get();
                        boolean active = credentials.active(clientId).isPresent();
                        if (before && active) {
                            acceptedAfterwards.set(true);
                        }
                    }
                }));
            }
            apiTokens.revoke(SYSTEM, clientId, null);
            answered.set(true);
            assertThat(credentials.active(clientId)).isEmpty();
            for (Thread checker : checkers) {
                checker.join();
            }
            assertThat(acceptedAfterwards).isFalse();
        }
    }

    private Authentication guess(String clientId, Origin origin) {
        return credentials.authenticate(clientId, "lks_guess", origin);
    }

    @Test
    void wrongSecretsAreSlowedDownAndTheCorrectOneGetsThrough() {
        Created created = create("Program");
        String clientId = created.apiToken().clientId();
        for (int i = 0; i < 11; i++) {
            assertThat(guess(clientId, HERE)).isEqualTo(new Authentication.Refused("wrong secret", null));
        }
        assertThat(guess(clientId, HERE))
                .isEqualTo(new Authentication.SlowDown(Duration.ofSeconds(1), "wrong secret", null));
        assertThat(authenticate(created, HERE)).isInstanceOf(Authentication.Accepted.class);
    }

    @Test
    void oneBrokenDeploymentCostsItsNeighboursNothingForDays() {
        Created broken = create("Broken");
        Created neighbour = create("Neighbour");
        String lateClientId = create("Late").apiToken().clientId();
        for (int minute = 0; minute < 3_000; minute++) {
            guess(broken.apiToken().clientId(), HERE);
            assertThat(authenticate(neighbour, HERE)).isInstanceOf(Authentication.Accepted.class);
            clock.advance(Duration.ofMinutes(1));
        }
        assertThat(guess(lateClientId, HERE))
                .as("a neighbour's first mistake is told as what it is")
                .isEqualTo(new Authentication.Refused("wrong secret", null));
    }

    @Test
    void revokedTokensThatGoOnAskingCostTheirNeighboursNothing() {
        List<Created> revoked = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            revoked.add(create("Revoked " + i));
            apiTokens.revoke(SYSTEM, revoked.getLast().apiToken().clientId(), null);
        }
        Created neighbour = create("Neighbour");
        for (int second = 0; second < 300; second++) {
            revoked.forEach(
                    token -> assertThat(authenticate(token, HERE)).isNotInstanceOf(Authentication.Accepted.class));
            assertThat(authenticate(neighbour, HERE)).isInstanceOf(Authentication.Accepted.class);
            clock.advance(Duration.ofSeconds(1));
        }
        assertThat(guess(create("Late").apiToken().clientId(), HERE)).isInstanceOf(Authentication.Refused.class);
    }

    @Test
    void guessesAtManyClientIdsAreSlowedDownTogetherAndARightSecretStillGetsThrough() {
        Created neighbour = create("Neighbour");
        for (char c = 'a'; c <= 'z'; c++) {
            for (char d = 'a'; d <= 'e'; d++) {
                guess("zzzzzz.zzzzzzzzzzzzzz" + c + d, HERE);
            }
        }
        assertThat(guess("zzzzzz.zzzzzzzzzzzzzzzz", HERE)).isInstanceOf(Authentication.SlowDown.class);
        assertThat(authenticate(neighbour, HERE))
                .as("not in memory yet, so that it is looked up")
                .isInstanceOf(Authentication.Accepted.class);
        assertThat(guess("zzzzzz.zzzzzzzzzzzzzzzz", new Origin("10.0.0.9", "")))
                .isInstanceOf(Authentication.Refused.class);
    }

    /** Everything from here is a matter of doubt now. */
    private void failOften(String clientId) {
        for (int i = 0; i < 12; i++) {
            guess(clientId, HERE);
            credentials.authenticate("nobody", "lks_guess", HERE);
        }
        for (char c = 'a'; c <= 'z'; c++) {
            for (char d = 'a'; d <= 'e'; d++) {
                guess("zzzzzz.zzzzzzzzzzzzzz" + c + d, HERE);
            }
        }
        assertThat(guess(clientId, HERE)).isInstanceOf(Authentication.SlowDown.class);
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private Authentication byKey(String clientId, Supplier<Boolean> isRight) {
        return credentials.authenticate(
                clientId,
                HERE,
                (apiToken, costly) -> costly.run(isRight) ? Optional.empty() : Optional.of("wrong signature"));
    }

    @Test
    void whatHoldsUpTheQueueOfDoubtfulProofsHoldsUpNoSecretAndNoOtherQueue() throws Exception {
        Created keyed = create("Keyed");
        Created neighbour = create("Neighbour");
        String clientId = keyed.apiToken().clientId();
        failOften(clientId);
        CountDownLatch begun = new CountDownLatch(2);
        CountDownLatch held = new CountDownLatch(1);
        Supplier<Boolean> slow = () -> {
            begun.countDown();
            return !await(held);
        };
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Authentication> first = callers.submit(() -> byKey(clientId, slow));
            Future<Boolean> nameless = callers.submit(() -> credentials.nameless(HERE, costly -> costly.run(slow)));
            try {
                assertThat(await(begun)).as("each in a line of its own").isTrue();
                assertThat(authenticate(neighbour, HERE))
                        .as("a right secret that is not in memory")
                        .isInstanceOf(Authentication.Accepted.class);
            } finally {
                held.countDown();
            }
            assertThat(first.get()).isInstanceOf(Authentication.SlowDown.class);
            assertThat(nameless.get()).isFalse();
        }
    }

    @Test
    void waitingForKeysFromElsewhereHoldsUpNoOneInTheQueue() throws Exception {
        String clientId = create("Keyed").apiToken().clientId();
        failOften(clientId);
        CountDownLatch fetching = new CountDownLatch(1);
        CountDownLatch fetched = new CountDownLatch(1);
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Authentication> first =
                    callers.submit(() -> credentials.authenticate(clientId, HERE, (apiToken, costly) -> {
                        fetching.countDown();
                        return Optional.of(await(fetched) ? "wrong signature" : "no keys");
                    }));
            try {
                assertThat(await(fetching)).isTrue();
                assertThat(byKey(clientId, () -> true)).isInstanceOf(Authentication.Accepted.class);
            } finally {
                fetched.countDown();
            }
            assertThat(first.get()).isNotInstanceOf(Authentication.Accepted.class);
        }
    }

    @Test
    void aRightProofGetsThroughAFloodOfWrongOnesFromItsAddress() throws Exception {
        String clientId = create("Keyed").apiToken().clientId();
        failOften(clientId);
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch flooded = new CountDownLatch(1);
        List<Thread> flood = new ArrayList<>();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Authentication> first = callers.submit(() -> byKey(clientId, () -> {
                begun.countDown();
                return !await(flooded);
            }));
            try {
                assertThat(await(begun)).isTrue();
                for (int i = 0; i < 200; i++) {
                    flood.add(Thread.startVirtualThread(() -> byKey(clientId, () -> false)));
                }
                Waiting.until(
                        "the flood, which has to wait", () -> flood.stream().allMatch(ApiTokensTest::isInLine));
                FutureTask<Authentication> right = new FutureTask<>(() -> byKey(clientId, () -> true));
                Thread rightOne = Thread.startVirtualThread(right);
                Waiting.until("the right one, which has to wait", () -> isInLine(rightOne));
                flooded.countDown();
                assertThat(right.get()).isInstanceOf(Authentication.Accepted.class);
            } finally {
                flooded.countDown();
            }
            first.get();
            for (Thread one : flood) {
                one.join();
            }
        }
    }

    private static boolean isInLine(Thread one) {
        return one.getState() == Thread.State.TIMED_WAITING || one.getState() == Thread.State.TERMINATED;
    }

    @Test
    void aCheckThatBreaksCountsAsAFailure() {
        String clientId = create("Keyed").apiToken().clientId();
        for (int i = 0; i < 11; i++) {
            assertThatThrownBy(() -> byKey(clientId, () -> {
                        throw new IllegalStateException("a key that nobody thought of");
                    }))
                    .isInstanceOf(IllegalStateException.class);
        }
        assertThat(guess(clientId, HERE)).isInstanceOf(Authentication.SlowDown.class);
    }

    private Created trusting(String issuer) {
        return apiTokens
                .create(
                        SYSTEM,
                        "public",
                        ApiTokenTerms.withSecret("Build", null)
                                .authenticatingBy(new ClientAuthentication.Federated(
                                        issuer, new KeySource.Discovered(), "latchkey", Map.of("sub", "build"))),
                        null)
                .value();
    }

    @Test
    void ofAnIssuerThatMoreThanAThousandTrustNoneIsChosen() {
        String issuer = "https://ci.example";
        String first = trusting(issuer).apiToken().clientId();
        String stem = first.substring(0, first.length() - 4);
        database.change(transaction -> {
            for (int i = 0; i < 999; i++) {
                String last = String.format(Locale.ROOT, "%04d", i);
                transaction
                        .update(
                                "insert into api_token (client_id, description, search_text, role_name, state, created_at,"
                                        + " created_by_kind, created_by_id, created_by_name, authentication, sender_constraint,"
                                        + " outside_issuer, version) select :copy, description, search_text, role_name, state,"
                                        + " created_at, created_by_kind, created_by_id, created_by_name, authentication,"
                                        + " sender_constraint, outside_issuer, version from api_token where client_id = :first")
                        .bind("copy", stem + last)
                        .bind("first", first)
                        .execute();
            }
        });
        assertThat(credentials.trusting(issuer)).hasSize(1_000);
        trusting(issuer);
        assertThat(credentials.trusting(issuer)).isEmpty();
    }

    @Test
    void aRevokedTokenThatIsStillUsedTellsFromWhereAndHowOften() {
        Created created = create("Program");
        String clientId = created.apiToken().clientId();
        authenticate(created, HERE);
        guess(clientId, new Origin("10.0.0.9", "a guesser"));
        apiTokens.revoke(SYSTEM, clientId, null);
        assertThat(apiTokens.usesAfterRevocation(SYSTEM, clientId).isEmpty()).isTrue();
        for (int i = 0; i < 30; i++) {
            authenticate(created, HERE);
        }
        guess(clientId, new Origin("10.0.0.9", "a guesser"));
        clock.advance(Duration.ofMinutes(1));
        authenticate(created, new Origin("10.0.0.2", "forgotten"));
        assertThat(apiTokens.usesAfterRevocation(SYSTEM, clientId).uses())
                .extracting(use -> use.address() + " " + use.userAgent() + " " + use.count())
                .containsExactly("10.0.0.2 forgotten 1", "10.0.0.1 test 30");
        for (int i = 10; i < 40; i++) {
            authenticate(created, new Origin("10.0.1." + i, ""));
        }
        UsesAfterRevocation.Known known = apiTokens.usesAfterRevocation(SYSTEM, clientId);
        assertThat(known.uses()).hasSize(UsesAfterRevocation.ADDRESSES);
        assertThat(known.elsewhere()
                        + known.uses().stream()
                                .mapToLong(UsesAfterRevocation.Use::count)
                                .sum())
                .isEqualTo(61);
    }

    @Test
    void aDraftWorksForNothingUntilItIsSavedByWhomItBelongsTo() {
        Created draft = drafts.draft(SYSTEM, "public", ApiTokenTerms.withSecret("Draft", null));
        String clientId = draft.apiToken().clientId();
        assertThat(authenticate(draft, HERE)).isInstanceOf(Authentication.Refused.class);
        assertThat(apiTokens.list(SYSTEM, ApiTokenQuery.ALL, Page.Request.FIRST).items())
                .isEmpty();
        assertThatThrownBy(() -> apiTokens.find(SYSTEM, clientId)).isInstanceOf(Problem.class);
        assertThatThrownBy(() -> drafts.save(Caller.system("somebody else"), clientId))
                .isInstanceOf(Problem.class);
        drafts.save(SYSTEM, clientId);
        assertThat(authenticate(draft, HERE)).isInstanceOf(Authentication.Accepted.class);
    }

    @Test
    void aDraftIsGoneAfterAQuarterOfAnHour() {
        Created draft = drafts.draft(SYSTEM, "public", ApiTokenTerms.withSecret("Draft", null));
        clock.advance(Drafts.LIFETIME);
        assertThatThrownBy(() -> drafts.save(SYSTEM, draft.apiToken().clientId()))
                .isInstanceOf(Problem.class);
        drafts.deleteStale();
        assertThat(drafts.isSecretOf(
                        SYSTEM, draft.apiToken().clientId(), draft.secret().value()))
                .isFalse();
    }

    @Test
    void theNewestAccessIsShownBeforeAndAfterItIsWritten() {
        Created created = create("Program");
        String clientId = created.apiToken().clientId();
        lastAccess.note(clientId, new Origin("10.0.0.2", "first"));
        assertThat(apiTokens.find(SYSTEM, clientId).lastAccess().from().userAgent())
                .isEqualTo("first");
        lastAccess.flush();
        assertThat(apiTokens.find(SYSTEM, clientId).lastAccess().from().userAgent())
                .isEqualTo("first");
        clock.advance(Duration.ofSeconds(5));
        lastAccess.note(clientId, new Origin("10.0.0.3", "second"));
        assertThat(apiTokens.find(SYSTEM, clientId).lastAccess().from().address())
                .isEqualTo("10.0.0.3");
    }

    @Test
    void anOlderStampNeverReplacesANewerOne() {
        Created created = create("Program");
        String clientId = created.apiToken().clientId();
        ApiTokenStore store = new ApiTokenStore();
        ApiToken.Access newer = new ApiToken.Access(clock.instant(), HERE);
        ApiToken.Access older = new ApiToken.Access(clock.instant().minusSeconds(9), new Origin("10.9.9.9", ""));
        database.change(transaction -> store.stamp(transaction, List.of(Map.entry(clientId, newer))));
        database.change(transaction -> store.stamp(transaction, List.of(Map.entry(clientId, older))));
        assertThat(apiTokens.find(SYSTEM, clientId).lastAccess()).isEqualTo(newer);
    }

    @Test
    void theSearchTakesPercentAndUnderscoreAsTheyStand() {
        create("100% done");
        create("100 done");
        create("a_b");
        create("aXb");
        assertThat(found("0%")).containsExactly("100% done");
        assertThat(found("A_B")).containsExactly("a_b");
        assertThat(found("!")).isEmpty();
    }

    private List<String> found(String search) {
        return apiTokens
                .list(
                        SYSTEM,
                        new ApiTokenQuery(search, null, null, null, ApiTokenQuery.Sort.DESCRIPTION, false),
                        Page.Request.FIRST)
                .items()
                .stream()
                .map(ApiToken::description)
                .toList();
    }
}
