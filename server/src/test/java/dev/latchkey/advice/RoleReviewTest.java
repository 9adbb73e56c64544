package dev.latchkey.advice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Api;
import dev.latchkey.access.Endpoint;
import dev.latchkey.access.Endpoint.Requirement.Holds;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import dev.latchkey.usage.Called;
import dev.latchkey.usage.DayOfUse;
import dev.latchkey.usage.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What is advised on a role, and everything that makes "no use was counted" uncertain. */
class RoleReviewTest {
    private static final Privilege READ = new Privilege("billing", "invoices:read");
    private static final Privilege WRITE = new Privilege("billing", "invoices:write");
    private static final Privilege REPORTS = new Privilege("billing", "reports:read");
    private static final int LAST = Fleet.DAYS;

    private static final Api BILLING = Fleet.api(
            "billing",
            List.of(
                    new Endpoint("GET", "/invoices/{id}", new Holds(READ), ""),
                    new Endpoint("PUT", "/invoices/{id}", new Holds(List.of(READ, WRITE)), ""),
                    new Endpoint("GET", "/reports", new Holds(REPORTS), "")));
    private static final Called GET = new Called("billing", "GET", "/invoices/{id}");
    private static final Called PUT = new Called("billing", "PUT", "/invoices/{id}");
    private static final Called ISSUED = new Called("billing", "POST", "/oauth/v2/token");

    private final Holder nightly = new Holder("billin.nightly", "Nightly", "clerk", Fleet.LONG_AGO, false, null);
    private final List<Holder> holders = new ArrayList<>(List.of(nightly));
    private final List<Holder> askers = new ArrayList<>();
    private final List<Doubt> doubts = new ArrayList<>();
    private final List<Role> roles = new ArrayList<>(List.of(Fleet.role("clerk", Set.of(READ, WRITE, REPORTS))));
    private Map<Privilege, Instant> grantedAt = Map.of();
    private Window window = Window.QUARTER;
    private Instant since = Fleet.FIRST;
    private final List<DayOfUse> rows = new ArrayList<>();

    private void daily(Holder holder, Called called) {
        for (int day = 0; day <= LAST; day++) {
            rows.add(Fleet.row(holder, day, called, 10));
        }
    }

    private RoleAdvice advice() {
        Recorded recorded = new Recorded(Fleet.FIRST, Subject.from(window, Fleet.NOW));
        rows.forEach(recorded::add);
        return RoleReview.of(
                new Subject(
                        roles.getFirst(),
                        new AccessPolicy(roles, List.of(BILLING)),
                        Fleet.own(),
                        holders,
                        askers,
                        grantedAt,
                        doubts,
                        window,
                        Fleet.NOW,
                        since),
                recorded);
    }

    private static PrivilegeAdvice of(RoleAdvice advice, Privilege privilege) {
        return advice.privileges().stream()
                .filter(each -> each.privilege().equals(privilege))
                .findFirst()
                .orElseThrow();
    }

    private void assertNothingProposed(Reason reason) {
        RoleAdvice advice = advice();
        assertThat(advice.hasProposal()).as(advice.toString()).isFalse();
        assertThat(advice.doubts()).extracting(Doubt::reason).contains(reason);
        assertThat(advice.doubts())
                .allSatisfy(doubt -> assertThat(doubt.sentence()).endsWith("."));
    }

    private void assertNotKnown(Privilege privilege, Reason reason) {
        RoleAdvice advice = advice();
        PrivilegeAdvice about = of(advice, privilege);
        assertThat(about.verdict()).isEqualTo(Verdict.NOT_KNOWN);
        assertThat(about.doubts()).extracting(Doubt::reason).contains(reason);
        assertThat(about.doubts())
                .allSatisfy(doubt -> assertThat(doubt.sentence()).endsWith("."));
        assertThat(advice.removed()).doesNotContain(privilege);
    }

    @Test
    void whatNoCallNeededIsProposedToGoWithItsEvidence() {
        daily(nightly, GET);
        RoleAdvice advice = advice();
        assertThat(advice.removed()).containsExactly(WRITE, REPORTS);
        assertThat(advice.terms().allowed()).containsExactly(READ);
        assertThat(advice.evidence()).isEqualTo(new Evidence(4010, 0, 1, Fleet.FIRST));
        PrivilegeAdvice read = of(advice, READ);
        assertThat(read.verdict()).isEqualTo(Verdict.USED);
        assertThat(read.calls()).isEqualTo(910);
        assertThat(read.tokens()).isEqualTo(1);
    }

