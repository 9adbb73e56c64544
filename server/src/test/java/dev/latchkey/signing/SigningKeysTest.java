package dev.latchkey.signing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jwt.SignedJWT;
import dev.latchkey.TestClock;
import dev.latchkey.access.Caller;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.crypto.UnusableKeyException;
import dev.latchkey.database.Database;
import dev.latchkey.database.DatabaseAddress;
import dev.latchkey.database.TestEngine;
import dev.latchkey.event.Actor;
import dev.latchkey.event.EventFilter;
import dev.latchkey.event.EventLog;
import dev.latchkey.management.ETag;
import dev.latchkey.oauth.AccessTokens;
import dev.latchkey.problem.Page;
import dev.latchkey.problem.Problem;
import dev.latchkey.signing.SigningKey.State;
import dev.latchkey.signing.SigningKeys.Listed;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The life of a signing key, from before its first signature until after its last. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class SigningKeysTest {
    private static final Caller ADA = Caller.system("test");
    private static final JOSEObjectType TYPE = new JOSEObjectType("at+jwt");
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration DAY = Duration.ofDays(1);

    @Parameter
    TestEngine engine;

    private final TestClock clock = new TestClock();
    private final MasterKey masterKey = masterKey(0);
    private DatabaseAddress address;
    private Database database;
    private EventLog log;
    private SigningKeys keys;

    @BeforeEach
    void open() {
        address = engine.newAddressWithTables();
        database = Database.open(address);
        log = new EventLog(database, masterKey, clock);
        keys = new SigningKeys(database, log, masterKey, clock);
    }

    @AfterEach
    void close() {
        log.close();
        database.close();
    }

    private static MasterKey masterKey(int fill) {
        byte[] bytes = new byte[32];
        bytes[0] = (byte) fill;
        return MasterKey.parse(Base64.getEncoder().encodeToString(bytes), "the test");
    }

    private SignedJWT signed() {
        try {
            return SignedJWT.parse(keys.current().sign(TYPE, Map.of("sub", "somebody")));
        } catch (ParseException e) {
            throw new IllegalStateException(e);
        }
    }

    private String signer() {
        return signed().getHeader().getKeyID();
    }

    private State state(String keyId) {
        return keys.find(ADA, keyId).state();
    }

    private List<String> published() {
        return keys.current().published().getKeys().stream().map(JWK::getKeyID).toList();
    }

    private List<String> operations() {
        return log
                .list(new EventFilter(null, null, null, null, null, null), new Page.Request(100, null))
                .items()
                .reversed()
                .stream()
                .map(event -> event.type().text())
                .toList();
    }

    /** Housekeeping every hour, as far as the keys can tell. */
    private void pass(Duration duration) {
        Instant end = clock.instant().plus(duration);
        while (clock.instant().isBefore(end)) {
            Duration left = Duration.between(clock.instant(), end);
            clock.advance(left.compareTo(Duration.ofHours(1)) < 0 ? left : Duration.ofHours(1));
            keys.keepUp();
        }
    }

    @Test
    void anInstallationBeginsWithOneKeyThatSignsWithEs256() {
        Listed only = keys.list(ADA).getFirst();
        assertThat(keys.list(ADA)).hasSize(1);
        assertThat(only.state()).isEqualTo(State.SIGNING);
        assertThat(only.key().algorithm()).isEqualTo(SigningAlgorithm.ES256);
        assertThat(signer()).isEqualTo(only.key().id());
        assertThat(keys.current().published().toString()).doesNotContain("\"d\"");
        assertThat(operations()).containsExactly("signing_key.create");
    }

    @ParameterizedTest
    @EnumSource(SigningAlgorithm.class)
    void aKeyOfEachAlgorithmSignsWhatItChecks(SigningAlgorithm algorithm) throws Exception {
        keys.rotate(ADA, algorithm);
        clock.advance(SigningKeys.ANNOUNCED);
        SignedJWT jwt = signed();
        assertThat(jwt.getHeader().getAlgorithm()).isEqualTo(algorithm.jws());
        assertThat(keys.current().signed(jwt)).isTrue();
        JWK ours = keys.current().published().getKeyByKeyId(jwt.getHeader().getKeyID());
        assertThat(ours.getAlgorithm()).isEqualTo(algorithm.jws());
        assertThat(ours.isPrivate()).isFalse();
        assertThat(ours.computeThumbprint().toString()).as("RFC 7638").isEqualTo(ours.getKeyID());
        String[] parts = jwt.serialize().split("\\.");
        String altered = (parts[1].charAt(5) == 'A' ? "B" : "A") + parts[1].substring(6);
        assertThat(keys.current()
                        .signed(SignedJWT.parse(parts[0] + "." + parts[1].substring(0, 5) + altered + "." + parts[2])))
                .isFalse();
    }

    @Test
    void aRotationByHandPublishesTheNextKeyFirstAndChecksTheOldOnesTokensUntilTheLastHasExpired() {
        String old = signer();
        String next = keys.rotate(ADA, null).key().id();
        assertThat(state(next)).isEqualTo(State.NEXT);
        assertThat(published()).containsExactly(next, old);
        assertThat(signer()).isEqualTo(old);

        clock.advance(SigningKeys.ANNOUNCED.minusMillis(1));
        assertThat(signer()).isEqualTo(old);
        SignedJWT last = signed();
        clock.advance(Duration.ofMillis(1));
        assertThat(signer()).isEqualTo(next);
        assertThat(state(old)).isEqualTo(State.VERIFYING);

        clock.advance(AccessTokens.LIFETIME);
        assertThat(keys.current().signed(last)).isTrue();
        assertThat(published()).contains(old);
        clock.advance(SigningKey.CLOCKS_DIFFER);
        assertThat(state(old)).isEqualTo(State.ENDED);
        assertThat(keys.current().signed(last)).isFalse();
        assertThat(published()).containsExactly(next);
    }

    @Test
    void aKeyIsAnnouncedForLongerThanItsPublicationMayBeRemembered() {
        assertThat(SigningKeys.ANNOUNCED).isGreaterThan(JwksEndpoint.MAX_AGE);
    }

    @Test
    void thePrivateHalfIsErasedOnceItSignsNoMore() throws Exception {
        String old = signer();
        keys.rotate(ADA, null);
        clock.advance(SigningKeys.ANNOUNCED);
        keys.keepUp();
        assertThat(StolenKeys.privateJwk(database, masterKey, old))
                .as("a node whose clock is behind may still need it")
                .isNotNull();
        clock.advance(MINUTE);
        SignedJWT before = signed();
        keys.keepUp();
        assertThat(keys.find(ADA, old).key().canSign()).isFalse();
        assertThatThrownBy(() -> StolenKeys.privateJwk(database, masterKey, old))
                .isInstanceOf(NullPointerException.class);
        assertThat(state(old)).isEqualTo(State.VERIFYING);
        assertThat(keys.current().signed(before)).isTrue();
        assertThat(operations()).endsWith("signing_key.create", "signing_key.retire");
        keys.keepUp();
        assertThat(operations()).as("nothing happens twice").hasSize(3);
    }

    @Test
    void keysRotateByThemselvesEvery30DaysAndTheNextIsPublishedADayAhead() {
        String first = signer();
        pass(Duration.ofDays(29).minus(MINUTE));
        assertThat(published()).containsExactly(first);
        pass(MINUTE);
        assertThat(published()).hasSize(2).contains(first);
        String second = published().getFirst();
        assertThat(keys.find(ADA, second).key().signsFrom())
                .isEqualTo(keys.find(ADA, first).key().createdAt().plus(Duration.ofDays(30)));
        assertThat(signer()).isEqualTo(first);
        pass(DAY);
        assertThat(signer()).isEqualTo(second);
        pass(Duration.ofDays(30));
        assertThat(signer()).isNotIn(first, second);
        assertThat(state(first)).isEqualTo(State.ENDED);
        pass(Duration.ofDays(91));
        assertThat(keys.list(ADA).stream().map(each -> each.key().id())).doesNotContain(first);
        assertThat(operations()).contains("signing_key.forget");
    }

    @Test
    void aKeyThatComesLateIsStillPublishedAnHourBeforeItSigns() {
        String first = signer();
        clock.advance(Duration.ofDays(400));
        keys.keepUp();
        String next = published().getFirst();
        assertThat(signer()).isEqualTo(first);
        clock.advance(Duration.ofHours(1));
        assertThat(signer()).isEqualTo(next);
    }

    @Test
    void rotationByTheClockCanBeFasterOrOff() {
        keys.change(ADA, null, 1, null);
        String first = signer();
        pass(Duration.ofHours(12));
        assertThat(published()).hasSize(2);
        pass(Duration.ofHours(12));
        assertThat(signer()).isNotEqualTo(first);

        keys.change(ADA, null, 0, null);
        clock.advance(Duration.ofDays(700));
        keys.keepUp();
        String last = signer();
        clock.advance(Duration.ofDays(700));
        keys.keepUp();
        assertThat(signer()).isEqualTo(last);
        for (int days : new int[] {-1, 366}) {
            assertThatThrownBy(() -> keys.change(ADA, null, days, null)).isInstanceOf(Problem.class);
        }
        assertThat(keys.policy(ADA).rotationDays()).isZero();
    }

    @Test
    void rotatingAgainBringsTheNextKeyForwardAndMakesNoThird() {
        pass(Duration.ofDays(29));
        String next = published().getFirst();
        assertThat(keys.rotate(ADA, null).key().id()).isEqualTo(next);
        assertThat(keys.find(ADA, next).key().signsFrom())
                .isEqualTo(keys.find(ADA, next).key().createdAt().plus(SigningKeys.ANNOUNCED));
        assertThat(keys.rotate(ADA, null).key().id()).isEqualTo(next);
        clock.advance(SigningKeys.ANNOUNCED);
        assertThat(signer()).isEqualTo(next);
        assertThat(keys.list(ADA)).hasSize(2);
        assertThat(operations()).containsExactly("signing_key.create", "signing_key.create", "signing_key.advance");
    }

    @Test
    void anotherAlgorithmIsAnotherKeyAndStaysForThoseAfterIt() {
        String old = signer();
        keys.change(ADA, SigningAlgorithm.EDDSA, null, null);
        String replaced = published().getFirst();
        keys.rotate(ADA, SigningAlgorithm.ES256);
        assertThat(state(replaced)).as("it never signed").isEqualTo(State.WITHDRAWN);
        keys.rotate(ADA, SigningAlgorithm.EDDSA);
        assertThat(published()).hasSize(2).contains(old).doesNotContain(replaced);
        clock.advance(SigningKeys.ANNOUNCED);
        assertThat(signed().getHeader().getAlgorithm()).isEqualTo(SigningAlgorithm.EDDSA.jws());
        pass(Duration.ofDays(31));
        assertThat(signed().getHeader().getAlgorithm()).isEqualTo(SigningAlgorithm.EDDSA.jws());
        assertThat(operations()).contains("signing_policy.update");
    }

    @Test
    void anotherPolicyThatWasReadBeforeAChangeIsRefused() {
        ETag.Expected version = ETag.Expected.of(keys.policy(ADA).version());
        keys.change(ADA, null, 7, version);
        assertThatThrownBy(() -> keys.change(ADA, null, 8, version))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.status()).isEqualTo(412));
        assertThat(keys.policy(ADA).rotationDays()).isEqualTo(7);
    }

    @Test
    void aWithdrawnKeyCountsForNothingAndAFreshOneSignsAtOnce() {
        SignedJWT token = signed();
        String leaked = token.getHeader().getKeyID();
        assertThat(keys.current().signed(token)).isTrue();
        keys.withdraw(ADA, leaked, "found in a log");
        assertThat(keys.current().signed(token)).isFalse();
        assertThat(keys.current().isTrusted(clock.instant(), leaked)).isFalse();
        assertThat(published()).hasSize(1).doesNotContain(leaked);
        SignedJWT fresh = signed();
        assertThat(fresh.getHeader().getKeyID()).isEqualTo(published().getFirst());
        assertThat(keys.current().signed(fresh)).isTrue();
        assertThat(keys.find(ADA, leaked).key().canSign()).isFalse();
        assertThat(keys.find(ADA, leaked).key().withdrawal().reason()).isEqualTo("found in a log");
        keys.withdraw(ADA, leaked, "again");
        assertThat(operations())
                .as("withdrawing twice changes nothing")
                .containsExactly("signing_key.create", "signing_key.withdraw", "signing_key.create");
    }

    @Test
    void withdrawingTheNextKeyLetsThePresentOneGoOn() {
        String present = signer();
        String next = keys.rotate(ADA, null).key().id();
        keys.withdraw(ADA, next, null);
        assertThat(published()).containsExactly(present);
        clock.advance(SigningKeys.ANNOUNCED.plus(AccessTokens.LIFETIME).plus(MINUTE));
        keys.keepUp();
        assertThat(signer()).isEqualTo(present);
        assertThat(state(present)).isEqualTo(State.SIGNING);
    }

    @Test
    void withdrawingTheSigningKeyLeavesTheNextOneItsTurn() {
        String present = signer();
        String next = keys.rotate(ADA, null).key().id();
        keys.withdraw(ADA, present, null);
        String fresh = signer();
        assertThat(fresh).isNotIn(present, next);
        SignedJWT token = signed();
        clock.advance(SigningKeys.ANNOUNCED);
        assertThat(signer()).isEqualTo(next);
        assertThat(keys.current().signed(token)).isTrue();
        assertThat(state(fresh)).isEqualTo(State.VERIFYING);
    }

    @Test
    void withdrawingAKeyThatOnlyChecksDoesNotDisturbTheOneThatSigns() {
        SignedJWT old = signed();
        keys.rotate(ADA, null);
        clock.advance(SigningKeys.ANNOUNCED);
        SignedJWT present = signed();
        keys.withdraw(ADA, old.getHeader().getKeyID(), null);
        assertThat(keys.current().signed(old)).isFalse();
        assertThat(keys.current().signed(present)).isTrue();
        assertThat(signer()).isEqualTo(present.getHeader().getKeyID());
    }

    @Test
    void withdrawingAKeyThatWasAfterOneThatEndedDoesNotBringThatBack() {
        SignedJWT old = signed();
        keys.rotate(ADA, null);
        clock.advance(SigningKeys.ANNOUNCED);
        String present = signer();
        clock.advance(DAY);
        keys.withdraw(ADA, present, null);
        assertThat(keys.current().signed(old)).isFalse();
        assertThat(signer()).isNotIn(present, old.getHeader().getKeyID());
    }

    @Test
    void anUnknownKeyAndAWrongReasonAreRefused() {
        assertThatThrownBy(() -> keys.withdraw(ADA, "nothing", null))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.status()).isEqualTo(404));
        String present = signer();
        for (String reason : new String[] {"x".repeat(201), "two\nlines"}) {
            assertThatThrownBy(() -> keys.withdraw(ADA, present, reason)).isInstanceOf(Problem.class);
        }
        assertThat(signer()).isEqualTo(present);
    }

    @Test
    void aRestartKeepsKeysAndPolicy() {
        keys.rotate(ADA, SigningAlgorithm.PS256);
        SignedJWT token = signed();
        SigningKeys again = new SigningKeys(database, log, masterKey, clock);
        assertThat(again.current().signed(token)).isTrue();
        assertThat(again.list(ADA)).isEqualTo(keys.list(ADA));
        assertThat(again.policy(ADA)).isEqualTo(keys.policy(ADA));
        assertThatThrownBy(() -> new SigningKeys(database, log, masterKey(1), clock))
                .isInstanceOf(UnusableKeyException.class);
    }

    @Test
    void whoMayNotManageTheAccountSeesAndChangesNothing() {
        Caller nobody = new Caller(Actor.Kind.PROGRAM, "id", "name", List.of(), null);
        String present = signer();
        for (Runnable attempt : List.<Runnable>of(
                () -> keys.list(nobody),
                () -> keys.policy(nobody),
                () -> keys.rotate(nobody, null),
                () -> keys.change(nobody, null, 1, null),
                () -> keys.withdraw(nobody, present, null))) {
            assertThatThrownBy(attempt::run)
                    .isInstanceOfSatisfying(
                            Problem.class,
                            problem -> assertThat(problem.status()).isEqualTo(403));
        }
        assertThat(operations()).hasSize(1);
    }

    @Test
    void aNodeWhoseClockIsBehindSignsWithAKeyThatAllKnow() {
        TestClock slow = new TestClock(clock.instant().minusSeconds(30));
        SigningKeys behind = new SigningKeys(database, log, masterKey, slow);
        keys.withdraw(ADA, signer(), null);
        String compact = behind.current().sign(TYPE, Map.of());
        assertThat(parsed(compact).getHeader().getKeyID()).isEqualTo(signer());
        assertThat(keys.current().signed(parsed(compact))).isTrue();
    }

    private static SignedJWT parsed(String compact) {
        try {
            return SignedJWT.parse(compact);
        } catch (ParseException e) {
            throw new IllegalStateException(e);
        }
    }
}
