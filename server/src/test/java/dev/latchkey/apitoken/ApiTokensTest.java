package dev.latchkey.apitoken;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.TestClock;
import dev.latchkey.access.Caller;
import dev.latchkey.access.CurrentPolicy;
import dev.latchkey.access.Roles;
import dev.latchkey.account.Accounts;
import dev.latchkey.account.Sessions;
import dev.latchkey.account.Setup;
import dev.latchkey.account.Users;
import dev.latchkey.apitoken.ApiTokens.Authentication;
import dev.latchkey.apitoken.ApiTokens.Created;
import dev.latchkey.apitoken.ApiTokens.NewApiToken;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.crypto.PasswordHash;
import dev.latchkey.database.Database;
import dev.latchkey.database.TestEngine;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.Origin;
import dev.latchkey.http.Page;
import dev.latchkey.http.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
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
    private ApiTokens apiTokens;

    @BeforeEach
    void open() {
        database = engine.open();
        MasterKey masterKey = MasterKey.parse(Base64.getEncoder().encodeToString(new byte[32]), "the test");
        log = new EventLog(database, masterKey, clock);
        CurrentPolicy policy = new CurrentPolicy(log);
        Roles roles = new Roles(database, log, policy, clock, List.of(new TokensOfRole()));
        PasswordHash passwords = new PasswordHash();
        Users users = new Users(
                database,
                log,
                roles,
                policy,
                new Sessions(database, log, masterKey, clock),
                passwords,
                masterKey,
                clock);
        new Setup(database, log, roles, passwords, masterKey, clock)
                .completeUnattended("Example", "ada@example.com", "correct-horse-battery");
        lastAccess = new LastAccess(database, clock);
        apiTokens = new ApiTokens(
                database, log, roles, policy, new Accounts(database, log), users, lastAccess, masterKey, clock);
    }

    @AfterEach
    void close() {
        lastAccess.close();
        log.close();
        database.close();
    }

    private Created create(String description) {
        return apiTokens
                .create(SYSTEM, new NewApiToken(description, "public", null), null)
                .value();
    }

    private Authentication authenticate(Created created, Origin origin) {
        return apiTokens.authenticate(
                created.apiToken().clientId(), created.secret().value(), origin);
    }

    @Test
    void theRightSecretIsAcceptedAndAWrongOneIsNot() {
        Created created = create("Program");
        assertThat(authenticate(created, HERE)).isInstanceOf(Authentication.Accepted.class);
        assertThat(apiTokens.authenticate(created.apiToken().clientId(), "lks_wrong", HERE))
                .isEqualTo(new Authentication.Refused("wrong secret"));
        assertThat(apiTokens.authenticate(created.apiToken().clientId(), "", HERE))
                .isEqualTo(new Authentication.Refused("wrong secret"));
        assertThat(apiTokens.authenticate("zzzzzz.zzzzzzzzzzzzzzzz", "", HERE))
                .isEqualTo(new Authentication.Refused("unknown client"));
        assertThat(apiTokens.authenticate("' or 1=1 --", created.secret().value(), HERE))
                .isEqualTo(new Authentication.Refused("unknown client"));
    }

    @Test
    void anExpiredTokenIsRefusedFromThatMoment() {
        Created created = apiTokens
                .create(
                        SYSTEM,
                        new NewApiToken("Program", "public", clock.instant().plus(Duration.ofMinutes(1))),
                        null)
                .value();
        assertThat(authenticate(created, HERE)).isInstanceOf(Authentication.Accepted.class);
        clock.advance(Duration.ofMinutes(1));
        assertThat(authenticate(created, HERE)).isEqualTo(new Authentication.Refused("expired"));
        assertThat(apiTokens.active(created.apiToken().clientId())).isEmpty();
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
                        boolean active = apiTokens.active(clientId).isPresent();
                        if (before && active) {
                            acceptedAfterwards.set(true);
                        }
                    }
                }));
            }
            apiTokens.revoke(SYSTEM, clientId, null);
            answered.set(true);
            assertThat(apiTokens.active(clientId)).isEmpty();
            for (Thread checker : checkers) {
                checker.join();
            }
            assertThat(acceptedAfterwards).isFalse();
        }
    }

    @Test
    void wrongSecretsSlowDownTheirOwnAddressOnly() {
        Created created = create("Program");
        Origin attacker = new Origin("203.0.113.7", "");
        for (int i = 0; i < 11; i++) {
            assertThat(apiTokens.authenticate(created.apiToken().clientId(), "lks_guess", attacker))
                    .isInstanceOf(Authentication.Refused.class);
        }
        assertThat(apiTokens.authenticate(created.apiToken().clientId(), "lks_guess", attacker))
                .isInstanceOf(Authentication.SlowDown.class);
        assertThat(authenticate(created, HERE))
                .as("the right secret from another address")
                .isInstanceOf(Authentication.Accepted.class);
        clock.advance(Duration.ofMinutes(2));
        assertThat(authenticate(created, attacker)).isInstanceOf(Authentication.Accepted.class);
    }

    @Test
    void aDraftWorksForNothingUntilItIsSavedByWhomItBelongsTo() {
        Created draft = apiTokens.draft(SYSTEM, new NewApiToken("Draft", "public", null));
        String clientId = draft.apiToken().clientId();
        assertThat(authenticate(draft, HERE)).isInstanceOf(Authentication.Refused.class);
        assertThat(apiTokens.list(SYSTEM, ApiTokenQuery.ALL, Page.Request.FIRST).items())
                .isEmpty();
        assertThatThrownBy(() -> apiTokens.find(SYSTEM, clientId)).isInstanceOf(Problem.class);
        assertThatThrownBy(() -> apiTokens.save(Caller.system("somebody else"), clientId))
                .isInstanceOf(Problem.class);
        apiTokens.save(SYSTEM, clientId);
        assertThat(authenticate(draft, HERE)).isInstanceOf(Authentication.Accepted.class);
    }

    @Test
    void aDraftIsGoneAfterAQuarterOfAnHour() {
        Created draft = apiTokens.draft(SYSTEM, new NewApiToken("Draft", "public", null));
        clock.advance(ApiTokens.DRAFT_LIFETIME);
        assertThatThrownBy(() -> apiTokens.save(SYSTEM, draft.apiToken().clientId()))
                .isInstanceOf(Problem.class);
        apiTokens.deleteStaleDrafts();
        assertThat(apiTokens.isDraftSecret(
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
        database.change(transaction -> store.stamp(transaction, java.util.Map.of(clientId, newer)));
        database.change(transaction -> store.stamp(transaction, java.util.Map.of(clientId, older)));
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