    @Test
    void allPrivilegesOfAnEndpointAreUsedByItsCalls() {
        daily(nightly, PUT);
        assertThat(advice().removed()).containsExactly(REPORTS);
    }

    private final Holder monthly = new Holder("billin.reports", "Reports", "clerk", Fleet.LONG_AGO, false, null);

    private static final Called LISTED = new Called("billing", "GET", "/reports");

    @Test
    void twoGroupsOfTokensThatUseDifferentPartsCouldHaveTwoRoles() {
        Holder other = new Holder("billin.other", "Other", "clerk", Fleet.LONG_AGO, false, null);
        holders.addAll(List.of(monthly, other));
        daily(nightly, PUT);
        daily(other, GET);
        daily(monthly, LISTED);
        RoleAdvice advice = advice();
        assertThat(advice.removed()).isEmpty();
        assertThat(advice.halves()).hasSize(2);
        Half invoices = advice.halves().getFirst();
        assertThat(invoices.tokens()).extracting(Holder::name).containsExactly("Nightly", "Other");
        assertThat(invoices.privileges()).containsExactly(READ, WRITE);
        assertThat(invoices.without()).containsExactly(REPORTS);
        assertThat(invoices.calls()).isEqualTo(8020);
        Half reports = advice.halves().getLast();
        assertThat(reports.tokens()).containsExactly(monthly);
        assertThat(reports.privileges()).containsExactly(REPORTS);
        assertThat(reports.without()).containsExactly(READ, WRITE);
    }

    @Test
    void whatAllTokensNeedDoesNotTieThemTogether() {
        holders.add(monthly);
        daily(nightly, PUT);
        daily(monthly, GET);
        daily(monthly, LISTED);
        assertThat(advice().halves())
                .extracting(Half::privileges)
                .containsExactly(new TreeSet<>(Set.of(READ, WRITE)), new TreeSet<>(Set.of(READ, REPORTS)));
    }

    @Test
    void tokensThatShareAPartThroughAnotherTokenStayTogether() {
        Holder both = new Holder("billin.both", "Both", "clerk", Fleet.LONG_AGO, false, null);
        Holder idle = new Holder("billin.another", "Another", "clerk", Fleet.LONG_AGO, false, null);
        holders.addAll(List.of(monthly, both, idle));
        daily(nightly, PUT);
        daily(monthly, LISTED);
        daily(both, PUT);
        daily(both, LISTED);
        daily(idle, GET);
        assertThat(advice().halves()).isEmpty();
    }

    @Test
    void tokensAreNotDividedByWhatIsDoubtfulOrByOneThatHasEnded() {
        Holder ended = new Holder("billin.ended", "Ended", "clerk", Fleet.LONG_AGO, true, null);
        holders.add(ended);
        daily(nightly, PUT);
        daily(ended, LISTED);
        assertThat(advice().halves()).isEmpty();
        holders.set(1, monthly);
        rows.clear();
        daily(nightly, PUT);
        daily(monthly, LISTED);
        assertThat(advice().halves()).hasSize(2);
        doubts.add(Doubt.always(Reason.USED_BY_PEOPLE, "One person has"));
        assertThat(advice().halves()).isEmpty();
    }

    /** The smaller roles are shown by what they themselves allow, so someone who created them would lose the rest. */
    @Test
    void aRoleThatIncludesAnotherOrDeniesSomethingIsNotDivided() {
        holders.add(monthly);
        daily(nightly, PUT);
        daily(monthly, LISTED);
        Role plain = roles.getFirst();
        assertThat(advice().halves()).hasSize(2);
        roles.add(Fleet.role("base", Set.of(READ)));
        roles.set(0, plain.changedTo(plain.terms().granting("base")));
        assertThat(advice().halves()).isEmpty();
        roles.set(0, plain.changedTo(plain.terms().denying(new Privilege("billing", "invoices:admin"))));
        assertThat(advice().halves()).isEmpty();
    }

