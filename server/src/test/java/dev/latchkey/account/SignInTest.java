package dev.latchkey.account;

import static dev.latchkey.account.Installation.ADA;
import static dev.latchkey.account.Installation.ELSEWHERE;
import static dev.latchkey.account.Installation.HOME;
import static dev.latchkey.account.Installation.PASSWORD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.latchkey.account.SignIn.Outcome;
import dev.latchkey.database.Database;
import dev.latchkey.database.TestEngine;
import dev.latchkey.event.Actor;
import dev.latchkey.event.Change;
import dev.latchkey.event.Event;
import dev.latchkey.event.EventType;
import dev.latchkey.event.Origin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestEngine.class)
class SignInTest {
    private static final String BEN = "ben@example.com";
    private static final String WRONG = "not the password";

    /** So long that it is refused without being hashed, for tests that need many attempts. */
    private static final String CHEAP = "x".repeat(2_000);

    @Parameter
    TestEngine engine;

    Installation at;

    @BeforeEach
    void open() {
        at = Installation.withAda(engine);
    }

    @AfterEach
    void close() {
        at.close();
    }

    private Outcome signIn(String email, String password, Origin origin) {
        return at.signIn.signIn(email, password, origin);
    }

    private static Origin from(String address) {
        return new Origin(address, "");
    }

    /** Wrong passwords from one address, waiting as long as told, so that each is looked at. */
    private void fail(String email, Origin origin, int times) {
        for (int i = 0; i < times; i++) {
            while (signIn(email, CHEAP, origin) instanceof Outcome.SlowDown slowDown) {
                at.clock.advance(slowDown.retryAfter());
            }
        }
    }

    private List<Event> refusals() {
        return at.events().stream()
                .filter(event -> event.type() == EventType.SESSION_REFUSE)
                .toList();
    }

    @Test
    void theRightPasswordBeginsASessionAndIsNoted() {
        Outcome outcome = signIn(" Ada@Example.COM ", PASSWORD, HOME);
        assertThat(outcome).isInstanceOfSatisfying(Outcome.SignedIn.class, signedIn -> {
            assertThat(at.sessions.find(signedIn.secret()).orElseThrow().userId())
                    .isEqualTo(at.ada().id());
            assertThat(signedIn).asString().doesNotContain(signedIn.secret());
        });
        assertThat(at.user(ADA).lastSignInAt()).isEqualTo(at.clock.instant());
        assertThat(at.lastEvent().actor()).isEqualTo(new Actor.Person(at.ada().id(), ADA, null, HOME));
    }

    @Test
    void everySignInHasASessionOfItsOwn() {
        assertThat(at.signIn(ADA)).isNotEqualTo(at.signIn(ADA));
        assertThat(at.sessions.list(at.ada())).hasSize(2);
    }

    @Test
    void anUnknownPersonAWrongPasswordAndPeopleWhoCannotSignInGetOneAnswer() {
        at.join(BEN);
        at.users.disable(at.ada(), at.user(BEN).id(), null);
        at.users.invite(at.ada(), "invited@example.com", "Invited", List.of(), null);
        User removed = at.join("removed@example.com");
        at.users.remove(at.ada(), removed.id(), null);
        assertThat(Stream.of(ADA, "nobody@example.com", "not an email", "").map(email -> signIn(email, WRONG, HOME)))
                .containsOnly(new Outcome.Refused());
        assertThat(Stream.of(BEN, "invited@example.com", "removed@example.com")
                        .map(email -> signIn(email, PASSWORD, HOME)))
                .containsOnly(new Outcome.Refused());
        assertThat(signIn(ADA, "", HOME)).isEqualTo(new Outcome.Refused());
        assertThat(signIn(ADA, PASSWORD + "x".repeat(10_000), HOME)).isEqualTo(new Outcome.Refused());
        assertThat(at.sessions.list(at.ada())).isEmpty();
    }

    @Test
    void whatNoEmailCanBeReachesNeitherTheDatabaseNorTheLog() {
        String typedIntoTheWrongField = "my secret@password";
        assertThat(signIn(typedIntoTheWrongField, "", HOME)).isEqualTo(new Outcome.Refused());
        assertThat(signIn("ada\u0000@example.com", "", HOME)).isEqualTo(new Outcome.Refused());
        assertThat(signIn("\ud800@example.com", "", HOME)).isEqualTo(new Outcome.Refused());
        assertThat(refusals())
                .isNotEmpty()
                .allSatisfy(event -> assertThat(event.target().id()).isEqualTo("not an email"));
    }

