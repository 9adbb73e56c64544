package dev.latchkey.registry;

import static dev.latchkey.access.ManagementApi.ROLES_MANAGE;
import static dev.latchkey.access.ManagementApi.ROLES_READ;

import dev.latchkey.access.AccessDifference;
import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Api;
import dev.latchkey.access.Caller;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import dev.latchkey.access.RoleTerms;
import dev.latchkey.database.Database;
import dev.latchkey.database.Transaction;
import dev.latchkey.event.Change;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventType;
import dev.latchkey.event.Target;
import dev.latchkey.event.TargetKind;
import dev.latchkey.management.ETag;
import dev.latchkey.management.Idempotency;
import dev.latchkey.management.Line;
import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Text;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The rules of roles. The first of them: no one hands out more than they hold. Only a caller whose own effective privileges
 * cover what becomes possible, or who holds {@code security:manage}, may assign, grant or extend a role. Nor may a caller
 * remove privileges that they do not hold, because they could not restore them.
 */
public final class Roles {
    private static final Pattern NAME = Pattern.compile("[a-z0-9_]{1,64}");
    private static final int MAX_DESCRIPTION = 200;
    private static final String ASSIGNED_TO = "assigned to";
    private static final String TOKEN = "token";
    private static final int NAMED_AT_MOST = 5;

    /** A refusal to delete a role says how many tokens use it, up to this many. */
    private static final long COUNTED_AT_MOST = 10_000;

    private static final Set<Privilege> OWN = ManagementApi.PRIVILEGES.stream()
            .map(ManagementApi.Described::privilege)
            .collect(Collectors.toUnmodifiableSet());

    private final Database database;
    private final EventLog log;
    private final CurrentPolicy current;
    private final Clock clock;
    private final List<RoleUse> uses;
    private final RoleStore store = new RoleStore();
    private final ApiStore apis = new ApiStore();

    public Roles(Database database, EventLog log, CurrentPolicy current, Clock clock, List<RoleUse> uses) {
        this.database = database;
        this.log = log;
        this.current = current;
        this.clock = clock;
        this.uses = List.copyOf(uses);
    }

    /**
     * How often a role is used, directly or through a role above it.
     *
     * @param tokens the active API tokens that act with it
     * @param users the people who act with it
     * @param directTokens how many of the tokens it is assigned to
     * @param directUsers how many of the people it is assigned to
     */
    public record Usage(long tokens, long users, long directTokens, long directUsers) {
        public static final Usage NONE = new Usage(0, 0, 0, 0);

        private static Usage of(String kind, long number, boolean direct) {
            long directly = direct ? number : 0;
            return kind.equals(TOKEN) ? new Usage(number, 0, directly, 0) : new Usage(0, number, 0, directly);
        }

        private Usage plus(Usage other) {
            return new Usage(
                    tokens + other.tokens,
                    users + other.users,
                    directTokens + other.directTokens,
                    directUsers + other.directUsers);
        }
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
    public Map<String, Usage> usage() {
        AccessPolicy policy = current.get();
        return database.read(handle -> {
            Map<String, Usage> usage = new TreeMap<>();
            for (RoleUse use : uses) {
                use.counts(handle)
                        .forEach((assigned, count) -> policy.activeRoleSet(assigned)
                                .forEach(role -> usage.merge(
                                        role, Usage.of(use.kind(), count, assigned.contains(role)), Usage::plus)));
            }
            return usage;
        });
    }

