package dev.latchkey.account;

import dev.latchkey.access.Caller;
import dev.latchkey.account.User.Status;
import dev.latchkey.crypto.PasswordHash;
import dev.latchkey.database.Database;
import dev.latchkey.event.Actor;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventType;
import dev.latchkey.event.Origin;
import dev.latchkey.http.Throttle;
import dev.latchkey.problem.Problem;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;

/** How people choose their password: through a one-time link, or by changing the one that they have. */
public final class Passwords {
    private static final int FREE_WRONG_PASSWORDS = 5;
    private static final int MAX_PASSWORD_CHARACTERS = 1_000;

    private final Database database;
    private final EventLog log;
    private final Users users;
    private final Sessions sessions;
    private final PasswordHash hashes;
    private final Throttle wrongPasswords;
    private final UserStore store = new UserStore();

    public Passwords(Database database, EventLog log, Users users, Sessions sessions, PasswordHash hashes) {
        this(database, log, users, sessions, hashes, System::nanoTime);
    }

    Passwords(
            Database database,
            EventLog log,
            Users users,
            Sessions sessions,
            PasswordHash hashes,
            LongSupplier nanoTime) {
        this.database = database;
        this.log = log;
        this.users = users;
        this.sessions = sessions;
        this.hashes = hashes;
        this.wrongPasswords = new Throttle(FREE_WRONG_PASSWORDS, nanoTime);
    }

    /** What slows down people who enter a wrong current password, for monitoring. */
    public Throttle.Figures throttle() {
        return wrongPasswords.figures();
    }

    /** The person whom the link is for, while it is valid. */
    public Optional<User> invited(String linkSecret) {
        return database.read(handle -> users.links().find(handle, linkSecret));
    }

    /**
     * Sets the password through the link, which is then used up; all sessions of the person end.
     *
     * @throws Problem 404 when the link is not valid
     */
    public User acceptLink(String linkSecret, String name, String password, Origin origin) {
        User invited = invited(linkSecret).orElseThrow(Passwords::linkGone);
        People.requireNone(People.nameError("name", name), People.passwordError("password", password, invited.email()));
        String hash = hashes.hash(password);
        return database.write(transaction -> {
            User user = users.links().find(transaction.handle(), linkSecret).orElseThrow(Passwords::linkGone);
            UserTerms terms = user.terms().called(name.strip());
            store.deleteInvitations(transaction, user.id());
            store.update(transaction, user, terms);
            store.setPassword(transaction, user.id(), hash);
            store.touch(transaction, user.id());
            sessions.endAll(transaction, user.id(), "");
            log.append(
                    transaction,
                    new Actor.Person(user.id(), user.email(), null, origin),
                    user.status() == Status.INVITED ? EventType.USER_ACCEPT : EventType.USER_PASSWORD,
                    UserFacts.target(user),
                    UserFacts.between(user, terms));
            return users.rules().existing(transaction.handle(), user.id());
        });
    }

    /** The answer to a link to choose a password that is not valid, or no longer. */
    public static Problem linkGone() {
        return new Problem(
                404,
                "link_gone",
                "A link to choose a password works once, for 7 days, and only the newest one does. If you have chosen your"
                        + " password, sign in with it. Otherwise ask an administrator for a new link.");
    }

    /**
     * Changes the caller's own password. All their other sessions, and their links to choose a password, end.
     *
     * @throws Problem 422 when the current password is wrong or the new one is not acceptable, 429 after too many wrong
     *     ones: someone at another person's browser must not find the password by trying
     */
    public void changeOwn(Caller caller, String current, String wanted, String keepSessionId) {
        UserStore.Credentials checked = database.read(handle -> users.rules().credentials(handle, caller.id()));
        People.requireNone(
                People.passwordError("password", wanted, checked.user().email()));
        Duration wait = wrongPasswords.attempt(caller.id());
        if (wait.isPositive()) {
            throw tooManyWrong(wait);
        }
        if (current.length() > MAX_PASSWORD_CHARACTERS || !hashes.matches(current, checked.passwordHash())) {
            throw Problem.invalid("currentPassword", "This is not your current password.");
        }
        wrongPasswords.succeeded(caller.id());
        String hash = hashes.hash(wanted);
        database.ending(transaction -> {
            UserStore.Credentials now = users.rules().credentials(transaction.handle(), caller.id());
            // Checking takes long enough for the person to be disabled or the password to be changed.
            if (now.user().status() != Status.ACTIVE || !Objects.equals(now.passwordHash(), checked.passwordHash())) {
                throw Problem.conflict(
                        "changed_meanwhile", "Your password has changed since you signed in. Sign in again.");
            }
            store.setPassword(transaction, caller.id(), hash);
            store.touch(transaction, caller.id());
            store.deleteInvitations(transaction, caller.id());
            sessions.endAll(transaction, caller.id(), keepSessionId);
            log.append(transaction, caller.acting(), EventType.USER_PASSWORD, UserFacts.target(now.user()), List.of());
        });
    }

    private static Problem tooManyWrong(Duration wait) {
        long seconds = wait.toSeconds() + 1;
        return new Problem(
                        429,
                        "too_many_attempts",
                        "Too many wrong passwords. Try again in " + seconds + (seconds == 1 ? " second." : " seconds."))
                .withHeader("Retry-After", Long.toString(seconds));
    }
}
