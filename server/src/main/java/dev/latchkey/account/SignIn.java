package dev.latchkey.account;

import dev.latchkey.crypto.PasswordHash;
import dev.latchkey.database.Database;
import dev.latchkey.event.EventType;
import dev.latchkey.event.Origin;
import dev.latchkey.event.RefusedRequests;
import dev.latchkey.event.TargetKind;
import dev.latchkey.http.Throttle;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Signs people in with email and password. An unknown email, a wrong password and a disabled person get the same answer
 * after the same work.
 *
 * <p>Failures slow down their own network, and most of all their own network with the same email, so that no one can lock
 * another person out. Guesses at one person from very many networks are slowed down to about one a second in total; they do
 * not hold back a network in which the person is signed in already. A browser in which the person signed in before ({@link
 * Devices}) is held back by none of this: its failures and its place in line are its own.
 */
public final class SignIn {
    private static final int FREE_FAILURES_PER_PERSON_AND_NETWORK = 5;
    private static final int FREE_FAILURES_PER_DEVICE = 10;
    private static final int FREE_FAILURES_PER_NETWORK = 50;
    private static final int FREE_FAILURES_PER_PERSON = 500;
    private static final Duration LONGEST_WAIT_PER_PERSON = Duration.ofSeconds(1);
    private static final int MAX_PASSWORD_CHARACTERS = 1_000;

    private final Database database;
    private final Sessions sessions;
    private final PasswordHash passwords;
    private final Devices devices;
    private final RefusedRequests refused;
    private final Clock clock;
    private final Throttle perPersonAndNetwork;
    private final Throttle perNetwork;
    private final Throttle perPerson;
    private final Throttle perDevice;
    private final UserStore users = new UserStore();

    public SignIn(
            Database database,
            Sessions sessions,
            PasswordHash passwords,
            Devices devices,
            RefusedRequests refused,
            Clock clock) {
        this(database, sessions, passwords, devices, refused, clock, System::nanoTime);
    }

    SignIn(
            Database database,
            Sessions sessions,
            PasswordHash passwords,
            Devices devices,
            RefusedRequests refused,
            Clock clock,
            LongSupplier nanoTime) {
        this.database = database;
        this.sessions = sessions;
        this.passwords = passwords;
        this.devices = devices;
        this.refused = refused;
        this.clock = clock;
        this.perPersonAndNetwork = new Throttle(FREE_FAILURES_PER_PERSON_AND_NETWORK, nanoTime);
        this.perNetwork = new Throttle(FREE_FAILURES_PER_NETWORK, nanoTime);
        this.perPerson = new Throttle(FREE_FAILURES_PER_PERSON, LONGEST_WAIT_PER_PERSON, nanoTime);
        this.perDevice = new Throttle(FREE_FAILURES_PER_DEVICE, nanoTime);
    }

    /** What slows down people who fail to sign in, for monitoring. */
    public Map<String, Supplier<Throttle.Figures>> throttles() {
        return Map.of(
                "sign-in, person and network", perPersonAndNetwork::figures,
                "sign-in, network", perNetwork::figures,
                "sign-in, person", perPerson::figures,
                "sign-in, device", perDevice::figures);
    }

    /** The outcome of an attempt. */
    public sealed interface Outcome {
        /**
         * @param secret for the session's cookie
         * @param device the proof that this browser presents from now on
         */
        record SignedIn(String secret, String device) implements Outcome {
            @Override
            public String toString() {
                return "SignedIn";
            }
        }

        record Refused() implements Outcome {}

        record SlowDown(Duration retryAfter) implements Outcome {}
    }

    private record Known(Optional<UserStore.Credentials> credentials, boolean signedInFromThere) {
        boolean isOf(String userId) {
            return credentials.filter(found -> found.user().id().equals(userId)).isPresent();
        }
    }

    /** A failure counted in advance, so that guesses sent at the same time cost as much as one after the other. */
    private record Charge(Throttle throttle, String key) {
        Duration make() {
            return throttle.attempt(key);
        }

        void takeBack() {
            throttle.forgive(key);
        }
    }

    /** Signs in from a browser that presents no proof of an earlier sign-in. */
    public Outcome signIn(String email, String password, Origin origin) {
        return signIn(email, password, origin, null);
    }