    public Usage usage(String role) {
        return usage().getOrDefault(role, Usage.NONE);
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
                .filter(role ->
                        missing(caller, policy.effective(role.name()).all()).isEmpty())
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
        if (!NAME.matcher(name).matches()) {
            throw Problem.invalid("name", "Use 1 to 64 of the characters a-z, 0-9 and _.");
        }
        return database.write(transaction -> {
            AccessPolicy before = graph(transaction);
            String repeated = Idempotency.replayed(transaction, caller, idempotency);
            if (repeated != null) {
                return new Idempotency.Result<>(existing(before, repeated), true);
            }
            if (before.role(name).isPresent()) {
                throw Problem.conflict("role_exists", "There is a role " + name + " already.");
            }
            Role nothing = new Role(name, RoleTerms.describing(""), now(), caller.name(), 0);
            Role role = applied(nothing, wanted);
            validate(transaction, before, role);
            requireAdministrators(before.with(role));
            requireNoWidening(caller, before, before.with(role), name);
            store.insert(transaction, role);
            log.append(
                    transaction,
                    caller.actingWith(ROLES_MANAGE),
                    EventType.ROLE_CREATE,
                    target(name),
                    differences(nothing, role));
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
            List<Change> changes = new ArrayList<>(differences(old, role));
            if (changes.isEmpty()) {
                return old;
            }
            validate(transaction, before, role);
            AccessPolicy after = before.with(role);
            requireAdministrators(after);
            requireNoWidening(caller, before, after, name);
            requireNothingLost(caller, before, after, List.of());
            changes.addAll(endedLinks(transaction, before, after));
            store.update(transaction, role);
            log.append(transaction, caller.actingWith(ROLES_MANAGE), EventType.ROLE_UPDATE, target(name), changes);
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
            List<Change> changes = new ArrayList<>(differences(role, role.withoutParts()));
            for (RoleUse use : uses) {
                if (use.kind().equals(TOKEN)) {
                    requireUnused(transaction, use, before, name);
                    continue;
                }
                long count = use.count(transaction.handle(), Set.of(name), COUNTED_AT_MOST);
                if (count > 0) {
                    changes.add(Change.from(ASSIGNED_TO, count + " " + use.kind() + (count == 1 ? "" : "s"), null));
                }
            }
            AccessPolicy after = before.without(name);
            requireNoWidening(caller, before, after, name);
            boolean had = changes.stream().anyMatch(change -> change.field().equals(ASSIGNED_TO));
            requireNothingLost(
                    caller, before, after, had ? before.effective(name).all() : List.of());
            changes.addAll(endedLinks(transaction, before, after));
            store.delete(transaction, name);
            log.append(transaction, caller.actingWith(ROLES_MANAGE), EventType.ROLE_DELETE, target(name), changes);
        });
    }

    /** Deleting a role must not take anything from a program unnoticed. */
    private static void requireUnused(Transaction transaction, RoleUse tokens, AccessPolicy policy, String name) {
        long direct = tokens.count(transaction.handle(), Set.of(name), COUNTED_AT_MOST);
        if (direct > 0) {
            throw Problem.conflict(
                            "role_in_use",
                            used(direct) + " the role " + name + ". Revoke " + (direct == 1 ? "it" : "them")
                                    + " first.")
                    .with("tokens", direct)
                    .with("href", "/tokens?status=active&role=" + name);
        }
        SortedSet<String> above = policy.above(name);
        above.remove(name);
        long through = above.isEmpty() ? 0 : tokens.count(transaction.handle(), above, COUNTED_AT_MOST);
        if (through > 0) {
            List<String> granted = List.copyOf(policy.grantedTo(name));
            throw Problem.conflict(
                            "role_in_use",
                            used(through) + " the role " + name + " through " + named(granted)
                                    + ". Take it out of " + (granted.size() == 1 ? "that role" : "those roles")
                                    + " first.")
                    .with("tokens", through)
                    .with("grantedTo", granted);
        }
    }

    private static String used(long tokens) {
        String number = tokens > COUNTED_AT_MOST ? "More than " + COUNTED_AT_MOST : Long.toString(tokens);
        return number + (tokens == 1 ? " active token uses" : " active tokens use");
    }

    private static String named(List<String> roles) {
        List<String> first = roles.subList(0, Math.min(NAMED_AT_MOST, roles.size()));
        int more = roles.size() - first.size();
        return more > 0
                ? String.join(", ", first) + " and " + more + " more"
                : roles.size() == 1
                        ? roles.getFirst()
                        : String.join(", ", roles.subList(0, roles.size() - 1)) + " and " + roles.getLast();
    }

