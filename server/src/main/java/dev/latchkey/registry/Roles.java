package dev.latchkey.registry;

import static dev.latchkey.access.ManagementApi.ROLES_MANAGE;
import static dev.latchkey.access.ManagementApi.ROLES_READ;

import dev.latchkey.access.AccessDifference;
import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Api;
import dev.latchkey.access.Caller;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Role;
import dev.latchkey.access.RoleTerms;
import dev.latchkey.database.Database;
import dev.latchkey.database.Transaction;
import dev.latchkey.event.Change;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventType;
import dev.latchkey.management.ETag;
import dev.latchkey.management.Idempotency;
import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Text;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The rules of roles: how they are created, changed and deleted, and who may see and assign them. The first rule is that no
 * one hands out more than they hold. Only a caller whose own effective privileges cover what becomes possible, or who holds
 * {@code security:manage}, may assign, grant or extend a role. Nor may a caller remove privileges that they do not hold,
 * because they could not restore them.
 */
public final class Roles {
    private final Database database;
    private final EventLog log;
    private final CurrentPolicy current;
    private final Clock clock;
    private final RolesInUse inUse;
    private final RoleRules rules = new RoleRules();
    private final RoleStore store = new RoleStore();

    public Roles(Database database, EventLog log, CurrentPolicy current, Clock clock, List<RoleUse> uses) {
        this.database = database;
        this.log = log;
        this.current = current;
        this.clock = clock;
        this.inUse = new RolesInUse(uses);
    }

    /** All roles by name. */
    public Collection<Role> list(Caller caller) {
        caller.require(ROLES_READ);
        return current.get().roles();
    }

    /**
     * The role with this name.
     *
     * @throws Problem 404 when there is none
     */
    public Role find(Caller caller, String name) {
        caller.require(ROLES_READ);
        return existing(current.get(), name);
    }

    /** How often each role is used; a role that nothing uses is absent. */
    public Map<String, RoleUsage> usage() {
        AccessPolicy policy = current.get();
        return database.read(handle -> inUse.usage(handle, policy));
    }

    public RoleUsage usage(String role) {
        return usage().getOrDefault(role, RoleUsage.NONE);
    }

    /** The roles that the caller may know of: with {@code roles:read} all, otherwise their own and {@code public}. */
    public List<Role> visible(Caller caller) {
        return current.get().roles().stream()
                .filter(role -> caller.has(ROLES_READ)
                        || role.name().equals(Role.PUBLIC)
                        || caller.roles().stream().anyMatch(own -> own.name().equals(role.name())))
                .toList();
    }

    /** The roles that the caller may assign and know of: those that their own privileges cover. */
    public List<Role> assignable(Caller caller) {
        AccessPolicy policy = current.get();
        return visible(caller).stream()
                .filter(role -> RoleRules.covers(caller, policy, role.name()))
                .toList();
    }

    /**
     * Creates a role.
     *
     * @param idempotency remembers the creation, so that a repeated request does not repeat it; may be null
     * @throws Problem 409 when the name is taken, 422 for what is not valid, 403 for more than the caller holds
     */
    public Idempotency.Result<Role> create(
            Caller caller, String name, RoleTerms wanted, Idempotency.@Nullable Attempt idempotency) {
        caller.require(ROLES_MANAGE);
        RoleRules.requireName(name);
        return database.write(transaction -> {
            AccessPolicy before = graph(transaction);
            String repeated = Idempotency.replayed(transaction, caller, idempotency);
            if (repeated != null) {
                return new Idempotency.Result<>(existing(before, repeated), true);
            }
            if (before.role(name).isPresent()) {
                throw Problem.conflict("role_exists", "There is already a role " + name + ".");
            }
            Role nothing = new Role(name, RoleTerms.describing(""), clock.instant(), caller.name(), 0);
            Role role = applied(nothing, wanted);
            rules.validate(transaction.handle(), before, role);
            RoleRules.requireNoWidening(caller, before, before.with(role), name);
            store.insert(transaction, role);
            append(transaction, caller, EventType.ROLE_CREATE, name, RoleFacts.between(nothing, role));
            Idempotency.remember(transaction, caller, idempotency, name, clock.instant());
            return new Idempotency.Result<>(role, false);
        });
    }

    /**
     * Changes the role, with one event that shows every difference.
     *
     * @param change turns the current terms into the wanted ones, inside the transaction
     * @throws Problem 412 when it is no longer at the expected version, 409 for a predefined role or a circle, 422 for what
     *     is not valid, 403 for more than the caller holds
     */
    public Role edit(
            Caller caller, String name, UnaryOperator<RoleTerms> change, ETag.@Nullable Expected expectedVersion) {
        return edit(caller, name, change, (transaction, role) -> List.of(), expectedVersion);
    }

