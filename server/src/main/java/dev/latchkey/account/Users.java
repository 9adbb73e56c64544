package dev.latchkey.account;

import static dev.latchkey.access.ManagementApi.USERS_MANAGE;
import static dev.latchkey.access.ManagementApi.USERS_READ;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Caller;
import dev.latchkey.account.User.Status;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.crypto.RandomKey;
import dev.latchkey.database.Database;
import dev.latchkey.database.Transaction;
import dev.latchkey.event.Actor;
import dev.latchkey.event.Change;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventType;
import dev.latchkey.event.Origin;
import dev.latchkey.management.ETag;
import dev.latchkey.management.Idempotency;
import dev.latchkey.problem.Page;
import dev.latchkey.problem.Problem;
import dev.latchkey.registry.CurrentPolicy;
import dev.latchkey.registry.Roles;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The rules of people: how they are invited, changed, disabled and removed, and who may see them. There is always an
 * administrator who can sign in. No one can disable or remove themselves, or manage a person who may do more than they do,
 * unless they hold {@code security:manage}.
 */
public final class Users {
    /** A subquery for the ids of disabled and removed people, since there may be very many. */
    public static final String DEPARTED = UserStore.DEPARTED;

    private static final String NARROWER = "by a role or a state, or by a longer text";

    private final Database database;
    private final EventLog log;
    private final Roles roles;
    private final CurrentPolicy policy;
    private final UserRules rules;
    private final Departures departures;
    private final Links links;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    private final UserStore store = new UserStore();

    public Users(
            Database database,
            EventLog log,
            Roles roles,
            CurrentPolicy policy,
            Sessions sessions,
            MasterKey masterKey,
            Clock clock) {
        this.database = database;
        this.log = log;
        this.roles = roles;
        this.policy = policy;
        this.rules = new UserRules(policy);
        this.departures = new Departures(log, rules, sessions, clock);
        this.links = new Links(masterKey, clock);
        this.clock = clock;
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
        return database.read(handle -> rules.existing(handle, userId));
    }

    /** The person with this email, unless they were removed. */
    public Optional<User> withEmail(Caller caller, String email) {
        caller.require(USERS_READ);
        return database.read(handle -> store.byEmail(handle, Email.normalized(email)))
                .map(UserStore.Credentials::user);
    }

    /** The caller's own entry. */
    public User self(Caller caller) {
        return database.read(handle -> rules.existing(handle, caller.id()));
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
                .filter(User::isEnabled)
                .orElseThrow(() -> Problem.invalid(field, "There is no user with this id, or the user is disabled."));
    }