    /** What these terms would change about the role itself. Nothing is changed. */
    public List<Change> changes(Role role, RoleTerms wanted) {
        return differences(role, applied(role, wanted));
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
        Map<String, Long> tokens = database.read(handle -> {
            Map<String, Long> byRole = new TreeMap<>();
            for (RoleUse use : uses) {
                if (use.kind().equals(TOKEN)) {
                    use.assigned(handle).forEach((used, number) -> byRole.merge(used, number, Long::sum));
                }
            }
            return byRole;
        });
        return AccessDifference.between(now, now.with(applied(role, wanted)), more, tokens);
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
        refuseMissing(role, missing(caller, policy.effective(role).all()));
    }

    /** Creates {@code accountadmin} and {@code public}, when the account is set up. */
    public void createPredefined(Transaction transaction, String createdBy) {
        Instant now = now();
        RoleTerms everything =
                RoleTerms.describing("Everything, including who may do what").allowing(ManagementApi.SECURITY_MANAGE);
        store.insert(transaction, new Role(Role.ACCOUNT_ADMIN, everything, now, createdBy, 1));
        RoleTerms nothing = RoleTerms.describing("What everyone and every token may do");
        store.insert(transaction, new Role(Role.PUBLIC, nothing, now, createdBy, 1));
    }

    /** The roles as this transaction sees them, without the APIs, which do not matter to their rules. */
    private AccessPolicy graph(Transaction transaction) {
        return new AccessPolicy(store.all(transaction.handle()), List.of());
    }

    private void validate(Transaction transaction, AccessPolicy before, Role role) {
        Line.error("description", role.description(), MAX_DESCRIPTION).ifPresent(error -> {
            throw Problem.invalid(List.of(error));
        });
        SortedSet<Privilege> added = new TreeSet<>(role.allowed());
        added.addAll(role.denied());
        before.role(role.name()).ifPresent(old -> {
            added.removeAll(old.allowed());
            added.removeAll(old.denied());
        });
        added.forEach(privilege -> requireKnown(transaction, privilege));
        for (Privilege privilege : role.denied()) {
            if (role.allowed().contains(privilege)) {
                throw Problem.invalid("privileges", privilege.name() + " cannot be allowed and denied at once.");
            }
        }
        for (String granted : role.grantedRoles()) {
            if (before.role(granted).isEmpty() && !granted.equals(role.name())) {
                throw Problem.invalid("grantedRoles", "There is no role " + Text.quote(granted) + ".");
            }
            before.with(role.withoutParts()).path(granted, role.name()).ifPresent(path -> {
                List<String> circle = new ArrayList<>(path);
                circle.addFirst(role.name());
                throw Problem.conflict(
                                "role_circle", "Roles cannot be granted in a circle: " + String.join(" -> ", circle))
                        .with("circle", circle);
            });
        }
    }

    /** The administrators lose what {@code public} or a role below it denies. */
    private static void requireAdministrators(AccessPolicy after) {
        if (after.role(Role.ACCOUNT_ADMIN).isPresent() && !after.isPowerful(Role.ACCOUNT_ADMIN)) {
            throw Problem.invalid(
                    "privileges", "This would deny security:manage to everyone and lock the administrators out.");
        }
    }

    private void requireKnown(Transaction transaction, Privilege privilege) {
        if (!OWN.contains(privilege) && !apis.hasPrivilege(transaction.handle(), privilege)) {
            throw Problem.invalid("privileges", "There is no privilege " + Text.quote(privilege.toString()) + ".");
        }
    }

    /** Promise 4: the caller must hold what any role gains, and all of the changed role once it gains something. */
    private static void requireNoWidening(Caller caller, AccessPolicy before, AccessPolicy after, String changed) {
        SortedSet<Privilege> gained = new TreeSet<>();
        for (Role role : after.roles()) {
            gained.addAll(after.effective(role.name()).beyond(before.effective(role.name())));
        }
        if (!after.effective(changed).beyond(before.effective(changed)).isEmpty()) {
            gained.addAll(after.effective(changed).all());
        }
        refuseMissing(changed, missing(caller, gained));
    }