    @Test
    void useBeforeTheWindowIsUseAndRare() {
        daily(nightly, GET);
        rows.add(Fleet.row(nightly, 30, PUT, 1));
        PrivilegeAdvice write = of(advice(), WRITE);
        assertThat(write.verdict()).isEqualTo(Verdict.RARELY_USED);
        assertThat(write.calls()).isZero();
        assertThat(write.lastAt()).isNotNull();
        assertThat(advice().removed()).containsExactly(REPORTS);
    }

    @Test
    void aRefusedCallIsNotAUse() {
        daily(nightly, GET);
        rows.add(new DayOfUse(nightly.clientId(), Fleet.FIRST, PUT, Outcome.MISSING_PRIVILEGE, 5, Fleet.FIRST));
        assertThat(advice().removed()).contains(WRITE);
    }

    /** The role allowed it, so the program needs it. */
    @Test
    void aCallThatALimitRefusedIsAUse() {
        daily(nightly, GET);
        rows.add(new DayOfUse(nightly.clientId(), Fleet.FIRST, PUT, Outcome.LIMITED, 5, Fleet.FIRST));
        assertThat(advice().removed()).containsExactly(REPORTS);
    }

    @Test
    void theTokensOfRolesAboveUseTheRoleToo() {
        daily(nightly, GET);
        Holder other = new Holder("billin.other", "Other", "chief", Fleet.LONG_AGO, false, null);
        roles.add(Fleet.role("chief", Set.of(), "clerk"));
        holders.add(other);
        daily(other, PUT);
        assertThat(advice().removed()).containsExactly(REPORTS);
    }

    @Test
    void whatARevokedTokenDidIsUseBecauseItsSuccessorDoesIt() {
        daily(nightly, GET);
        Holder revoked = new Holder("billin.old", "Old", "clerk", Fleet.NOW.minus(Duration.ofDays(40)), true, null);
        holders.add(revoked);
        rows.add(Fleet.row(revoked, LAST - 35, PUT, 1));
        assertThat(advice().removed()).containsExactly(REPORTS);
    }

    @Test
    void aPrivilegeOfARoleBelowIsShownAndNotProposed() {
        daily(nightly, GET);
        roles.set(0, Fleet.role("clerk", Set.of(READ), "reporter"));
        roles.add(Fleet.role("reporter", Set.of(REPORTS)));
        PrivilegeAdvice reports = of(advice(), REPORTS);
        assertThat(reports.verdict()).isEqualTo(Verdict.NEVER_USED);
        assertThat(reports.own()).isFalse();
        assertThat(reports.through()).containsExactly("reporter");
        assertThat(advice().hasProposal()).isFalse();
    }

    @Test
    void whereTooLittleIsCountedNothingIsProposed() {
        daily(nightly, GET);
        since = Fleet.NOW.minus(Duration.ofDays(60));
        assertNothingProposed(Reason.SHORT_HISTORY);
        window = Window.MONTH;
        assertThat(advice().hasProposal()).isTrue();
    }

    @Test
    void onTheFirstDayCallsAreCountedSinceToday() {
        since = Fleet.NOW.plus(Duration.ofHours(1));
        assertNothingProposed(Reason.SHORT_HISTORY);
        assertThat(advice().doubts())
                .extracting(Doubt::sentence)
                .contains("Calls are counted only since today. Advice needs whole days of counted calls, as many as the"
                        + " window has.");
        assertThat(advice().evidence().since()).isEqualTo(Fleet.NOW);
    }

    @Test
    void aYoungTokenMayStillShowWhatItNeeds() {
        daily(nightly, GET);
        holders.add(new Holder("billin.young", "Young", "clerk", Fleet.NOW.minus(Duration.ofDays(40)), false, null));
        assertNothingProposed(Reason.YOUNG_TOKEN);
    }