    /** @param deviceProof the browser's proof of an earlier sign-in; null for none */
    public Outcome signIn(String email, String password, Origin origin, @Nullable String deviceProof) {
        String normalized = Email.normalized(email);
        boolean possible = People.emailError(normalized).isEmpty();
        // People type passwords into the wrong field; what cannot be an email is not written to the log.
        String claimed = possible ? normalized : "not an email";
        String network = Throttle.network(origin.address());
        Optional<Devices.Device> device = devices.read(deviceProof);
        if (possible && device.isPresent()) {
            Known known = known(claimed, network);
            if (known.isOf(device.get().userId())) {
                return atKnownDevice(device.get(), known, claimed, password, origin);
            }
        }
        Charge ofNetwork = new Charge(perNetwork, network);
        Charge ofPair = new Charge(perPersonAndNetwork, network + " " + claimed);
        List<Charge> made = new ArrayList<>();
        boolean wrong = false;
        try {
            Duration wait = makeAll(List.of(ofNetwork, ofPair), made);
            if (wait.isPositive()) {
                return slowedDown(claimed, wait, origin, false);
            }
            Known known = known(possible ? claimed : null, network);
            if (!known.signedInFromThere()) {
                wait = makeAll(List.of(new Charge(perPerson, claimed)), made);
                if (wait.isPositive()) {
                    return slowedDown(claimed, wait, origin, known.credentials().isPresent());
                }
            }
            Outcome outcome = check(known.credentials(), claimed, password, origin, false);
            wrong = outcome instanceof Outcome.Refused;
            if (!wrong) {
                perPersonAndNetwork.succeeded(ofPair.key());
            }
            return outcome;
        } finally {
            if (!wrong) {
                made.forEach(Charge::takeBack);
            }
        }
    }

    /** Strangers who guess at the same password wait elsewhere, and cost this browser nothing. */
    private Outcome atKnownDevice(Devices.Device device, Known known, String claimed, String password, Origin origin) {
        Duration wait = perDevice.attempt(device.id());
        if (wait.isPositive()) {
            return slowedDown(claimed, wait, origin, true);
        }
        boolean wrong = false;
        try {
            Outcome outcome = check(known.credentials(), claimed, password, origin, true);
            wrong = outcome instanceof Outcome.Refused;
            return outcome;
        } finally {
            if (!wrong) {
                perDevice.forgive(device.id());
            }
        }
    }

    private static Duration makeAll(List<Charge> charges, List<Charge> made) {
        for (Charge charge : charges) {
            Duration wait = charge.make();
            if (wait.isPositive()) {
                return wait;
            }
            made.add(charge);
        }
        return Duration.ZERO;
    }

    /** Sends the database the same queries whether the person exists or not. */
    private Known known(@Nullable String email, String network) {
        if (email == null) {
            return new Known(Optional.empty(), false);
        }
        return database.read(handle -> {
            Optional<UserStore.Credentials> credentials = users.byEmail(handle, email);
            String kept = credentials.map(known -> known.user().email()).orElse(email);
            boolean signedInFromThere = sessions.addresses(handle, kept).stream()
                    .anyMatch(address -> Throttle.network(address).equals(network));
            return new Known(credentials, signedInFromThere);
        });
    }

    private Outcome check(
            Optional<UserStore.Credentials> known,
            String claimed,
            String password,
            Origin origin,
            boolean knownDevice) {
        @Nullable String hash = known.map(UserStore.Credentials::passwordHash).orElse(null);
        boolean right = password.length() <= MAX_PASSWORD_CHARACTERS
                && (knownDevice ? passwords.matchesAtKnownDevice(password, hash) : passwords.matches(password, hash));
        Optional<String> secret = known.filter(credentials -> right)
                .flatMap(credentials -> startSession(credentials.user().id(), hash, origin));
        if (secret.isPresent()) {
            return new Outcome.SignedIn(
                    secret.get(), devices.proof(known.orElseThrow().user().id()));
        }
        refused.record(
                EventType.SESSION_REFUSE,
                TargetKind.USER,
                claimed,
                known.isEmpty() ? "unknown user" : !right ? "wrong password" : "not active",
                origin,
                known.isPresent());
        return new Outcome.Refused();
    }

    /**
     * Empty unless the person is active and the password still the one that was checked: checking takes long enough for the
     * person to be disabled or the password to be changed.
     */
    private Optional<String> startSession(String userId, @Nullable String checkedHash, Origin origin) {
        // Also on a full disk: people must be able to sign in and revoke.
        return database.end(transaction -> users.byId(transaction.handle(), userId)
                .filter(now ->
                        now.user().status() == User.Status.ACTIVE && Objects.equals(now.passwordHash(), checkedHash))
                .map(now -> {
                    users.signedIn(transaction, userId, clock.instant());
                    return sessions.start(transaction, now.user(), origin);
                }));
    }

    private Outcome slowedDown(String claimed, Duration wait, Origin origin, boolean exists) {
        refused.record(EventType.SESSION_REFUSE, TargetKind.USER, claimed, "too many attempts", origin, exists);
        return new Outcome.SlowDown(wait);
    }
}