    /**
     * The same, for an edit that has a reason.
     *
     * @param reasons what the event says in addition to every difference, given the role as it becomes; it may write what belongs
     *     to the edit
     */
    public Role edit(
            Caller caller,
            String name,
            UnaryOperator<RoleTerms> change,
            BiFunction<Transaction, Role, List<Change>> reasons,
            ETag.@Nullable Expected expectedVersion) {
        caller.require(ROLES_MANAGE);
        // The change may take a privilege away, which must work on a full disk, too.
        return database.end(transaction -> {
            AccessPolicy before = graph(transaction);
            Role old = existing(before, name);
            ETag.require(expectedVersion, old.version(), "The role " + old.name());
            if (!old.isChangeable()) {
                throw Problem.conflict("predefined_role", "The role " + name + " is predefined and cannot be changed.");
            }
            Role role = applied(old, change.apply(old.terms()));
            List<Change> changes = new ArrayList<>(RoleFacts.between(old, role));
            if (changes.isEmpty()) {
                return old;
            }
            rules.validate(transaction.handle(), before, role);
            AccessPolicy after = before.with(role);
            RoleRules.requireNoWidening(caller, before, after, name);
            RoleRules.requireNothingLost(caller, before, after, List.of());
            changes.addAll(inUse.endedLinks(transaction, before, after));
            changes.addAll(0, reasons.apply(transaction, role));
            store.update(transaction, role);
            append(transaction, caller, EventType.ROLE_UPDATE, name, changes);
            return role;
        });
    }

    /**
     * Deletes the role with its grants and its assignments to people.
     *
     * @throws Problem 409 when active tokens use it, as their own role or through a role that it is granted to
     */
    public void delete(Caller caller, String name, ETag.@Nullable Expected expectedVersion) {
        caller.require(ROLES_MANAGE);
        database.ending(transaction -> {
            AccessPolicy before = graph(transaction);
            Role role = existing(before, name);
            ETag.require(expectedVersion, role.version(), "The role " + role.name());
            if (role.isPredefined()) {
                throw Problem.conflict("predefined_role", "The role " + name + " is predefined and cannot be deleted.");
            }
            inUse.requireNoTokens(transaction.handle(), before, name);
            List<Change> assignments = inUse.assignments(transaction.handle(), name);
            AccessPolicy after = before.without(name);
            RoleRules.requireNoWidening(caller, before, after, name);
            RoleRules.requireNothingLost(
                    caller,
                    before,
                    after,
                    assignments.isEmpty() ? List.of() : before.effective(name).all());
            List<Change> changes = new ArrayList<>(RoleFacts.between(role, role.withoutParts()));
            changes.addAll(assignments);
            changes.addAll(inUse.endedLinks(transaction, before, after));
            store.delete(transaction, name);
            append(transaction, caller, EventType.ROLE_DELETE, name, changes);
        });
    }

    /** What these terms would change about the role itself. Nothing is changed. */
    public List<Change> changes(Role role, RoleTerms wanted) {
        return RoleFacts.between(role, applied(role, wanted));
    }

    /**
     * What these terms would open and close in this role and in those above it. Nothing is changed.
     *
     * @param more APIs to compare in addition to the registered ones
     */
    public AccessDifference preview(Caller caller, String name, RoleTerms wanted, Collection<Api> more) {
        caller.require(ROLES_READ);
        AccessPolicy now = current.get();
        Role role = existing(now, name);
        return AccessDifference.between(now, now.with(applied(role, wanted)), more, database.read(inUse::tokens));
    }

    /**
     * Refuses unless the caller may assign the role, inside the transaction that assigns it.
     *
     * @param field the field that an error names
     * @throws Problem 422 when there is no such role, 403 when it exceeds the caller's own privileges
     */
    public void requireAssignable(Transaction transaction, Caller caller, String role, String field) {
        AccessPolicy policy = graph(transaction);
        if (policy.role(role).isEmpty()) {
            throw Problem.invalid(field, "There is no role " + Text.quote(role) + ".");
        }
        RoleRules.requireCovered(caller, policy, role);
    }

    /** Creates {@code accountadmin} and {@code public}, when the account is set up. */
    public void createPredefined(Transaction transaction, String createdBy) {
        Instant now = clock.instant();
        RoleTerms everything =
                RoleTerms.describing("Everything, including who may do what").allowing(ManagementApi.SECURITY_MANAGE);
        store.insert(transaction, new Role(Role.ACCOUNT_ADMIN, everything, now, createdBy, 1));
        RoleTerms nothing = RoleTerms.describing("What everyone and every token may do");
        store.insert(transaction, new Role(Role.PUBLIC, nothing, now, createdBy, 1));
    }

    /** The roles as this transaction sees them, without the APIs, which do not matter to their rules. */
    public AccessPolicy graph(Transaction transaction) {
        return new AccessPolicy(store.all(transaction.handle()), List.of());
    }

    private void append(Transaction transaction, Caller caller, EventType type, String name, List<Change> changes) {
        log.append(transaction, caller.actingWith(ROLES_MANAGE), type, RoleFacts.target(name), changes);
    }

    /**
     * The role in this policy.
     *
     * @throws Problem 404 when there is none
     */
    public static Role existing(AccessPolicy policy, String name) {
        return policy.role(name).orElseThrow(() -> Problem.notFound("There is no role " + Text.quote(name) + "."));
    }

    private static Role applied(Role role, RoleTerms wanted) {
        return role.changedTo(wanted.describedAs(wanted.description().strip()));
    }
}
