package dev.latchkey.account;

import static dev.latchkey.access.ManagementApi.USERS_MANAGE;
import static dev.latchkey.access.ManagementApi.USERS_READ;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Caller;
import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import dev.latchkey.account.User.Status;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.crypto.PasswordHash;
import dev.latchkey.crypto.RandomKey;
import dev.latchkey.database.Database;
import dev.latchkey.database.Transaction;
import dev.latchkey.event.Actor;
import dev.latchkey.event.Change;
import dev.latchkey.event.Event;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventType;
import dev.latchkey.event.LostChanges;
import dev.latchkey.event.Origin;
import dev.latchkey.event.Target;
import dev.latchkey.event.TargetKind;
import dev.latchkey.http.Throttle;
import dev.latchkey.management.ETag;
import dev.latchkey.management.Idempotency;
import dev.latchkey.problem.Page;
import dev.latchkey.problem.Problem;
import dev.latchkey.registry.CurrentPolicy;
import dev.latchkey.registry.Roles;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The rules of people. There is always an administrator who can sign in. No one can disable or remove themselves, or manage
 * a person who may do more than they do, unless they hold {@code security:manage}.
 */
public final class Users {
    /** A subquery for the ids of disabled and removed people, since there may be very many. */
    public static final String DEPARTED = UserStore.DEPARTED;

    private static final int FREE_WRONG_PASSWORDS = 5;
    private static final int MAX_PASSWORD_CHARACTERS = 1_000;
    private static final String NARROWER = "by a role or a state, or by a longer text";

    private final Database database;
    private final EventLog log;
    private final Roles roles;
    private final CurrentPolicy policy;
    private final Sessions sessions;
    private final PasswordHash passwords;
    private final Links links;
    private final Clock clock;
    private final Throttle wrongPasswords;
    private final SecureRandom random = new SecureRandom();
    private final UserStore store = new UserStore();

    public Users(
            Database database,
            EventLog log,
            Roles roles,
            CurrentPolicy policy,
            Sessions sessions,
            PasswordHash passwords,
            MasterKey masterKey,
            Clock clock) {
        this(database, log, roles, policy, sessions, passwords, masterKey, clock, System::nanoTime);
    }

    Users(
            Database database,
            EventLog log,
            Roles roles,
            CurrentPolicy policy,
            Sessions sessions,
            PasswordHash passwords,
            MasterKey masterKey,
            Clock clock,
            LongSupplier nanoTime) {
        this.database = database;
        this.log = log;
        this.roles = roles;
        this.policy = policy;
        this.sessions = sessions;
        this.passwords = passwords;
        this.links = new Links(masterKey, clock);
        this.clock = clock;
        this.wrongPasswords = new Throttle(FREE_WRONG_PASSWORDS, nanoTime);
    }

    /** A person with the secret of a one-time link to choose a password; null when the link was shown before. */
    public record Invited(User user, @Nullable String linkSecret) {
        @Override
        public String toString() {
            return "Invited[" + user.id() + "]";
        }
    }

    /** The person as a caller with their current privileges; empty unless they are active. */
    public Optional<Caller> caller(String userId, @Nullable Origin origin) {
        AccessPolicy now = policy.get();
        return database.read(handle -> store.byId(handle, userId))
                .map(UserStore.Credentials::user)
                .filter(user -> user.status() == Status.ACTIVE)
                .map(user -> new Caller(
                        Actor.Kind.PERSON,
                        user.id(),
                        user.email(),
                        user.roles().stream()
                                .map(role -> new Caller.AssignedRole(role, now.effective(role)))
                                .toList(),
                        origin));
    }

    /** People who were not removed. */
    public Page<User> list(Caller caller, UserQuery query, Page.Request page) {
        caller.require(USERS_READ);
        return database.search(NARROWER, handle -> store.list(handle, query, page));
    }

    /** How many people are in the list; a number above the limit only means that there are more. */
    public long count(Caller caller, UserQuery query, long limit) {
        caller.require(USERS_READ);
        return database.search(NARROWER, handle -> store.count(handle, query, limit));
    }

    /**
     * The person with this id.
     *
     * @throws Problem 404 when there is none, or they were removed
     */
    public User find(Caller caller, String userId) {
        caller.require(USERS_READ);
        return database.read(handle -> existing(store.byId(handle, userId)).user());
    }

    /** The person with this email, unless they were removed. */
    public Optional<User> withEmail(Caller caller, String email) {
        caller.require(USERS_READ);
        return database.read(handle -> store.byEmail(handle, Email.normalized(email)))
                .map(UserStore.Credentials::user);
    }

