package dev.latchkey.account;

import dev.latchkey.access.Role;
import dev.latchkey.crypto.KeyedHash;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.crypto.PasswordHash;
import dev.latchkey.crypto.RandomKey;
import dev.latchkey.database.Database;
import dev.latchkey.database.Transaction;
import dev.latchkey.event.Actor;
import dev.latchkey.event.Change;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventType;
import dev.latchkey.event.Origin;
import dev.latchkey.event.Target;
import dev.latchkey.event.TargetKind;
import dev.latchkey.limit.CallLimits;
import dev.latchkey.problem.Problem;
import dev.latchkey.registry.Roles;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The setup at the first start: creates the account, the predefined roles and the first administrator, once. */
public final class Setup {
    private static final Duration LINK_LIFETIME = Duration.ofHours(24);
    static final int USER_ID_LENGTH = 16;

    private final Database database;
    private final EventLog log;
    private final Roles roles;
    private final PasswordHash passwords;
    private final KeyedHash links;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    private final AccountStore accounts = new AccountStore();
    private final UserStore users = new UserStore();

    public Setup(
            Database database, EventLog log, Roles roles, PasswordHash passwords, MasterKey masterKey, Clock clock) {
        this.database = database;
        this.log = log;
        this.roles = roles;
        this.passwords = passwords;
        this.links = new KeyedHash(masterKey, "set-up link");
        this.clock = clock;
    }

    public Optional<Account> account() {
        return database.read(accounts::find);
    }

    /** The secret of a new one-time setup link; earlier links stop working. Empty when there is an account. */
    public Optional<String> openLink() {
        // A start that has nothing to write must not depend on whether the database accepts changes.
        if (account().isPresent()) {
            return Optional.empty();
        }
        String secret = RandomKey.generate(random, RandomKey.UNGUESSABLE);
        return database.write(transaction -> {
            if (accounts.find(transaction.handle()).isPresent()) {
                return Optional.empty();
            }
            accounts.replaceSetupLink(
                    transaction, links.of(secret), clock.instant().plus(LINK_LIFETIME));
            return Optional.of(secret);
        });
    }

    /** Whether the link is valid. */
    public boolean isOpen(String secret) {
        return database.read(handle -> isOpen(handle, secret));
    }

    private boolean isOpen(Handle handle, String secret) {
        return accounts.isSetupLink(handle, links.of(secret), clock.instant())
                && accounts.find(handle).isEmpty();
    }

    /**
     * Sets up the account through the link, which is then used up.
     *
     * @throws Problem 404 when the link is not valid, 422 when a value is not valid
     */
    public User complete(String secret, String accountName, String email, String name, String password, Origin origin) {
        if (!isOpen(secret)) {
            throw linkGone();
        }
        validate(accountName, email, name, password);
        String hash = passwords.hash(password);
        return database.write(transaction -> {
            // Checked again: hashing takes long enough for someone else to use the link.
            if (!isOpen(transaction.handle(), secret)) {
                throw linkGone(transaction.handle());
            }
            return create(transaction, accountName, email, name, hash, origin);
        });
    }

    /** Sets up the account without a link, unless there is an account already. */
    public void completeUnattended(String accountName, String email, String password) {
        if (account().isPresent()) {
            return;
        }
        String name = email.split("@", 2)[0];
        validate(accountName, email, name, password);
        String hash = passwords.hash(password);
        database.change(transaction -> {
            if (accounts.find(transaction.handle()).isEmpty()) {
                create(transaction, accountName, email, name, hash, null);
            }
        });
    }

    /** The answer to a setup link that is no longer valid, or never was. */
    public Problem linkGone() {
        return account().isPresent() ? alreadySetUp() : expired();
    }

    private Problem linkGone(Handle handle) {
        return accounts.find(handle).isPresent() ? alreadySetUp() : expired();
    }

    private static Problem alreadySetUp() {
        return new Problem(
                404,
                "set_up_already",
                "The setup link has been used. Sign in with the email and the password that were chosen then, or ask an"
                        + " administrator to invite you.");
    }

    private static Problem expired() {
        return new Problem(
                404,
                "link_gone",
                "A setup link works for 24 hours, and only the newest one does. Restart Latchkey to get a new one.");
    }

    /** The answer to a request before there is an account. */
    public static Problem notYet() {
        return new Problem(
                409,
                "not_set_up",
                "Open the setup link that Latchkey printed when it started, in its terminal or its log. It works once, for"
                        + " 24 hours; each restart prints a new one.");
    }

    private static void validate(String accountName, String email, String name, String password) {
        String normalized = Email.normalized(email);
        People.requireNone(
                People.nameError("accountName", accountName),
                People.emailError(normalized),
                People.nameError("name", name),
                People.passwordError("password", password, normalized));
    }

    private User create(
            Transaction transaction,
            String accountName,
            String email,
            String name,
            String passwordHash,
            @Nullable Origin origin) {
        Instant now = clock.instant();
        Account account = new Account(
                RandomKey.generate(random, Account.KEY_LENGTH),
                accountName.strip(),
                now,
                null,
                KeyPolicy.DEFAULT,
                CallLimits.NONE,
                1);
        accounts.insert(transaction, account);
        accounts.deleteSetupLink(transaction);
        String normalized = Email.normalized(email);
        roles.createPredefined(transaction, normalized);
        User user = new User(
                RandomKey.generate(random, USER_ID_LENGTH),
                normalized,
                new UserTerms(name.strip(), new TreeSet<>(Set.of(Role.ACCOUNT_ADMIN))),
                User.Status.ACTIVE,
                now,
                normalized,
                null,
                1);
        users.insert(transaction, user, passwordHash);
        log.append(
                transaction,
                new Actor.System("setup", origin),
                EventType.ACCOUNT_SETUP,
                new Target(TargetKind.ACCOUNT, account.key(), account.name()),
                List.of(Change.set("administrator", normalized)));
        return user;
    }
}
