package dev.latchkey.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.TestClock;
import dev.latchkey.access.Caller;
import dev.latchkey.access.EffectivePrivileges;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import dev.latchkey.access.RoleTerms;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.database.Database;
import dev.latchkey.database.TestEngine;
import dev.latchkey.event.Actor;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventType;
import dev.latchkey.event.Target;
import dev.latchkey.event.TargetKind;
import dev.latchkey.problem.Problem;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Promise 4, against random sequences of edits: whatever a caller does, no role gains what the caller does not hold. */
class NoOneGrantsMoreTest {
    private static final List<Privilege> PRIVILEGES = ManagementApi.PRIVILEGES.stream()
            .map(ManagementApi.Described::privilege)
            .toList();
    private static final List<String> NAMES = List.of("a", "b", "c", "d", Role.PUBLIC);

    enum Kind {
        ALLOW,
        DENY,
        UNSET,
        GRANT,
        UNGRANT,
        DELETE,
        CREATE
    }

    record Edit(Kind kind, String role, String other, Privilege privilege) {}

    @Provide
    Arbitrary<Edit> edits() {
        return Combinators.combine(
                        Arbitraries.of(Kind.class),
                        Arbitraries.of(NAMES),
                        Arbitraries.of(NAMES),
                        Arbitraries.of(PRIVILEGES))
                .as(Edit::new);
    }

    @Provide
    Arbitrary<List<Edit>> sequences() {
        return edits().list().ofMinSize(10).ofMaxSize(25);
    }

    @Provide
    Arbitrary<Set<Privilege>> held() {
        // Without security:manage, whose holder may hand out anything.
        List<Privilege> weak = PRIVILEGES.stream()
                .filter(privilege -> !privilege.equals(ManagementApi.SECURITY_MANAGE))
                .toList();
        return Arbitraries.of(weak).set().ofMaxSize(5);
    }

    @Property(tries = 60)
    void noRoleGainsOrLosesWhatTheCallerDoesNotHold(
            @ForAll("sequences") List<Edit> before,
            @ForAll("held") Set<Privilege> held,
            @ForAll("sequences") List<Edit> edits) {
        try (Database database = TestEngine.SQLITE.open();
                EventLog log = new EventLog(
                        database,
                        MasterKey.parse(Base64.getEncoder().encodeToString(new byte[32]), "the test"),
                        new TestClock())) {
            CurrentPolicy policy = new CurrentPolicy(log);
            Roles roles = new Roles(database, log, policy, new TestClock(), List.of());
            database.change(transaction -> {
                roles.createPredefined(transaction, "test");
                log.append(
                        transaction,
                        new Actor.System("test", null),
                        EventType.ACCOUNT_SETUP,
                        Target.named(TargetKind.ACCOUNT, "test"),
                        List.of());
            });
            // Any state that administrators may have left, and then a weak caller in it.
            before.forEach(edit -> attempt(roles, Caller.system("administrators"), edit));
            assertThat(policy.get().effective(Role.ACCOUNT_ADMIN).all())
                    .as("no edit shuts the administrators out")
                    .containsAll(PRIVILEGES);
            Caller weak = caller(held);
            for (Edit edit : edits) {
                Map<String, Set<Privilege>> was = effective(policy);
                attempt(roles, weak, edit);
                was.forEach((role, had) -> {
                    Set<Privilege> lost = new TreeSet<>(had);
                    // A role that is gone was not in use here.
                    lost.removeAll(effective(policy).getOrDefault(role, had));
                    assertThat(weak.privileges()).as("%s by %s", role, edit).containsAll(lost);
                });
                effective(policy).forEach((role, now) -> {
                    Set<Privilege> gained = new TreeSet<>(now);
                    // A new role starts from what everyone has.
                    gained.removeAll(was.getOrDefault(role, was.getOrDefault(Role.PUBLIC, Set.of())));
                    assertThat(weak.privileges()).as("%s by %s", role, edit).containsAll(gained);
                });
            }
        }
    }

    private static Caller caller(Set<Privilege> held) {
        TreeMap<Privilege, Set<String>> sources = new TreeMap<>();
        sources.put(ManagementApi.ROLES_MANAGE, Set.of("weak"));
        held.forEach(privilege -> sources.put(privilege, Set.of("weak")));
        return new Caller(
                Actor.Kind.PROGRAM,
                "weak",
                "weak",
                List.of(new Caller.AssignedRole("weak", new EffectivePrivileges(sources, Map.of()))),
                null);
    }

    private static void attempt(Roles roles, Caller caller, Edit edit) {
        try {
            switch (edit.kind()) {
                case ALLOW -> roles.edit(caller, edit.role(), old -> old.allowing(edit.privilege()), null);
                case DENY -> roles.edit(caller, edit.role(), old -> old.denying(edit.privilege()), null);
                case UNSET -> roles.edit(caller, edit.role(), old -> old.without(edit.privilege()), null);
                case GRANT -> roles.edit(caller, edit.role(), old -> old.granting(edit.other()), null);
                case UNGRANT -> roles.edit(caller, edit.role(), old -> old.notGranting(edit.other()), null);
                case DELETE -> roles.delete(caller, edit.role(), null);
                case CREATE ->
                    roles.create(
                            caller,
                            edit.role(),
                            new RoleTerms(
                                    "", new TreeSet<>(Set.of(edit.privilege())), new TreeSet<>(), new TreeSet<>()),
                            null);
            }
        } catch (Problem refused) {
            // Many edits make no sense in the current state; that they change nothing is checked with the rest.
            assertThat(refused.status()).isBetween(400, 499);
        }
    }

    private static Map<String, Set<Privilege>> effective(CurrentPolicy policy) {
        Map<String, Set<Privilege>> effective = new HashMap<>();
        policy.get()
                .roles()
                .forEach(role -> effective.put(
                        role.name(),
                        new TreeSet<>(policy.get().effective(role.name()).all())));
        return effective;
    }
}