    /**
     * The caller must hold what any role loses: otherwise a caller who may change roles could lock out those above them, and
     * no one who is left could undo it.
     *
     * @param more what is lost with a role that is deleted
     */
    private static void requireNothingLost(
            Caller caller, AccessPolicy before, AccessPolicy after, Collection<Privilege> more) {
        SortedSet<Privilege> lost = new TreeSet<>(more);
        for (Role role : after.roles()) {
            lost.addAll(before.effective(role.name()).beyond(after.effective(role.name())));
        }
        SortedSet<Privilege> missing = missing(caller, lost);
        if (!missing.isEmpty()) {
            List<String> names = missing.stream().map(Roles::shown).toList();
            throw new Problem(
                            403,
                            "role_exceeds_yours",
                            "This would remove what you may not do yourself and could not restore: "
                                    + String.join(", ", names) + ".")
                    .with("missingPrivileges", names);
        }
    }

    /** Ends the open links of people who gain something, and says how many they were. */
    private List<Change> endedLinks(Transaction transaction, AccessPolicy before, AccessPolicy after) {
        SortedSet<String> widened = new TreeSet<>();
        for (Role role : after.roles()) {
            if (!after.effective(role.name())
                    .beyond(before.effective(role.name()))
                    .isEmpty()) {
                widened.add(role.name());
            }
        }
        long ended = uses.stream()
                .mapToLong(use -> use.widened(transaction, widened))
                .sum();
        return ended == 0 ? List.of() : List.of(Change.from("open links", Long.toString(ended), null));
    }

    private static SortedSet<Privilege> missing(Caller caller, Collection<Privilege> wanted) {
        if (caller.managesSecurity()) {
            return new TreeSet<>();
        }
        return wanted.stream()
                .filter(privilege -> !caller.has(privilege))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static void refuseMissing(String role, SortedSet<Privilege> missing) {
        if (!missing.isEmpty()) {
            List<String> names = missing.stream().map(Roles::shown).toList();
            throw new Problem(
                            403,
                            "role_exceeds_yours",
                            "The role " + role + " would allow what you may not do yourself: "
                                    + String.join(", ", names) + ".")
                    .with("role", role)
                    .with("missingPrivileges", names);
        }
    }

    /** Latchkey's own privileges by their names alone, as everywhere; those of other APIs with the name of the API. */
    private static String shown(Privilege privilege) {
        return privilege.api().equals(ManagementApi.NAME) ? privilege.name() : privilege.toString();
    }

    private static Role existing(AccessPolicy policy, String name) {
        return policy.role(name).orElseThrow(() -> Problem.notFound("There is no role " + Text.quote(name) + "."));
    }

    private static Role applied(Role role, RoleTerms wanted) {
        return role.changedTo(wanted.describedAs(wanted.description().strip()));
    }

    static List<Change> differences(Role old, Role role) {
        List<Change> changes = new ArrayList<>();
        if (!old.description().equals(role.description())) {
            changes.add(Change.from("description", textOrNull(old.description()), textOrNull(role.description())));
        }
        SortedSet<Privilege> touched = new TreeSet<>(old.allowed());
        touched.addAll(old.denied());
        touched.addAll(role.allowed());
        touched.addAll(role.denied());
        for (Privilege privilege : touched) {
            String before = effect(old, privilege);
            String after = effect(role, privilege);
            if (!Objects.equals(before, after)) {
                changes.add(Change.from("privilege " + privilege, before, after));
            }
        }
        SortedSet<String> grants = new TreeSet<>(old.grantedRoles());
        grants.addAll(role.grantedRoles());
        for (String granted : grants) {
            boolean before = old.grantedRoles().contains(granted);
            boolean after = role.grantedRoles().contains(granted);
            if (before != after) {
                changes.add(Change.from("granted role", before ? granted : null, after ? granted : null));
            }
        }
        return changes;
    }

    private static @Nullable String textOrNull(String text) {
        return text.isEmpty() ? null : text;
    }

    private static @Nullable String effect(Role role, Privilege privilege) {
        return role.allowed().contains(privilege) ? "allow" : role.denied().contains(privilege) ? "deny" : null;
    }

    static Target target(String name) {
        return Target.named(TargetKind.ROLE, name);
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
