package dev.latchkey.blueprint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Api;
import dev.latchkey.access.Endpoint;
import dev.latchkey.access.Endpoint.Requirement;
import dev.latchkey.access.Endpoints;
import dev.latchkey.access.KeyPlaces;
import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import dev.latchkey.access.RoleTerms;
import dev.latchkey.blueprint.Step.OfApi;
import dev.latchkey.blueprint.Step.OfRole;
import dev.latchkey.blueprint.Step.OfToken;
import dev.latchkey.blueprint.Step.Verb;
import dev.latchkey.event.Change;
import dev.latchkey.limit.CallLimits;
import dev.latchkey.registry.ApiRules;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The order of changes: nothing is ever open that is open neither before nor after. */
class OrderTest {
    private static final ApiRules RULES = new ApiRules("https://latchkey.example/api/v1");
    private static final List<String> ROLES = List.of("a", "b", "c", "d");
    private static final List<String> PRIVILEGES = List.of("p", "q", "r");
    private static final List<String> PATHS = List.of("/1", "/2", "/3");

    private static Role role(
            String name, SortedSet<Privilege> allowed, SortedSet<Privilege> denied, Set<String> granted) {
        return new Role(name, new RoleTerms("", allowed, denied, new TreeSet<>(granted)), Instant.EPOCH, "", 1);
    }

    private static Role role(String name, String... allowed) {
        SortedSet<Privilege> privileges = new TreeSet<>();
        for (String privilege : allowed) {
            privileges.add(new Privilege("api", privilege));
        }
        return role(name, privileges, new TreeSet<>(), Set.of());
    }

    private static Api api(Endpoint... endpoints) {
        SortedMap<String, String> privileges = new TreeMap<>();
        PRIVILEGES.forEach(privilege -> privileges.put(privilege, ""));
        return new Api(
                "api",
                "",
                "https://api.example",
                List.of(),
                "",
                privileges,
                new TreeMap<>(),
                KeyPlaces.NONE,
                false,
                CallLimits.NONE,
                new Endpoints("", List.of(endpoints)),
                Instant.EPOCH,
                "",
                1);
    }

    private static Endpoint get(String path, String privilege) {
        return new Endpoint("GET", path, new Requirement.Holds(new Privilege("api", privilege)), "");
    }

    private static OfRole change(Role before, Role after) {
        return new OfRole(Verb.CHANGE, before, after, true, List.of());
    }

    private static List<String> subjects(List<Step> steps) {
        return steps.stream().map(Step::subject).toList();
    }

    @Test
    void aRoleLosesWhatAnEndpointWillNeedBeforeTheEndpointNeedsIt() {
        Api before = api(get("/1", "p"));
        Api after = api(get("/1", "q"));
        AccessPolicy now = new AccessPolicy(List.of(role("a", "q")), List.of(before));
        AccessPolicy then = new AccessPolicy(List.of(role("a")), List.of(after));
        List<Step> steps = List.of(new OfApi(Verb.CHANGE, before, after, List.of()), change(role("a", "q"), role("a")));
        assertThat(subjects(Order.of(RULES, now, then, steps).orElseThrow())).containsExactly("role a", "API api");
    }

    @Test
    void aPrivilegeThatMovesToARoleBelowIsNeverTakenAway() {
        Role old = role("a", "p");
        SortedSet<Privilege> none = new TreeSet<>();
        Role above = role("a", none, none, Set.of("b"));
        AccessPolicy now = new AccessPolicy(List.of(old, role("b")), List.of(api(get("/1", "p"))));
        AccessPolicy then = new AccessPolicy(List.of(above, role("b", "p")), now.apis());
        List<Step> steps = List.of(change(old, above), change(role("b"), role("b", "p")));
        assertThat(subjects(Order.of(RULES, now, then, steps).orElseThrow())).containsExactly("role b", "role a");
    }