    /** The caller's own entry. */
    public User self(Caller caller) {
        return database.read(handle -> existing(store.byId(handle, caller.id())).user());
    }

    /**
     * A person who can own things: the caller, or another person who is neither disabled nor removed.
     *
     * @param field the field that an error names
     */
    public User answerable(Handle handle, Caller caller, String userId, String field) {
        if (!userId.equals(caller.id())) {
            caller.require(USERS_READ);
        }
        return store.byId(handle, userId)
                .map(UserStore.Credentials::user)
                .filter(user -> user.status() == Status.ACTIVE || user.status() == Status.INVITED)
                .orElseThrow(() -> Problem.invalid(field, "There is no user with this id, or the user is disabled."));
    }

    /** The disabled and removed people among these. */
    public Set<String> departed(Set<String> among) {
        return among.isEmpty() ? Set.of() : database.read(handle -> store.departed(handle, among));
    }

    /** Invites a person, who then chooses a password through the one-time link. */
    public Idempotency.Result<Invited> invite(
            Caller caller,
            String email,
            String name,
            Collection<String> roleNames,
            Idempotency.@Nullable Attempt idempotency) {
        caller.require(USERS_MANAGE);
        String normalized = Email.normalized(email);
        People.requireNone(People.emailError(normalized), People.nameError("name", name));
        return database.write(transaction -> {
            String repeated = Idempotency.replayed(transaction, caller, idempotency);
            if (repeated != null) {
                User user = existing(store.byId(transaction.handle(), repeated)).user();
                return new Idempotency.Result<>(new Invited(user, null), true);
            }
            if (store.byEmail(transaction.handle(), normalized).isPresent()) {
                throw Problem.conflict("user_exists", "There is a user with the email " + normalized + " already.");
            }
            SortedSet<String> assigned = new TreeSet<>(roleNames);
            assigned.forEach(role -> roles.requireAssignable(transaction, caller, role, "roles"));
            User user = new User(
                    RandomKey.generate(random, Setup.USER_ID_LENGTH),
                    normalized,
                    name.strip(),
                    Status.INVITED,
                    assigned,
                    now(),
                    caller.name(),
                    null,
                    1);
            store.insert(transaction, user, null);
            List<Change> changes =
                    new ArrayList<>(List.of(Change.set("email", normalized), Change.set("name", user.name())));
            assigned.forEach(role -> changes.add(Change.set("role", role)));
            log.append(transaction, caller.actingWith(USERS_MANAGE), EventType.USER_INVITE, target(user), changes);
            Idempotency.remember(transaction, caller, idempotency, user.id(), clock.instant());
            return new Idempotency.Result<>(new Invited(user, links.make(transaction, user)), false);
        });
    }

    /**
     * Makes a new one-time link for a person who was invited or forgot their password. Earlier links stop working.
     *
     * @throws Problem 409 for the caller themselves: someone at their browser could change the password without knowing it
     */
    public Invited newLink(Caller caller, String userId) {
        caller.require(USERS_MANAGE);
        return database.write(transaction -> {
            User user = manageable(transaction, caller, userId);
            requireAnotherPerson(caller, user, "make a link for", "Change your password on your profile.");
            if (user.status() == Status.DISABLED) {
                throw Problem.conflict("user_disabled", user.email() + " is disabled. Enable them first.");
            }
            log.append(transaction, caller.actingWith(USERS_MANAGE), EventType.USER_LINK, target(user), List.of());
            return new Invited(user, links.make(transaction, user));
        });
    }

    /** The person whom the link is for, while it is valid. */
    public Optional<User> invited(String linkSecret) {
        return database.read(handle -> store.invited(handle, links.hash(linkSecret), now())
                .flatMap(userId -> store.byId(handle, userId))
                .map(UserStore.Credentials::user)
                .filter(user -> user.status() == Status.INVITED || user.status() == Status.ACTIVE));
    }

    /**
     * Sets the password through the link, which is then used up; all sessions of the person end.
     *
     * @throws Problem 404 when the link is not valid
     */
    public User acceptLink(String linkSecret, String name, String password, Origin origin) {
        User invited = invited(linkSecret).orElseThrow(Users::linkGone);
        People.requireNone(People.nameError("name", name), People.passwordError("password", password, invited.email()));
        String hash = passwords.hash(password);
        return database.write(transaction -> {
            User user = store.invited(transaction.handle(), links.hash(linkSecret), now())
                    .flatMap(userId -> store.byId(transaction.handle(), userId))
                    .map(UserStore.Credentials::user)
                    .filter(found -> found.status() == Status.INVITED || found.status() == Status.ACTIVE)
                    .orElseThrow(Users::linkGone);
            store.deleteInvitations(transaction, user.id());
            store.rename(transaction, user, name.strip());
            store.setPassword(transaction, user.id(), hash);
            store.touch(transaction, user.id());
            sessions.endAll(transaction, user.id(), "");
            log.append(
                    transaction,
                    new Actor.Person(user.id(), user.email(), null, origin),
                    user.status() == Status.INVITED ? EventType.USER_ACCEPT : EventType.USER_PASSWORD,
                    target(user),
                    user.name().equals(name.strip())
                            ? List.of()
                            : List.of(Change.from("name", user.name(), name.strip())));
            return existing(store.byId(transaction.handle(), user.id())).user();
        });
    }