    @Test
    void aTokenThatWasUsedOnceMayHaveALongerRhythmUnlessAYearIsKnown() {
        daily(nightly, GET);
        Holder rare = new Holder("billin.rare", "Rare", "clerk", Fleet.NOW.minus(Duration.ofDays(200)), false, null);
        holders.add(rare);
        rows.add(Fleet.row(rare, LAST - 150, GET, 1));
        assertNothingProposed(Reason.UNKNOWN_RHYTHM);
        rows.add(Fleet.row(rare, LAST - 20, GET, 1));
        assertNothingProposed(Reason.UNKNOWN_RHYTHM);
        holders.set(1, new Holder("billin.rare", "Rare", "clerk", Fleet.LONG_AGO, false, null));
        assertThat(advice().hasProposal()).isTrue();
    }

    @Test
    void aMonthlyTokenIsKnownAfterSomeMonths() {
        daily(nightly, GET);
        Holder monthly =
                new Holder("billin.monthly", "Monthly", "clerk", Fleet.NOW.minus(Duration.ofDays(120)), false, null);
        holders.add(monthly);
        for (int day = LAST - 110; day <= LAST; day += 30) {
            rows.add(Fleet.row(monthly, day, PUT, 1));
        }
        assertThat(advice().removed()).containsExactly(REPORTS);
    }

    @Test
    void callsThatWereCountedWithoutTheirEndpointCouldHaveBeenAnything() {
        daily(nightly, GET);
        rows.add(Fleet.row(nightly, 10, new Called("", "", ""), 1));
        assertNothingProposed(Reason.COARSE_COUNT);
    }

    @Test
    void anIntrospectedAccessTokenCouldHaveBeenForAnyEndpointOfItsApi() {
        daily(nightly, GET);
        rows.add(Fleet.row(nightly, 10, new Called("billing", "", ""), 1));
        assertNotKnown(WRITE, Reason.INTROSPECTED);
        assertThat(advice().doubts()).isEmpty();
    }

    @Test
    void accessTokensWithoutCallsSayThatTheApiChecksThemItself() {
        daily(nightly, GET);
        daily(nightly, ISSUED);
        assertThat(advice().hasProposal()).isTrue();
        Holder offline = new Holder("billin.offline", "Offline", "clerk", Fleet.LONG_AGO, false, null);
        holders.add(offline);
        // It is issued one before midnight, and calls after it.
        rows.add(Fleet.row(offline, LAST - 41, ISSUED, 1));
        rows.add(Fleet.row(offline, LAST - 40, GET, 1));
        assertThat(advice().hasProposal()).isTrue();
        rows.add(Fleet.row(offline, LAST - 30, ISSUED, 1));
        assertNotKnown(WRITE, Reason.NO_CALLS_COUNTED);
    }

    @Test
    void aYearlyJobThatIsNotCountedIsRememberedBeyondTheWindow() {
        daily(nightly, GET);
        Holder yearly = new Holder("billin.yearly", "Yearly", "clerk", Fleet.LONG_AGO, false, null);
        holders.add(yearly);
        rows.add(Fleet.row(yearly, 20, ISSUED, 1));
        assertNotKnown(WRITE, Reason.NO_CALLS_COUNTED);
    }

    @Test
    void aScopeThatAProgramRequestsIsUsed() {
        daily(nightly, GET);
        daily(nightly, new Called("billing", "POST", "/oauth/v2/token?scope=invoices:read reports:read"));
        assertThat(advice().removed()).containsExactly(WRITE);
        daily(nightly, new Called("billing", "POST", "/oauth/v2/token?scope="));
        assertNotKnown(WRITE, Reason.UNKNOWN_SCOPE);
    }

    @Test
    void aVerifierInsideTheApiDoesNotReport() {
        daily(nightly, GET);
        Holder own = new Holder("billin.own", "Billing itself", "verifier", Fleet.LONG_AGO, false, "billing");
        askers.add(own);
        daily(own, new Called(ManagementApi.NAME, "GET", "/apis/{api}/policy"));
        assertNotKnown(REPORTS, Reason.OWN_VERIFIER);
        assertThat(of(advice(), REPORTS).doubts().getFirst().sentence()).contains("Billing itself");
    }

    @Test
    void whatAProgramAllowsAfterAskingAuthzenIsNotReported() {
        daily(nightly, GET);
        Holder pep = new Holder("billin.pep", "Some proxy", "asker", Fleet.LONG_AGO, false, null);
        askers.add(pep);
        daily(pep, new Called(ManagementApi.NAME, "POST", "/access/v1/evaluation"));
        assertNotKnown(WRITE, Reason.AUTHZEN);
    }

