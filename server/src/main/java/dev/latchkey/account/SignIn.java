package dev.latchkey.account;

import dev.latchkey.crypto.PasswordHash;
import dev.latchkey.database.Database;
import dev.latchkey.event.Origin;
import dev.latchkey.event.RefusedRequests;
import dev.latchkey.http.Throttle;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Signs people in with email and password. An unknown email, a wrong password and a disabled person get the same answer
 * after the same work. Failures slow down their own address, so that nobody can lock somebody else out.
 */
public final class SignIn {
    private static final int FREE_FAILURES_PER_PERSON = 5;
    private static final int FREE_FAILURES_PER_ADDRESS = 50;
    private static final int MAX_PASSWORD_CHARACTERS = 1_000;

    private final Database database;
    private final Sessions sessions;
    private final PasswordHash passwords;
    private final RefusedRequests refused;
    private final Clock clock;
    private final Throttle perPerson;
    private final Throttle perAddress;
    private final UserStore users = new UserStore();

    public SignIn(Database database, Sessions sessions, PasswordHash passwords, RefusedRequests refused, Clock clock) {
        this.database = database;
        this.sessions = sessions;
        this.passwords = passwords;
        this.refused = refused;
        this.clock = clock;
        this.perPerson = new Throttle(FREE_FAILURES_PER_PERSON, clock);
        this.perAddress = new Throttle(FREE_FAILURES_PER_ADDRESS, clock);
    }

    /** What became of an attempt. */
    public sealed interface Outcome {
        /** @param secret for the session's cookie */
        record SignedIn(String secret) implements Outcome {
            @Override
            public String toString() {
                return "SignedIn";
            }
        }

        record Refused() implements Outcome {}

        record SlowDown(Duration retryAfter) implements Outcome {}
    }

    public Outcome signIn(String email, String password, Origin origin) {
        String normalized = People.normalized(email);
        // People type passwords into the wrong field; what cannot be an email is not written to the log.
        String claimed = normalized.contains("@") ? normalized : "not an email";
        String network = Throttle.network(origin.address());
        String person = network + " " + (normalized.length() > 254 ? normalized.substring(0, 254) : normalized);
        Duration wait = longer(perPerson.wait(person), perAddress.wait(network));
        if (wait.isPositive()) {
            refused.record("session.refuse", "user", claimed, "too many attempts", origin);
            return new Outcome.SlowDown(wait);
        }
        Optional<UserStore.Credentials> known = database.read(handle -> users.byEmail(handle, normalized));
        boolean fits = password.length() <= MAX_PASSWORD_CHARACTERS
                && passwords.matches(
                        password, known.map(UserStore.Credentials::passwordHash).orElse(null));
        boolean active = known.map(credentials -> credentials.user().status() == User.Status.ACTIVE)
                .orElse(false);
        if (!fits || !active) {
            perPerson.failed(person);
            perAddress.failed(network);
            refused.record(
                    "session.refuse",
                    "user",
                    claimed,
                    known.isEmpty() ? "unknown user" : !fits ? "wrong password" : "not active",
                    origin);
            return new Outcome.Refused();
        }
        perPerson.succeeded(person);
        User user = known.orElseThrow().user();
        String secret = database.write(transaction -> {
            users.signedIn(transaction, user.id(), clock.instant().truncatedTo(ChronoUnit.MILLIS));
            return sessions.start(transaction, user, origin);
        });
        return new Outcome.SignedIn(secret);
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) >= 0 ? a : b;
    }
}