    @Test
    void aTokenWithNewTermsNeverHasTheRoleOfTheOtherTime() {
        Role old = role("a", "p");
        Role changed = role("a", "q");
        AccessPolicy now = new AccessPolicy(List.of(old), List.of(api(get("/1", "p"), get("/2", "q"))));
        AccessPolicy then = new AccessPolicy(List.of(changed), now.apis());
        OfToken token = new OfToken(
                Verb.CHANGE,
                "t",
                "id",
                "a",
                Map.of(),
                false,
                true,
                List.of(Change.from("authentication", "old", "new")));
        List<Step> ordered =
                Order.of(RULES, now, then, List.of(change(old, changed), token)).orElseThrow();
        assertThat(subjects(ordered)).containsExactly("role a", "API token \"t\" (id)", "role a");
        assertThat(((OfRole) ordered.getFirst()).after().allowed()).isEmpty();
    }

    @Test
    void ofRandomChangesNoneOpensWhatIsOpenNeitherBeforeNorAfter() {
        Random random = new Random(20261129);
        int found = 0;
        for (int i = 0; i < 1_500; i++) {
            Api oldApi = randomApi(random);
            Api newApi = randomApi(random);
            List<Role> old = randomRoles(random);
            List<Role> wanted = randomRoles(random);
            AccessPolicy before = new AccessPolicy(old, List.of(oldApi));
            AccessPolicy after = new AccessPolicy(wanted, List.of(newApi));
            List<Step> steps = new ArrayList<>(List.of(new OfApi(Verb.CHANGE, oldApi, newApi, List.of())));
            for (int r = 0; r < ROLES.size(); r++) {
                if (!old.get(r).terms().equals(wanted.get(r).terms())) {
                    steps.add(change(old.get(r), wanted.get(r)));
                }
            }
            List<Step> ordered = Order.of(RULES, before, after, steps).orElse(null);
            if (ordered == null) {
                continue;
            }
            found++;
            Set<String> allowed = new HashSet<>(open(before));
            allowed.addAll(open(after));
            AccessPolicy now = before;
            for (Step step : ordered) {
                now = Order.applied(now, step);
                assertThat(allowed).as("case " + i + ": " + subjects(ordered)).containsAll(open(now));
            }
            assertThat(open(now)).as("case " + i).isEqualTo(open(after));
        }
        assertThat(found).isEqualTo(1_500);
    }

    /** Each role with the endpoints and privileges that it has, from the policy alone. */
    private static Set<String> open(AccessPolicy policy) {
        Set<String> open = new HashSet<>();
        policy.roles().forEach(role -> {
            policy.effective(role.name()).all().forEach(privilege -> open.add(role.name() + " has " + privilege));
            policy.apis()
                    .forEach(api -> api.endpoints().all().stream()
                            .filter(endpoint -> endpoint.isOpenTo(policy.effective(role.name())))
                            .forEach(endpoint -> open.add(role.name() + " calls " + endpoint.name())));
        });
        return open;
    }

    private static Api randomApi(Random random) {
        List<Endpoint> endpoints = new ArrayList<>();
        for (String path : PATHS) {
            switch (random.nextInt(4)) {
                case 0 -> {}
                case 1 -> endpoints.add(new Endpoint("GET", path, new Requirement.AnyToken(), ""));
                default -> {
                    List<String> names = new ArrayList<>(PRIVILEGES);
                    Collections.shuffle(names, random);
                    endpoints.add(new Endpoint(
                            "GET", path, Requirement.Holds.of("api", names.subList(0, 1 + random.nextInt(2))), ""));
                }
            }
        }
        return api(endpoints.toArray(Endpoint[]::new));
    }

    private static List<Role> randomRoles(Random random) {
        List<String> order = new ArrayList<>(ROLES);
        Collections.shuffle(order, random);
        Map<String, Role> roles = new TreeMap<>();
        for (int i = 0; i < order.size(); i++) {
            SortedSet<Privilege> allowed = new TreeSet<>();
            SortedSet<Privilege> denied = new TreeSet<>();
            for (String privilege : PRIVILEGES) {
                int kind = random.nextInt(5);
                if (kind < 2) {
                    allowed.add(new Privilege("api", privilege));
                } else if (kind == 2) {
                    denied.add(new Privilege("api", privilege));
                }
            }
            Set<String> granted = new TreeSet<>();
            for (String below : order.subList(0, i)) {
                if (random.nextInt(3) == 0) {
                    granted.add(below);
                }
            }
            roles.put(order.get(i), role(order.get(i), allowed, denied, granted));
        }
        return List.copyOf(roles.values());
    }
}