    /** The answer to a link to choose a password that is not valid, or no longer. */
    public static Problem linkGone() {
        return new Problem(
                404,
                "link_gone",
                "Links to choose a password work once, for 7 days, and only the newest one does. If you have chosen your"
                        + " password, sign in with it. Otherwise ask an administrator for a new link.");
    }

    /**
     * Changes the person, with one event that shows every difference.
     *
     * @param change turns the current terms into the wanted ones, inside the transaction
     * @throws Problem 412 when they are no longer at the expected version, 422 for what is not valid, 403 for a role that
     *     exceeds the caller, 409 when the last administrator would lose {@code accountadmin}
     */
    public User edit(
            Caller caller, String userId, UnaryOperator<UserTerms> change, ETag.@Nullable Expected expectedVersion) {
        return edit(caller, userId, change, expectedVersion, EventType.USER_UPDATE);
    }

    public User rename(Caller caller, String userId, String name, ETag.@Nullable Expected expectedVersion) {
        return edit(caller, userId, old -> old.called(name), expectedVersion, EventType.USER_RENAME);
    }

    /** Assigns a role; does nothing when the person has it already. */
    public User assign(Caller caller, String userId, String role, ETag.@Nullable Expected expectedVersion) {
        return edit(caller, userId, old -> old.with(role), expectedVersion, EventType.USER_ASSIGN_ROLE);
    }

    /** Takes a role away; does nothing when the person does not have it. */
    public User unassign(Caller caller, String userId, String role, ETag.@Nullable Expected expectedVersion) {
        return edit(caller, userId, old -> old.without(role), expectedVersion, EventType.USER_UNASSIGN_ROLE);
    }

    private User edit(
            Caller caller,
            String userId,
            UnaryOperator<UserTerms> change,
            ETag.@Nullable Expected expectedVersion,
            EventType type) {
        // The change may take a role away, which must work on a full disk, too.
        return end(caller, userId, expectedVersion, type, (transaction, user) -> {
            UserTerms wanted = change.apply(user.terms());
            People.requireNone(People.nameError("name", wanted.name()));
            List<Change> changes = new ArrayList<>(renamed(transaction, user, wanted.name()));
            for (String role : wanted.roles()) {
                if (!user.roles().contains(role)) {
                    roles.requireAssignable(
                            transaction, caller, role, type == EventType.USER_ASSIGN_ROLE ? "role" : "roles");
                    extend(transaction, userId, role);
                    changes.add(Change.set("role", role));
                }
            }
            for (String role : user.roles()) {
                if (!wanted.roles().contains(role)) {
                    store.unassign(transaction, userId, role);
                    changes.add(Change.from("role", role, null));
                }
            }
            if (!wanted.roles().containsAll(user.roles())) {
                requireAnAdministrator(transaction);
            }
            return changes;
        });
    }

    /**
     * Assigns a role and ends the person's open links. A caller who was shown one could manage the person as they were then,
     * and must not become what the person is now.
     */
    private void extend(Transaction transaction, String userId, String role) {
        store.assign(transaction, userId, role);
        store.deleteInvitations(transaction, userId);
    }

    private List<Change> renamed(Transaction transaction, User user, String name) {
        if (user.name().equals(name.strip())) {
            return List.of();
        }
        store.rename(transaction, user, name.strip());
        return List.of(Change.from("name", user.name(), name.strip()));
    }

    /** Ends the person's sessions and links and lets no new session begin; nothing else about them changes. */
    public User disable(Caller caller, String userId, ETag.@Nullable Expected expectedVersion) {
        return disable(caller, userId, expectedVersion, transaction -> {});
    }

    /** The same with another change that is made if and only if the person is disabled. */
    public User disable(
            Caller caller, String userId, ETag.@Nullable Expected expectedVersion, Consumer<Transaction> also) {
        return end(caller, userId, expectedVersion, EventType.USER_DISABLE, (transaction, user) -> {
            requireAnotherPerson(caller, user, "disable", "Ask another administrator.");
            also.accept(transaction);
            if (user.status() == Status.DISABLED) {
                return List.of();
            }
            disable(transaction, user);
            return List.of(Change.from("status", word(user.status()), word(Status.DISABLED)));
        });
    }

