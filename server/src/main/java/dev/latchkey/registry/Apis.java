package dev.latchkey.registry;

import static dev.latchkey.access.ManagementApi.APIS_MANAGE;
import static dev.latchkey.access.ManagementApi.APIS_READ;

import dev.latchkey.access.AccessDifference;
import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Api;
import dev.latchkey.access.Caller;
import dev.latchkey.access.Endpoint;
import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import dev.latchkey.database.Database;
import dev.latchkey.database.Transaction;
import dev.latchkey.event.Change;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventType;
import dev.latchkey.event.Target;
import dev.latchkey.management.ETag;
import dev.latchkey.management.Idempotency;
import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Text;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The rules of registered APIs. A caller with {@code apis:manage} decides which endpoint needs which privilege, and so what
 * the roles that hold it open.
 */
public final class Apis {
    private final Database database;
    private final EventLog log;
    private final CurrentPolicy current;
    private final Clock clock;
    private final RoleUse tokens;
    private final ApiUse use;
    private final ApiRules rules;
    private final ApiStore store = new ApiStore();
    private final RoleStore roles = new RoleStore();

    /**
     * @param tokens how many active API tokens each role has
     * @param use what acts for an API, and ends with it
     * @param managementAudience the audience of Latchkey's own API, which no other may have
     */
    /** The API as the subject of an event. */
    public static Target target(String name) {
        return ApiFacts.target(name);
    }

    public Apis(
            Database database,
            EventLog log,
            CurrentPolicy current,
            Clock clock,
            RoleUse tokens,
            ApiUse use,
            String managementAudience) {
        this.database = database;
        this.log = log;
        this.current = current;
        this.clock = clock;
        this.tokens = tokens;
        this.use = use;
        this.rules = new ApiRules(managementAudience);
    }

    /** All registered APIs by name. */
    public Collection<Api> list(Caller caller) {
        caller.require(APIS_READ);
        return current.get().apis();
    }

    /**
     * The registered API with this name.
     *
     * @throws Problem 404 when there is none
     */
    public Api find(Caller caller, String name) {
        caller.require(APIS_READ);
        return current.get().api(name).orElseThrow(() -> missing(name));
    }

    /**
     * Registers an API.
     *
     * @throws Problem 409 when the name is taken, 422 for what is not valid
     */
    public Idempotency.Result<Api> create(
            Caller caller, String name, ApiTerms wanted, Idempotency.@Nullable Attempt idempotency) {
        caller.require(APIS_MANAGE);
        return database.write(transaction -> {
            List<Api> all = store.all(transaction.handle());
            String repeated = Idempotency.replayed(transaction, caller, idempotency);
            if (repeated != null) {
                return new Idempotency.Result<>(existing(all, repeated), true);
            }
            if (all.stream().anyMatch(api -> api.name().equals(name))) {
                throw Problem.conflict("api_exists", "There is already an API " + name + ".");
            }
            Api nothing = Api.unregistered(name, clock.instant(), caller.name());
            Api api = rules.validated(nothing, wanted, all);
            store.insert(transaction, api);
            append(transaction, caller, EventType.API_CREATE, name, ApiFacts.between(nothing, api));
            use.ended(transaction, name, caller.actingWith(APIS_MANAGE));
            Idempotency.remember(transaction, caller, idempotency, name, clock.instant());
            return new Idempotency.Result<>(api, false);
        });
    }

    /**
     * Changes the API, with one event that shows every difference. Privileges that it no longer has are taken from all roles.
     *
     * @param change turns the current terms into the wanted ones, inside the transaction
     * @throws Problem 412 when it is no longer at the expected version, 422 for what is not valid
     */
    public Api edit(
            Caller caller, String name, UnaryOperator<ApiTerms> change, ETag.@Nullable Expected expectedVersion) {
        caller.require(APIS_MANAGE);
        return database.write(transaction -> {
            List<Api> all = store.all(transaction.handle());
            Api old = existing(all, name);
            ETag.require(expectedVersion, old.version(), "The API " + old.name());
            Api api = rules.validated(old, change.apply(ApiTerms.of(old)), all);
            List<Change> changes = ApiFacts.between(old, api);
            if (changes.isEmpty()) {
                return old;
            }
            store.update(transaction, api);
            append(transaction, caller, EventType.API_UPDATE, name, changes);
            takeFromRoles(transaction, caller, name, api.privileges().keySet());
            return api;
        });
    }

    /** Replaces all endpoints. */
    public Api replaceEndpoints(
            Caller caller, String name, Collection<Endpoint> endpoints, ETag.@Nullable Expected expectedVersion) {
        return edit(caller, name, old -> old.withEndpoints(endpoints), expectedVersion);
    }

    /** Adds one endpoint, or changes what it needs. */
    public Api putEndpoint(Caller caller, String name, Endpoint endpoint, ETag.@Nullable Expected expectedVersion) {
        return replaceEndpoint(caller, name, endpoint.method(), endpoint.path(), endpoint, expectedVersion);
    }