    /** The same by a user id or an email address. */
    public User answerableNamed(Handle handle, Caller caller, String named, String field) {
        String userId = store.byEmail(handle, Email.normalized(named))
                .map(found -> found.user().id())
                .orElse(named);
        return answerable(handle, caller, userId, field);
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
                User user = rules.existing(transaction.handle(), repeated);
                return new Idempotency.Result<>(new Invited(user, null), true);
            }
            if (store.byEmail(transaction.handle(), normalized).isPresent()) {
                throw Problem.conflict("user_exists", "There is already a user with the email " + normalized + ".");
            }
            SortedSet<String> assigned = new TreeSet<>(roleNames);
            assigned.forEach(role -> roles.requireAssignable(transaction, caller, role, "roles"));
            User user = new User(
                    RandomKey.generate(random, Setup.USER_ID_LENGTH),
                    normalized,
                    new UserTerms(name.strip(), assigned),
                    Status.INVITED,
                    clock.instant(),
                    caller.name(),
                    null,
                    1);
            store.insert(transaction, user, null);
            append(transaction, caller, EventType.USER_INVITE, user, UserFacts.invited(user));
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
            User user = rules.manageable(transaction.handle(), caller, userId);
            UserRules.requireAnotherPerson(caller, user, "make a link for", "Change your password on your profile.");
            if (user.status() == Status.DISABLED) {
                throw Problem.conflict("user_disabled", user.email() + " is disabled. Enable them first.");
            }
            append(transaction, caller, EventType.USER_LINK, user, List.of());
            return new Invited(user, links.make(transaction, user));
        });
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
        caller.require(USERS_MANAGE);
        // The change may take a role away, which must work on a full disk, too.
        return database.end(editing(caller, userId, expectedVersion, type, (transaction, old) -> {
            UserTerms wanted = change.apply(old.terms());
            UserTerms terms = wanted.called(checkedName(wanted.name()));
            Set<String> gained = terms.rolesBeyond(old.roles());
            String field = type == EventType.USER_ASSIGN_ROLE ? "role" : "roles";
            gained.forEach(role -> roles.requireAssignable(transaction, caller, role, field));
            store.update(transaction, old, terms);
            if (!gained.isEmpty()) {
                // Who was shown a link could manage the person as they were then, and must not become what they are
                // now.
                store.deleteInvitations(transaction, userId);
            }
            if (!terms.roles().containsAll(old.roles())) {
                rules.requireAnAdministrator(transaction.handle());
            }
            return UserFacts.between(old, terms);
        }));
    }

    /** Changes the caller's own name, which needs no privilege. */
    public void renameSelf(Caller caller, String name) {
        String checked = checkedName(name);
        database.change(transaction -> {
            User old = rules.existing(transaction.handle(), caller.id());
            UserTerms terms = old.terms().called(checked);
            List<Change> changes = UserFacts.between(old, terms);
            if (!changes.isEmpty()) {
                store.update(transaction, old, terms);
                store.touch(transaction, old.id());
                log.append(transaction, caller.acting(), EventType.USER_RENAME, UserFacts.target(old), changes);
            }
        });
    }

    /** Ends the person's sessions and links and lets no new session begin; nothing else about them changes. */
    public User disable(Caller caller, String userId, ETag.@Nullable Expected expectedVersion) {
        return disable(caller, userId, expectedVersion, transaction -> {});
    }

    /** The same with another change that is made if and only if the person is disabled. */
    public User disable(
            Caller caller, String userId, ETag.@Nullable Expected expectedVersion, Consumer<Transaction> also) {
        caller.require(USERS_MANAGE);
        return database.end(editing(caller, userId, expectedVersion, EventType.USER_DISABLE, (transaction, user) -> {
            UserRules.requireAnotherPerson(caller, user, "disable", "Ask another administrator.");
            also.accept(transaction);
            if (user.status() == Status.DISABLED) {
                return List.of();
            }
            departures.disable(transaction, user);
            return List.of(UserFacts.status(user.status(), Status.DISABLED));
        }));
    }

    public User enable(Caller caller, String userId, ETag.@Nullable Expected expectedVersion) {
        caller.require(USERS_MANAGE);
        return database.write(editing(caller, userId, expectedVersion, EventType.USER_ENABLE, (transaction, user) -> {
            if (user.status() != Status.DISABLED) {
                return List.of();
            }
            store.setDisabled(transaction, userId, null);
            return List.of(UserFacts.status(
                    Status.DISABLED,
                    rules.existing(transaction.handle(), userId).status()));
        }));
    }

    /** Removes the person. Their tokens stay, and what they did still names them; the email is free again. */
    public void remove(Caller caller, String userId, ETag.@Nullable Expected expectedVersion) {
        remove(caller, userId, expectedVersion, transaction -> {});
    }

    /** The same with another change that is made if and only if the person is removed. */
    public void remove(
            Caller caller, String userId, ETag.@Nullable Expected expectedVersion, Consumer<Transaction> also) {
        caller.require(USERS_MANAGE);
        database.end(editing(caller, userId, expectedVersion, EventType.USER_REMOVE, (transaction, user) -> {
            UserRules.requireAnotherPerson(caller, user, "remove", "Ask another administrator.");
            also.accept(transaction);
            departures.remove(transaction, user);
            return UserFacts.removed(user);
        }));
    }

    /** Makes a change to a person and returns what has changed; nothing when the person was like that already. */
    @FunctionalInterface
    private interface Edit {
        List<Change> apply(Transaction transaction, User user);
    }

    /** A change to a person whom the caller may manage, with its version and its event. */
    private Function<Transaction, User> editing(
            Caller caller, String userId, ETag.@Nullable Expected expectedVersion, EventType type, Edit edit) {
        return transaction -> {
            User user = rules.manageable(transaction.handle(), caller, userId);
            ETag.require(expectedVersion, user.version(), "The user " + user.email());
            List<Change> changes = edit.apply(transaction, user);
            if (!changes.isEmpty()) {
                store.touch(transaction, userId);
                append(transaction, caller, type, user, changes);
            }
            return store.byId(transaction.handle(), userId).orElseThrow().user();
        };
    }

    private void append(Transaction transaction, Caller caller, EventType type, User user, List<Change> changes) {
        log.append(transaction, caller.actingWith(USERS_MANAGE), type, UserFacts.target(user), changes);
    }

    private static String checkedName(String name) {
        People.requireNone(People.nameError("name", name));
        return name.strip();
    }

    UserRules rules() {
        return rules;
    }

    Links links() {
        return links;
    }

    /** What ends with a person, for when the database has lost that it ended. */
    public Departures departures() {
        return departures;
    }
}