    /** Disables a person again when the database has lost that they were disabled. */
    public boolean disableAgain(Transaction transaction, Event lost) {
        store.byId(transaction.handle(), lost.target().id())
                .map(UserStore.Credentials::user)
                .filter(user -> user.status() == Status.ACTIVE || user.status() == Status.INVITED)
                .ifPresent(user -> {
                    disable(transaction, user);
                    endedAgain(transaction, user, lost, Status.DISABLED);
                });
        return true;
    }

    /** Removes a person again when the database has lost that they were removed. */
    public boolean removeAgain(Transaction transaction, Event lost) {
        store.byId(transaction.handle(), lost.target().id())
                .map(UserStore.Credentials::user)
                .filter(user -> user.status() != Status.REMOVED)
                .ifPresent(user -> {
                    remove(transaction, user);
                    endedAgain(transaction, user, lost, Status.REMOVED);
                });
        return true;
    }

    /** Ends the links and sessions again that a lost change of a password had ended; the password itself is lost. */
    public boolean endAccessAgain(Transaction transaction, Event lost) {
        store.deleteInvitations(transaction, lost.target().id());
        sessions.endAll(transaction, lost.target().id(), "");
        return false;
    }

    private void endedAgain(Transaction transaction, User user, Event lost, Status now) {
        store.touch(transaction, user.id());
        log.append(
                transaction,
                LostChanges.ACTOR,
                lost.type(),
                target(user),
                List.of(Change.from("status", word(user.status()), word(now)), LostChanges.naming(lost)));
    }

    private void disable(Transaction transaction, User user) {
        store.setDisabled(transaction, user.id(), now());
        store.deleteInvitations(transaction, user.id());
        sessions.endAll(transaction, user.id(), "");
        requireAnAdministrator(transaction);
    }

    private void remove(Transaction transaction, User user) {
        sessions.endAll(transaction, user.id(), "");
        store.setRemoved(transaction, user.id(), now());
        requireAnAdministrator(transaction);
    }

    public User enable(Caller caller, String userId, ETag.@Nullable Expected expectedVersion) {
        return manage(caller, userId, expectedVersion, EventType.USER_ENABLE, (transaction, user) -> {
            if (user.status() != Status.DISABLED) {
                return List.of();
            }
            store.setDisabled(transaction, userId, null);
            Status now =
                    existing(store.byId(transaction.handle(), userId)).user().status();
            return List.of(Change.from("status", word(Status.DISABLED), word(now)));
        });
    }

    /** Removes the person. Their tokens stay, and what they did still names them; the email is free again. */
    public void remove(Caller caller, String userId, ETag.@Nullable Expected expectedVersion) {
        remove(caller, userId, expectedVersion, transaction -> {});
    }

    /** The same with another change that is made if and only if the person is removed. */
    public void remove(
            Caller caller, String userId, ETag.@Nullable Expected expectedVersion, Consumer<Transaction> also) {
        end(caller, userId, expectedVersion, EventType.USER_REMOVE, (transaction, user) -> {
            requireAnotherPerson(caller, user, "remove", "Ask another administrator.");
            also.accept(transaction);
            remove(transaction, user);
            List<Change> changes =
                    new ArrayList<>(List.of(Change.from("status", word(user.status()), word(Status.REMOVED))));
            user.roles().forEach(role -> changes.add(Change.from("role", role, null)));
            return changes;
        });
    }

    /** Changes the caller's own name, which needs no privilege. */
    public void renameSelf(Caller caller, String name) {
        People.requireNone(People.nameError("name", name));
        database.change(transaction -> {
            User user = existing(store.byId(transaction.handle(), caller.id())).user();
            List<Change> changes = renamed(transaction, user, name);
            if (!changes.isEmpty()) {
                store.touch(transaction, user.id());
                log.append(transaction, caller.acting(), EventType.USER_RENAME, target(user), changes);
            }
        });
    }

