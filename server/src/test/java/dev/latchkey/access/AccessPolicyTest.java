package dev.latchkey.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** What a role allows in effect, against a model that says the rule as plainly as it can be said. */
class AccessPolicyTest {
    private static final List<Privilege> PRIVILEGES = ManagementApi.PRIVILEGES.stream()
            .map(ManagementApi.Described::privilege)
            .toList();
    private static final List<String> NAMES = List.of("public", "a", "b", "c", "d", "e", "f");

    /** A random graph: a role may be granted only roles that come later in the list, so there is no circle. */
    @Provide
    Arbitrary<List<Role>> graphs() {
        List<Arbitrary<Role>> roles = new ArrayList<>();
        for (int i = 0; i < NAMES.size(); i++) {
            String name = NAMES.get(i);
            Arbitrary<Set<Privilege>> some = Arbitraries.of(PRIVILEGES).set().ofMaxSize(4);
            Arbitrary<Set<Privilege>> few = Arbitraries.of(PRIVILEGES).set().ofMaxSize(2);
            Arbitrary<Set<String>> below = i + 1 < NAMES.size()
                    ? Arbitraries.of(NAMES.subList(i + 1, NAMES.size())).set().ofMaxSize(3)
                    : Arbitraries.just(Set.of());
            roles.add(Combinators.combine(some, few, below).as((allowed, denied, granted) -> {
                TreeSet<Privilege> onlyAllowed = new TreeSet<>(allowed);
                onlyAllowed.removeAll(denied);
                return role(name, onlyAllowed, denied, granted);
            }));
        }
        return Combinators.combine(roles).as(list -> list);
    }

    private static Role role(String name, Set<Privilege> allowed, Set<Privilege> denied, Set<String> granted) {
        RoleTerms terms = new RoleTerms("", new TreeSet<>(allowed), new TreeSet<>(denied), new TreeSet<>(granted));
        return new Role(name, terms, Instant.EPOCH, "test", 1);
    }

    @Property(tries = 2_000)
    void theEffectivePrivilegesAreThoseOfTheNaiveModel(@ForAll("graphs") List<Role> roles) {
        AccessPolicy policy = new AccessPolicy(roles, List.of());
        for (Role role : roles) {
            assertThat(policy.effective(role.name()).all()).as(role.name()).isEqualTo(naive(roles, role.name()));
        }
    }

    /** Everything allowed somewhere below, unless it is denied somewhere below; security:manage brings all the rest. */
    private static Set<Privilege> naive(List<Role> roles, String name) {
        Set<String> set = new HashSet<>(List.of(name, "public"));
        boolean grew = true;
        while (grew) {
            grew = false;
            for (Role role : roles) {
                if (set.contains(role.name())) {
                    grew |= set.addAll(role.grantedRoles());
                }
            }
        }
        Set<Privilege> allowed = new TreeSet<>();
        for (Privilege privilege : PRIVILEGES) {
            boolean somebodyAllows = roles.stream()
                    .anyMatch(
                            role -> set.contains(role.name()) && role.allowed().contains(privilege));
            boolean somebodyDenies = roles.stream()
                    .anyMatch(role -> set.contains(role.name()) && role.denied().contains(privilege));
            if (somebodyAllows && !somebodyDenies) {
                allowed.add(privilege);
            }
        }
        return allowed.contains(ManagementApi.SECURITY_MANAGE) ? new TreeSet<>(PRIVILEGES) : allowed;
    }

    @Property(tries = 500)
    void everySourceIsARoleOfTheActiveSetThatAllowsIt(@ForAll("graphs") List<Role> roles) {
        AccessPolicy policy = new AccessPolicy(roles, List.of());
        Map<String, Role> byName = roles.stream().collect(Collectors.toMap(Role::name, role -> role));
        for (Role role : roles) {
            policy.effective(role.name()).sources().forEach((privilege, through) -> {
                assertThat(through).isNotEmpty();
                through.forEach(source -> {
                    Role giver = byName.get(source);
                    assertThat(giver.allowed().contains(privilege)
                                    || giver.allowed().contains(ManagementApi.SECURITY_MANAGE))
                            .isTrue();
                    assertThat(source.equals("public")
                                    || policy.path(role.name(), source).isPresent()
                                    || policy.path("public", source).isPresent())
                            .isTrue();
                });
            });
        }
    }

    @Property(tries = 500)
    void aPathLeadsOverGrantsFromOneRoleToTheOther(@ForAll("graphs") List<Role> roles) {
        AccessPolicy policy = new AccessPolicy(roles, List.of());
        Map<String, Role> byName = new TreeMap<>();
        roles.forEach(role -> byName.put(role.name(), role));
        for (String from : NAMES) {
            for (String to : NAMES) {
                policy.path(from, to).ifPresent(path -> {
                    assertThat(path.getFirst()).isEqualTo(from);
                    assertThat(path.getLast()).isEqualTo(to);
                    for (int i = 0; i + 1 < path.size(); i++) {
                        assertThat(byName.get(path.get(i)).grantedRoles()).contains(path.get(i + 1));
                    }
                });
            }
        }
    }

    @Test
    void aRoleThatDoesNotExistAllowsNothing() {
        AccessPolicy policy =
                new AccessPolicy(List.of(role("public", Set.of(PRIVILEGES.getFirst()), Set.of(), Set.of())), List.of());
        assertThat(policy.effective("gone").all()).isEmpty();
    }

    @Test
    void whatIsDeniedInOnePlaceIsDeniedAbove() {
        Privilege read = ManagementApi.TOKENS_READ;
        AccessPolicy policy = new AccessPolicy(
                List.of(
                        role("public", Set.of(), Set.of(), Set.of()),
                        role("low", Set.of(), Set.of(read), Set.of()),
                        role("high", Set.of(read), Set.of(), Set.of("low"))),
                List.of());
        assertThat(policy.effective("high").has(read)).isFalse();
        assertThat(policy.effective("high").denials()).containsEntry(read, Set.of("low"));
    }
}