    /** Replaces the endpoint with this method and path, or adds one when there is none. */
    public Api replaceEndpoint(
            Caller caller,
            String name,
            String method,
            String path,
            Endpoint endpoint,
            ETag.@Nullable Expected expectedVersion) {
        return edit(
                caller,
                name,
                old -> {
                    List<Endpoint> changed = new ArrayList<>(old.endpoints());
                    changed.removeIf(known ->
                            known.method().equals(method) && known.path().equals(path));
                    changed.add(endpoint);
                    return old.withEndpoints(changed);
                },
                expectedVersion);
    }

    /**
     * Removes one endpoint.
     *
     * @throws Problem 404 when there is none
     */
    public Api removeEndpoint(
            Caller caller, String name, String method, String path, ETag.@Nullable Expected expectedVersion) {
        return edit(
                caller,
                name,
                old -> {
                    List<Endpoint> changed = new ArrayList<>(old.endpoints());
                    if (!changed.removeIf(known ->
                            known.method().equals(method) && known.path().equals(path))) {
                        throw Problem.notFound(
                                "The API " + name + " has no endpoint " + Text.quote(method + " " + path) + ".");
                    }
                    return old.withEndpoints(changed);
                },
                expectedVersion);
    }

    /** Deletes the API; its privileges are taken from all roles, and its access tokens are refused from now on. */
    public void delete(Caller caller, String name, ETag.@Nullable Expected expectedVersion) {
        caller.require(APIS_MANAGE);
        database.ending(transaction -> {
            Api api = existing(store.all(transaction.handle()), name);
            ETag.require(expectedVersion, api.version(), "The API " + api.name());
            store.delete(transaction, name);
            append(transaction, caller, EventType.API_DELETE, name, List.of());
            takeFromRoles(transaction, caller, name, List.of());
            use.ended(transaction, name, caller.actingWith(APIS_MANAGE));
        });
    }

    /** What these terms would open and close. Nothing is changed. */
    public AccessDifference preview(Caller caller, String name, ApiTerms wanted) {
        caller.require(APIS_READ);
        AccessPolicy now = current.get();
        Api api = now.api(name).orElseThrow(() -> missing(name));
        AccessPolicy after = now.with(rules.validated(api, wanted, now.apis()));
        return AccessDifference.between(now, after, List.of(), database.read(tokens::assigned));
    }

    /** What deleting the API would close: for whom, and for how many active tokens. Nothing is changed. */
    public AccessDifference previewDelete(Caller caller, String name) {
        AccessPolicy now = current.get();
        find(caller, name);
        return AccessDifference.between(now, now.withoutApi(name), List.of(), database.read(tokens::assigned));
    }

    /** An API as it would be registered, without endpoints. Nothing is changed. */
    public Api unregistered(Caller caller, String name, String audience) {
        caller.require(APIS_MANAGE);
        AccessPolicy now = current.get();
        if (now.api(name).isPresent()) {
            throw Problem.conflict("api_exists", "There is already an API " + name + ".");
        }
        ApiTerms wanted = new ApiTerms("", audience, List.of(), "", new TreeMap<>(), List.of());
        return rules.validated(Api.unregistered(name, clock.instant(), caller.name()), wanted, now.apis());
    }

    /** What registering an API with these endpoints would open. Nothing is changed. */
    public AccessDifference preview(Caller caller, Api unregistered, Collection<Endpoint> endpoints) {
        caller.require(APIS_MANAGE);
        AccessPolicy now = current.get();
        Api api = rules.validated(unregistered, ApiTerms.of(unregistered).withEndpoints(endpoints), now.apis());
        return AccessDifference.between(now, now.with(api), List.of(), database.read(tokens::assigned));
    }

    /** A role must not hold a privilege that no longer exists: if it came back one day, the role would allow it unnoticed. */
    private void takeFromRoles(Transaction transaction, Caller caller, String api, Collection<String> kept) {
        for (Role role : roles.all(transaction.handle())) {
            SortedSet<Privilege> gone = new TreeSet<>(role.allowed());
            gone.addAll(role.denied());
            gone.removeIf(privilege -> !privilege.api().equals(api) || kept.contains(privilege.name()));
            if (!gone.isEmpty()) {
                Role without = role.without(gone);
                roles.update(transaction, without);
                log.append(
                        transaction,
                        caller.actingWith(APIS_MANAGE),
                        EventType.ROLE_UPDATE,
                        RoleFacts.target(role.name()),
                        RoleFacts.between(role, without));
            }
        }
    }

    private void append(Transaction transaction, Caller caller, EventType type, String name, List<Change> changes) {
        log.append(transaction, caller.actingWith(APIS_MANAGE), type, ApiFacts.target(name), changes);
    }

    private static Api existing(Collection<Api> all, String name) {
        return all.stream().filter(api -> api.name().equals(name)).findFirst().orElseThrow(() -> missing(name));
    }

    private static Problem missing(String name) {
        return Problem.notFound("There is no API " + Text.quote(name) + ".");
    }
}