    /**
     * Changes the caller's own password. All their other sessions, and their links to choose a password, end.
     *
     * @throws Problem 422 when the current password is wrong or the new one is not acceptable, 429 after too many wrong
     *     ones: someone at another person's browser must not find the password by trying
     */
    public void changeOwnPassword(Caller caller, String current, String wanted, String keepSessionId) {
        UserStore.Credentials checked = database.read(handle -> existing(store.byId(handle, caller.id())));
        People.requireNone(
                People.passwordError("password", wanted, checked.user().email()));
        Duration wait = wrongPasswords.attempt(caller.id());
        if (wait.isPositive()) {
            long seconds = wait.toSeconds() + 1;
            throw new Problem(
                            429,
                            "too_many_attempts",
                            "Too many wrong passwords. Try again in " + seconds
                                    + (seconds == 1 ? " second." : " seconds."))
                    .withHeader("Retry-After", Long.toString(seconds));
        }
        if (current.length() > MAX_PASSWORD_CHARACTERS || !passwords.matches(current, checked.passwordHash())) {
            throw Problem.invalid("currentPassword", "This is not your current password.");
        }
        wrongPasswords.succeeded(caller.id());
        String hash = passwords.hash(wanted);
        database.ending(transaction -> {
            UserStore.Credentials now = existing(store.byId(transaction.handle(), caller.id()));
            // Checking takes long enough for the person to be disabled or the password to be changed.
            if (now.user().status() != Status.ACTIVE || !Objects.equals(now.passwordHash(), checked.passwordHash())) {
                throw Problem.conflict("changed_meanwhile", "Your password has changed since you signed in. Sign in again.");
            }
            store.setPassword(transaction, caller.id(), hash);
            store.touch(transaction, caller.id());
            store.deleteInvitations(transaction, caller.id());
            sessions.endAll(transaction, caller.id(), keepSessionId);
            log.append(transaction, caller.acting(), EventType.USER_PASSWORD, target(now.user()), List.of());
        });
    }

    /** Makes a change to a person and returns what has changed; nothing when the person was like that already. */
    @FunctionalInterface
    private interface Edit {
        List<Change> apply(Transaction transaction, User user);
    }

    private User manage(
            Caller caller, String userId, ETag.@Nullable Expected expectedVersion, EventType type, Edit edit) {
        caller.require(USERS_MANAGE);
        return database.write(managing(caller, userId, expectedVersion, type, edit));
    }

    /** {@link #manage} for changes that take something away from the person. */
    private User end(Caller caller, String userId, ETag.@Nullable Expected expectedVersion, EventType type, Edit edit) {
        caller.require(USERS_MANAGE);
        return database.end(managing(caller, userId, expectedVersion, type, edit));
    }

    private Function<Transaction, User> managing(
            Caller caller, String userId, ETag.@Nullable Expected expectedVersion, EventType type, Edit edit) {
        return transaction -> {
            User user = manageable(transaction, caller, userId);
            ETag.require(expectedVersion, user.version(), "The user " + user.email());
            List<Change> changes = edit.apply(transaction, user);
            if (!changes.isEmpty()) {
                store.touch(transaction, userId);
                log.append(transaction, caller.actingWith(USERS_MANAGE), type, target(user), changes);
            }
            return store.byId(transaction.handle(), userId).orElseThrow().user();
        };
    }

    /** The person, unless they may do more than the caller. */
    private User manageable(Transaction transaction, Caller caller, String userId) {
        User user = existing(store.byId(transaction.handle(), userId)).user();
        if (!caller.managesSecurity()) {
            for (String role : user.roles()) {
                for (Privilege privilege : policy.get().effective(role).all()) {
                    if (!caller.has(privilege)) {
                        throw new Problem(
                                        403,
                                        "user_exceeds_you",
                                        user.email() + " may do what you may not (" + privilege.name()
                                                + "), so you cannot manage them.")
                                .with("missingPrivileges", List.of(privilege.name()));
                    }
                }
            }
        }
        return user;
    }

    private static void requireAnotherPerson(Caller caller, User user, String verb, String advice) {
        if (caller.kind() == Actor.Kind.PERSON && caller.id().equals(user.id())) {
            throw Problem.conflict("yourself", "You cannot " + verb + " yourself. " + advice);
        }
    }

    private static String word(Status status) {
        return status.name().toLowerCase(Locale.ROOT);
    }

    private void requireAnAdministrator(Transaction transaction) {
        if (store.activeWithRole(transaction.handle(), Role.ACCOUNT_ADMIN) == 0) {
            throw Problem.conflict(
                    "last_administrator",
                    "This is the last person with the role accountadmin who can sign in. Assign the role to someone"
                            + " else first.");
        }
    }

    private static UserStore.Credentials existing(Optional<UserStore.Credentials> found) {
        return found.filter(credentials -> credentials.user().status() != Status.REMOVED)
                .orElseThrow(() -> Problem.notFound("There is no user with this id."));
    }

    private static Target target(User user) {
        return new Target(TargetKind.USER, user.id(), user.email());
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