    @Test
    void callsOfAnEndpointThatWasRenamedAreDoubtfulForAWhileAndUseAfterThat() {
        daily(nightly, GET);
        rows.add(Fleet.row(nightly, LAST - 10, new Called("billing", "PUT", "/invoices/{number}"), 1));
        assertThat(of(advice(), WRITE).verdict()).isEqualTo(Verdict.RARELY_USED);
        assertNotKnown(REPORTS, Reason.UNKNOWN_ENDPOINT);
        rows.removeLast();
        rows.add(Fleet.row(nightly, 10, new Called("billing", "PUT", "/invoices/{number}"), 1));
        assertThat(advice().removed()).containsExactly(REPORTS);
        rows.add(Fleet.row(nightly, LAST - 10, new Called("billing", "DELETE", "/bills/{id}"), 1));
        assertNotKnown(REPORTS, Reason.UNKNOWN_ENDPOINT);
    }

    @Test
    void aPrivilegeThatIsNewToTheRoleStays() {
        daily(nightly, GET);
        grantedAt = Map.of(WRITE, Fleet.NOW.minus(Duration.ofDays(5)), REPORTS, Fleet.LONG_AGO);
        assertNotKnown(WRITE, Reason.NEWLY_GRANTED);
        assertThat(advice().removed()).containsExactly(REPORTS);
    }

    @Test
    void aPrivilegeThatNoEndpointNeedsMayMatterToTheApiItself() {
        daily(nightly, GET);
        Privilege inner = new Privilege("billing", "discounts:see");
        roles.set(0, Fleet.role("clerk", Set.of(READ, inner)));
        assertNotKnown(inner, Reason.NO_ENDPOINT);
    }

    @Test
    void aTokenThatHandsOutNeedsWhatItHandsOut() {
        daily(nightly, GET);
        rows.add(Fleet.row(nightly, 10, new Called(ManagementApi.NAME, "POST", "/tokens"), 1));
        assertNothingProposed(Reason.HANDS_OUT);
    }

    @Test
    void callsOfTheManagementApiKeepItsPrivilegesAndNoOthers() {
        daily(nightly, GET);
        roles.set(0, Fleet.role("clerk", Set.of(READ, WRITE, ManagementApi.AUDIT_READ, ManagementApi.TOKENS_READ)));
        assertThat(advice().removed()).contains(WRITE, ManagementApi.AUDIT_READ);
        daily(nightly, new Called(ManagementApi.NAME, "GET", "/tokens"));
        assertNotKnown(ManagementApi.AUDIT_READ, Reason.OWN_CALLS);
        assertThat(of(advice(), ManagementApi.TOKENS_READ).verdict()).isEqualTo(Verdict.USED);
        assertThat(advice().removed()).containsExactly(WRITE);
    }

    @Test
    void theCallsThatNeedExactlyOnePrivilegeOfLatchkeyLeaveTheOthersToAdvice() {
        daily(nightly, new Called(ManagementApi.NAME, "GET", "/metrics"));
        daily(nightly, new Called(ManagementApi.NAME, "POST", "/oauth/v2/introspect"));
        roles.set(
                0,
                Fleet.role(
                        "clerk",
                        Set.of(ManagementApi.METRICS_READ, ManagementApi.TOKENS_READ, ManagementApi.AUDIT_READ)));
        assertThat(advice().removed()).containsExactly(ManagementApi.AUDIT_READ);
    }

    @Test
    void aRoleWithEverythingOfLatchkeyKeepsIt() {
        daily(nightly, GET);
        roles.set(0, Fleet.role("clerk", Set.of(READ, ManagementApi.SECURITY_MANAGE)));
        assertNotKnown(ManagementApi.SECURITY_MANAGE, Reason.INCLUDES_EVERYTHING);
    }

    @Test
    void aRoleWithoutTokensAndOneOfPeopleGetNoProposal() {
        daily(nightly, GET);
        doubts.add(Doubt.always(Reason.USED_BY_PEOPLE, "One person has"));
        assertNothingProposed(Reason.USED_BY_PEOPLE);
        doubts.clear();
        holders.clear();
        assertNothingProposed(Reason.NO_TOKENS);
    }
}
