package dev.latchkey.advice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Endpoint.Requirement.Holds;
import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import dev.latchkey.gate.Foresight;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Promise 12: a fleet whose use is known gets exactly the advice that is true, and following all of it refuses not one call. */
class TruthTest {
    private static final Fleet FLEET = Fleet.of(19, 48, 1_200);
    private static final AccessPolicy POLICY = FLEET.policy();

    private static RoleAdvice advice(Role role, Window window) {
        List<Holder> holders = FLEET.of(role, POLICY);
        return RoleReview.of(Fleet.subject(role, POLICY, holders, window), FLEET.recorded(holders, window));
    }

    /** The calls of the fleet, decided by the gate's code from the requests as they were sent. */
    private static long refused(AccessPolicy policy) {
        long refused = 0;
        for (Fleet.Job job : FLEET.jobs) {
            for (int day = 0; day <= Fleet.DAYS; day++) {
                if (job.days().get(day)) {
                    var api = policy.api(job.api().name()).orElseThrow();
                    var meaning = api.endpoints().find(job.endpoint().method(), job.target());
                    refused += Foresight.allows(policy, job.holder().role(), api, meaning) ? 0 : 1;
                }
            }
        }
        return refused;
    }

    private static AccessPolicy tightened(List<RoleAdvice> all) {
        AccessPolicy policy = POLICY;
        for (RoleAdvice advice : all) {
            policy = policy.with(policy.role(advice.role()).orElseThrow().changedTo(advice.terms()));
        }
        return policy;
    }

    @Test
    void theAdviceNamesExactlyWhatWasNotUsedAndFollowingAllOfItRefusesNoCallOfTheYear() {
        assertThat(FLEET.jobs.stream().map(job -> job.days().cardinality()).distinct())
                .as("jobs of every day, of workdays, monthly ones and yearly ones")
                .contains(1, 401)
                .hasSizeGreaterThan(4);
        assertThat(refused(POLICY)).isZero();
        for (Window window : Window.values()) {
            List<RoleAdvice> all = new ArrayList<>();
            int proposals = 0;
            for (Role role : FLEET.roles) {
                RoleAdvice advice = advice(role, window);
                assertThat(advice.doubts()).isEmpty();
                assertThat(advice.removed()).as(role.name() + " in " + window).isEqualTo(FLEET.unused(role, POLICY));
                assertThat(advice.evidence().refused()).isZero();
                proposals += advice.removed().size();
                all.add(advice);
            }
            assertThat(proposals).isGreaterThan(200);
            assertThat(refused(tightened(all)))
                    .as("calls refused after " + window)
                    .isZero();
        }
    }

    /** What the replay above is worth. */
    @Test
    void aSingleUsedPrivilegeThatWereRemovedWouldShow() {
        int tried = 0;
        for (Role role : FLEET.roles.subList(0, 3)) {
            for (Privilege privilege : role.allowed()) {
                AccessPolicy without = POLICY.with(role.changedTo(role.terms().without(privilege)));
                boolean isElsewhere = without.effective(role.name()).has(privilege);
                if (isUsedWith(role, privilege) && !isElsewhere) {
                    assertThat(refused(without))
                            .as(privilege + " of " + role.name())
                            .isPositive();
                    tried++;
                }
            }
        }
        assertThat(tried).isGreaterThan(10);
    }

    private static boolean isUsedWith(Role role, Privilege privilege) {
        return FLEET.jobs.stream()
                .anyMatch(job -> job.holder().role().equals(role.name())
                        && !job.days().isEmpty()
                        && job.endpoint().requirement() instanceof Holds holds
                        && holds.privileges().contains(privilege));
    }

    @Test
    void withAShorterHistoryNothingThatWasUsedIsNamedEither() {
        for (Role role : FLEET.roles) {
            List<Holder> holders = FLEET.of(role, POLICY);
            Subject full = Fleet.subject(role, POLICY, holders, Window.QUARTER);
            Subject shorter = new Subject(
                    role,
                    POLICY,
                    full.own(),
                    holders,
                    List.of(),
                    full.grantedAt(),
                    List.of(),
                    Window.QUARTER,
                    full.now(),
                    Fleet.NOW.minus(Duration.ofDays(60)));
            RoleAdvice advice = RoleReview.of(shorter, FLEET.recorded(holders, Window.QUARTER));
            assertThat(advice.hasProposal()).isFalse();
            assertThat(advice.doubts()).extracting(Doubt::reason).contains(Reason.SHORT_HISTORY);
        }
    }
}