    @Test
    void refusalsAreEventsThatSayWhy() {
        signIn(ADA, WRONG, HOME);
        signIn("nobody@example.com", WRONG, HOME);
        at.join(BEN);
        at.users.disable(at.ada(), at.user(BEN).id(), null);
        signIn(BEN, PASSWORD, HOME);
        assertThat(refusals())
                .extracting(event -> event.target().id(), Event::changes)
                .containsExactlyInAnyOrder(
                        tuple(ADA, List.of(Change.set("reason", "wrong password"))),
                        tuple("nobody@example.com", List.of(Change.set("reason", "unknown user"))),
                        tuple(BEN, List.of(Change.set("reason", "not active"))));
        assertThat(refusals()).noneSatisfy(event -> assertThat(event.toString()).contains(WRONG));
    }

    @Test
    void afterFiveWrongPasswordsEachFurtherOneDoublesTheWait() {
        for (int i = 0; i < 6; i++) {
            assertThat(signIn(ADA, WRONG, HOME)).as("attempt %s", i).isEqualTo(new Outcome.Refused());
        }
        List<Duration> waits = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Outcome outcome = signIn(ADA, PASSWORD, HOME);
            assertThat(outcome).isInstanceOf(Outcome.SlowDown.class);
            Duration wait = ((Outcome.SlowDown) outcome).retryAfter();
            waits.add(wait);
            at.clock.advance(wait);
            assertThat(signIn(ADA, WRONG, HOME)).isEqualTo(new Outcome.Refused());
        }
        assertThat(waits).extracting(Duration::toSeconds).containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L);
    }

    @Test
    void afterTheWaitTheRightPasswordCountsAndForgives() {
        fail(ADA, HOME, 8);
        at.clock.advance(Duration.ofMinutes(1));
        assertThat(at.canSignIn(ADA, PASSWORD)).isTrue();
        for (int i = 0; i < 5; i++) {
            signIn(ADA, WRONG, HOME);
        }
        assertThat(at.canSignIn(ADA, PASSWORD)).isTrue();
    }

    @Test
    void aFloodFromOneAddressDoesNotLockOutTheRightPasswordFromAnother() {
        fail(ADA, HOME, 100);
        assertThat(signIn(ADA, PASSWORD, HOME)).isInstanceOf(Outcome.SlowDown.class);
        assertThat(signIn(ADA, PASSWORD, ELSEWHERE)).isInstanceOf(Outcome.SignedIn.class);
    }

    @Test
    void oneAddressThatTriesManyEmailsIsSlowedDownAsAWhole() {
        for (int i = 0; i < 51; i++) {
            assertThat(signIn("user" + i + "@example.com", CHEAP, HOME)).isEqualTo(new Outcome.Refused());
        }
        assertThat(signIn("one-more@example.com", WRONG, HOME)).isInstanceOf(Outcome.SlowDown.class);
        assertThat(signIn("one-more@example.com", WRONG, ELSEWHERE)).isEqualTo(new Outcome.Refused());
    }

    @Test
    void allAddressesOfOneIpv6NetworkCountAsOne() {
        for (int i = 0; i < 6; i++) {
            signIn(ADA, WRONG, from("2001:db8:1:2::" + i));
        }
        assertThat(signIn(ADA, WRONG, from("2001:db8:1:2:ffff::1"))).isInstanceOf(Outcome.SlowDown.class);
        assertThat(signIn(ADA, WRONG, from("2001:db8:1:3::1"))).isEqualTo(new Outcome.Refused());
    }

    @Test
    void guessesSentAtOnceAreAsDearAsGuessesOneAfterTheOther() throws Exception {
        Callable<Outcome> guess = () -> signIn(ADA, WRONG, HOME);
        List<Outcome> outcomes = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Outcome> one : threads.invokeAll(Collections.nCopies(40, guess))) {
                outcomes.add(one.get());
            }
        }
        assertThat(outcomes.stream().filter(Outcome.Refused.class::isInstance)).hasSize(6);
        assertThat(outcomes.stream().filter(Outcome.SlowDown.class::isInstance)).hasSize(34);
    }

    @Test
    void rightPasswordsCountForNothingHoweverMany() {
        for (int i = 0; i < 60; i++) {
            assertThat(at.canSignIn(ADA, PASSWORD)).as("sign-in %s", i).isTrue();
        }
    }

    @Test
    void guessesAtOnePersonFromVeryManyNetworksAreSlowedTogetherButNotWhereThePersonIsSignedIn() {
        at.signIn(ADA);
        for (int i = 0; i < 501; i++) {
            assertThat(signIn(ADA, CHEAP, from("10." + (i / 250) + "." + (i % 250) + ".1")))
                    .isEqualTo(new Outcome.Refused());
        }
        assertThat(signIn(ADA, WRONG, from("172.16.0.1"))).isEqualTo(new Outcome.SlowDown(Duration.ofSeconds(1)));
        assertThat(signIn(BEN, WRONG, from("172.16.0.1"))).isEqualTo(new Outcome.Refused());
        assertThat(at.canSignIn(ADA, PASSWORD)).isTrue();
        at.clock.advance(Duration.ofSeconds(1));
        assertThat(signIn(ADA, PASSWORD, from("172.16.0.1"))).isInstanceOf(Outcome.SignedIn.class);
    }

    private String deviceOf(String email, Origin origin) {
        return ((Outcome.SignedIn) signIn(email, PASSWORD, origin)).device();
    }

    @Test
    void fortySignInsAtOnceWithDifferentNamesAreAllLookedAt() throws Exception {
        List<Callable<Outcome>> attempts = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            String email = "somebody" + i + "@example.com";
            attempts.add(() -> signIn(email, CHEAP, HOME));
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (Future<Outcome> outcome : threads.invokeAll(attempts)) {
                assertThat(outcome.get()).isEqualTo(new Outcome.Refused());
            }
        }
    }

    @Test
    void theRightPasswordWorksInABrowserUsedBeforeWhateverOthersGuess() {
        String device = deviceOf(ADA, ELSEWHERE);
        at.clock.advance(Duration.ofDays(30));
        Origin hotel = from("203.0.113.9");
        fail(ADA, hotel, 12);
        for (int i = 0; i < 503; i++) {
            signIn(ADA, CHEAP, from("10." + (i / 190) + "." + (i % 190) + ".1"));
        }
        assertThat(signIn(ADA, PASSWORD, hotel)).isInstanceOf(Outcome.SlowDown.class);
        assertThat(at.signIn.signIn(ADA, PASSWORD, hotel, device)).isInstanceOf(Outcome.SignedIn.class);
    }

    @Test
    void aBrowserUsedBeforeIsSlowedDownOnItsOwnAndProvesNothingForOthersOrForEver() {
        String device = deviceOf(ADA, HOME);
        for (int i = 0; i < 11; i++) {
            assertThat(at.signIn.signIn(ADA, CHEAP, HOME, device)).isEqualTo(new Outcome.Refused());
        }
        assertThat(at.signIn.signIn(ADA, PASSWORD, HOME, device)).isInstanceOf(Outcome.SlowDown.class);
        assertThat(signIn(ADA, PASSWORD, HOME)).as("without it, as before").isInstanceOf(Outcome.SignedIn.class);

        at.join(BEN);
        fail(BEN, HOME, 7);
        String[] noProofs = {
            deviceOf(ADA, ELSEWHERE), device + "x", device.replace('.', '-'), "", device.substring(1), "a.b.1.c"
        };
        for (String noProof : noProofs) {
            assertThat(at.signIn.signIn(BEN, PASSWORD, HOME, noProof))
                    .as(noProof)
                    .isInstanceOf(Outcome.SlowDown.class);
        }
        at.clock.advance(Duration.ofHours(2));
        String bens = deviceOf(BEN, HOME);
        at.clock.advance(Devices.LIFETIME);
        fail(BEN, HOME, 7);
        assertThat(at.signIn.signIn(BEN, PASSWORD, HOME, bens)).isInstanceOf(Outcome.SlowDown.class);
    }

    @Test
    void whoIsDisabledWhileTheirPasswordIsCheckedGetsNoSession() throws Exception {
        at.join(BEN);
        String id = at.user(BEN).id();
        Outcome outcome = signInWhile(() -> at.users.disable(at.ada(), id, null));
        assertThat(outcome).isEqualTo(new Outcome.Refused());
        at.users.enable(at.ada(), id, null);
        assertThat(at.sessions.list(at.caller(BEN))).isEmpty();
    }

    @Test
    void aPasswordThatIsChangedWhileItIsCheckedBeginsNoSession() throws Exception {
        at.join(BEN);
        String link =
                String.valueOf(at.users.newLink(at.ada(), at.user(BEN).id()).linkSecret());
        Outcome outcome = signInWhile(() -> at.passwords.acceptLink(link, "Ben", "other plain words", HOME));
        assertThat(outcome).isEqualTo(new Outcome.Refused());
        assertThat(at.sessions.list(at.caller(BEN))).isEmpty();
    }

    /** Ben signs in; the change gets its turn to write after his password was read and before his session is written. */
    private Outcome signInWhile(Runnable change) throws Exception {
        FutureTask<Outcome> signIn = new FutureTask<>(() -> signIn(BEN, PASSWORD, HOME));
        Thread changing = new Thread(change);
        Thread signing = new Thread(signIn);
        // Turns are given in the order of asking, and this one is not over before both others have asked.
        at.database.change(transaction -> {
            changing.start();
            awaitItsTurn(changing);
            signing.start();
            awaitItsTurn(signing);
        });
        changing.join();
        return signIn.get();
    }

    private static void awaitItsTurn(Thread thread) {
        while (Stream.of(thread.getStackTrace())
                .noneMatch(frame -> frame.getClassName().startsWith(Database.class.getPackageName())
                        && frame.getMethodName().equals("changed"))) {
            if (thread.getState() == Thread.State.TERMINATED) {
                throw new AssertionError("it never asked to write");
            }
            Thread.onSpinWait();
        }
        while (thread.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
    }
}
