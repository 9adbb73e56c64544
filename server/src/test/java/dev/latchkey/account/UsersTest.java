package dev.latchkey.account;

import static dev.latchkey.account.Installation.ADA;
import static dev.latchkey.account.Installation.ELSEWHERE;
import static dev.latchkey.account.Installation.HOME;
import static dev.latchkey.account.Installation.PASSWORD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.latchkey.access.Caller;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Role;
import dev.latchkey.account.User.Status;
import dev.latchkey.database.Plan;
import dev.latchkey.database.TestEngine;
import dev.latchkey.event.Actor;
import dev.latchkey.event.Change;
import dev.latchkey.event.Event;
import dev.latchkey.event.EventType;
import dev.latchkey.event.Target;
import dev.latchkey.event.TargetKind;
import dev.latchkey.management.ETag;
import dev.latchkey.management.Idempotency;
import dev.latchkey.problem.Page;
import dev.latchkey.problem.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestEngine.class)
class UsersTest {
    private static final String BEN = "ben@example.com";
    private static final String CY = "cy@example.com";

    @Parameter
    TestEngine engine;

    Installation at;

    @BeforeEach
    void open() {
        at = Installation.withAda(engine);
    }

    @AfterEach
    void close() {
        at.close();
    }

    private static Problem refusal(ThrowingCallable call) {
        Problem problem = catchThrowableOfType(Problem.class, call);
        assertThat(problem).as("a refusal").isNotNull();
        return problem;
    }

    private Users.Invited invite(String email, String... roles) {
        return at.users
                .invite(at.ada(), email, "Somebody", List.of(roles), null)
                .value();
    }

    private static String link(Users.Invited invited) {
        return String.valueOf(invited.linkSecret());
    }

    private String id(String email) {
        return at.user(email).id();
    }

    private static Caller somebody() {
        return new Caller(Actor.Kind.PERSON, "somebody", "somebody@example.com", List.of(), HOME);
    }

    // Inviting

    @Test
    void anInvitedPersonChoosesAPasswordThroughTheLinkAndSignsIn() {
        Users.Invited invited = at.users
                .invite(at.ada(), " Ben@Example.com", " Ben ", List.of("public"), null)
                .value();
        assertThat(invited.user().status()).isEqualTo(Status.INVITED);
        assertThat(invited.user().email()).isEqualTo(BEN);
        assertThat(invited.user().createdBy()).isEqualTo(ADA);
        assertThat(at.users.caller(invited.user().id(), HOME)).as("nobody yet").isEmpty();
        assertThat(at.passwords.invited(link(invited)).orElseThrow().name()).isEqualTo("Ben");

        User ben = at.passwords.acceptLink(link(invited), "Benjamin", "other plain words", HOME);
        assertThat(ben.status()).isEqualTo(Status.ACTIVE);
        assertThat(ben.name()).isEqualTo("Benjamin");
        assertThat(ben.roles()).containsExactly("public");
        assertThat(at.canSignIn(BEN, "other plain words")).isTrue();
        assertThat(at.caller(BEN).roles()).extracting(Caller.AssignedRole::name).containsExactly("public");
    }

    @Test
    void invitingAndAcceptingLeaveEventsWithoutTheLink() {
        Users.Invited invited = invite(BEN, "public");
        Event invitation = at.lastEvent();
        assertThat(invitation.type()).isEqualTo(EventType.USER_INVITE);
        assertThat(invitation.target())
                .isEqualTo(new Target(TargetKind.USER, invited.user().id(), BEN));
        assertThat(invitation.changes())
                .containsExactly(
                        Change.set("email", BEN), Change.set("name", "Somebody"), Change.set("role", "public"));
        at.passwords.acceptLink(link(invited), "Ben", PASSWORD, ELSEWHERE);
        assertThat(at.lastEvent().type()).isEqualTo(EventType.USER_ACCEPT);
        assertThat(at.lastEvent().actor().id()).isEqualTo(invited.user().id());
        assertThat(at.lastEvent().actor().origin()).isEqualTo(ELSEWHERE);
        assertThat(at.lastEvent().changes()).containsExactly(Change.from("name", "Somebody", "Ben"));
        assertThat(at.events().toString()).doesNotContain(link(invited)).doesNotContain(PASSWORD);
        assertThat(invited.toString()).doesNotContain(link(invited));
    }

    @Test
    void theLinkWorksOnceAndForSevenDays() {
        String used = link(invite(BEN));
        at.passwords.acceptLink(used, "Ben", PASSWORD, HOME);
        assertThat(at.passwords.invited(used)).isEmpty();
        assertThat(refusal(() -> at.passwords.acceptLink(used, "Ben", "other plain words", HOME))
                        .status())
                .isEqualTo(404);
        assertThat(at.canSignIn(BEN, PASSWORD)).isTrue();

        String old = link(invite(CY));
        at.clock.advance(Duration.ofDays(7).minusMillis(1));
        assertThat(at.passwords.invited(old)).isPresent();
        at.clock.advance(Duration.ofMillis(1));
        assertThat(at.passwords.invited(old)).isEmpty();
        assertThat(refusal(() -> at.passwords.acceptLink(old, "Cy", PASSWORD, HOME))
                        .status())
                .isEqualTo(404);
        assertThat(at.passwords.invited("guessed")).isEmpty();
    }

    @Test
    void ofTwoWhoUseTheLinkAtOnceOneIsRefused() throws Exception {
        String link = link(invite(BEN));
        Callable<String> use = () -> {
            try {
                return at.passwords.acceptLink(link, "Ben", PASSWORD, HOME).email();
            } catch (Problem problem) {
                return Integer.toString(problem.status());
            }
        };
        List<String> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<String> one : threads.invokeAll(List.of(use, use))) {
                answers.add(one.get());
            }
        }
        assertThat(answers).containsExactlyInAnyOrder(BEN, "404");
    }

    @Test
    void theLinksSecretIsNotInTheDatabase() {
        String link = link(invite(BEN));
        assertThat(at.database.<List<String>>read(handle -> handle.createQuery("select link_hash from invitation")
                        .mapTo(String.class)
                        .list()))
                .singleElement()
                .asString()
                .doesNotContain(link);
    }

    @Test
    void aNewLinkReplacesTheOneBefore() {
        Users.Invited first = invite(BEN);
        Users.Invited second = at.users.newLink(at.ada(), first.user().id());
        assertThat(at.lastEvent().type()).isEqualTo(EventType.USER_LINK);
        assertThat(at.passwords.invited(link(first))).isEmpty();
        assertThat(at.passwords.invited(link(second))).isPresent();
    }

    @Test
    void aBadPasswordIsRefusedAndTheLinkStays() {
        String link = link(invite(BEN));
        Problem problem = refusal(() -> at.passwords.acceptLink(link, "", "short", HOME));
        assertThat(problem.errors()).extracting(Problem.FieldError::field).containsExactly("name", "password");
        assertThat(at.passwords.invited(link)).isPresent();
    }

    @Test
    void twoPeopleDoNotShareAnEmail() {
        at.join(BEN);
        assertThat(refusal(() -> invite("BEN@example.com")).code()).isEqualTo("user_exists");
    }

    @Test
    void everythingThatIsNotValidIsToldAtOnce() {
        Problem problem = refusal(() -> at.users.invite(at.ada(), "no email", "", List.of(), null));
        assertThat(problem.errors()).extracting(Problem.FieldError::field).containsExactly("email", "name");
        assertThat(refusal(() -> invite(BEN, "no_such_role")).errors())
                .extracting(Problem.FieldError::field)
                .containsExactly("roles");
        assertThat(at.users.list(at.ada(), UserQuery.ALL, Page.Request.FIRST).items())
                .hasSize(1);
    }

    @Test
    void aLinkEndsWhenARoleOfThePersonGainsAnythingAndTheLogSaysSo() {
        at.createRole("looker", ManagementApi.TOKENS_READ);
        at.createRole("below", ManagementApi.TOKENS_READ);
        at.roles.edit(at.ada(), "looker", old -> old.granting("below"), null);
        String bens = link(invite(BEN, "looker"));
        String cys = link(invite(CY));
        at.roles.edit(at.ada(), "looker", old -> old.describedAs("other words"), null);
        at.roles.edit(at.ada(), "below", old -> old.without(ManagementApi.TOKENS_READ), null);
        assertThat(at.passwords.invited(bens)).as("nothing was gained").isPresent();

        at.roles.edit(at.ada(), "below", old -> old.allowing(ManagementApi.SECURITY_MANAGE), null);
        assertThat(at.lastEvent().changes()).contains(Change.from("open links", "1", null));
        assertThat(at.passwords.invited(bens)).isEmpty();
        assertThat(at.passwords.invited(cys)).as("who does not have the role").isPresent();
        at.roles.edit(at.ada(), "public", old -> old.allowing(ManagementApi.TOKENS_READ), null);
        assertThat(at.passwords.invited(cys)).as("everybody has public").isEmpty();
    }

    @Test
    void aRepeatedInvitationInvitesOnceAndShowsNoLinkAgain() {
        Idempotency.Attempt attempt = new Idempotency.Attempt("key", "hash");
        var first = at.users.invite(at.ada(), BEN, "Ben", List.of(), attempt);
        var again = at.users.invite(at.ada(), BEN, "Ben", List.of(), attempt);
        assertThat(again.replayed()).isTrue();
        assertThat(again.value().user()).isEqualTo(first.value().user());
        assertThat(again.value().linkSecret()).isNull();
        assertThat(at.passwords.invited(link(first.value()))).isPresent();
        assertThat(refusal(() ->
                                at.users.invite(at.ada(), CY, "Cy", List.of(), new Idempotency.Attempt("key", "other")))
                        .code())
                .isEqualTo("idempotency_key_reused");
    }

    // Forgotten passwords

    @Test
    void aLinkForAnActivePersonResetsThePasswordAndEndsTheirSessions() {
        at.join(BEN, "public");
        String session = at.signIn(BEN);
        String link = link(at.users.newLink(at.ada(), id(BEN)));
        assertThat(at.canSignIn(BEN, PASSWORD)).as("until it is used").isTrue();
        at.passwords.acceptLink(link, "Somebody", "other plain words", HOME);
        assertThat(at.lastEvent().type()).isEqualTo(EventType.USER_PASSWORD);
        assertThat(at.sessions.find(session)).isEmpty();
        assertThat(at.canSignIn(BEN, PASSWORD)).isFalse();
        assertThat(at.canSignIn(BEN, "other plain words")).isTrue();
        assertThat(at.user(BEN).roles()).containsExactly("public");
    }

    @Test
    void noOneMakesALinkForThemselves() {
        assertThat(refusal(() -> at.users.newLink(at.ada(), at.ada().id())).code())
                .isEqualTo("yourself");
    }

    // Managing

    @Test
    void aDisabledPersonIsOutAtOnceUntilEnabled() {
        at.join(BEN, "public");
        String session = at.signIn(BEN);
        assertThat(at.users.disable(at.ada(), id(BEN), null).status()).isEqualTo(Status.DISABLED);
        assertThat(at.lastEvent().type()).isEqualTo(EventType.USER_DISABLE);
        assertThat(at.lastEvent().changes()).containsExactly(Change.from("status", "active", "disabled"));
        assertThat(at.users.caller(id(BEN), HOME)).isEmpty();
        assertThat(at.sessions.find(session)).isEmpty();
        assertThat(at.canSignIn(BEN, PASSWORD)).isFalse();

        assertThat(at.users.enable(at.ada(), id(BEN), null).status()).isEqualTo(Status.ACTIVE);
        assertThat(at.lastEvent().changes()).containsExactly(Change.from("status", "disabled", "active"));
        assertThat(at.sessions.find(session)).as("what ended stays ended").isEmpty();
        assertThat(at.canSignIn(BEN, PASSWORD)).isTrue();
        assertThat(at.caller(BEN).roles()).extracting(Caller.AssignedRole::name).containsExactly("public");
    }

    @Test
    void theLinksOfADisabledPersonStopCountingForGood() {
        Users.Invited invited = invite(BEN);
        at.users.disable(at.ada(), invited.user().id(), null);
        assertThat(at.passwords.invited(link(invited))).isEmpty();
        assertThat(refusal(() -> at.users.newLink(at.ada(), invited.user().id()))
                        .code())
                .isEqualTo("user_disabled");
        User enabled = at.users.enable(at.ada(), invited.user().id(), null);
        assertThat(enabled.status()).isEqualTo(Status.INVITED);
        assertThat(at.passwords.invited(link(invited))).isEmpty();
    }

    @Test
    void aRemovedPersonIsGoneAndTheirEmailIsFree() {
        User ben = at.join(BEN, "public");
        String session = at.signIn(BEN);
        String link = link(at.users.newLink(at.ada(), ben.id()));
        at.users.remove(at.ada(), ben.id(), null);
        assertThat(at.lastEvent().type()).isEqualTo(EventType.USER_REMOVE);
        assertThat(at.lastEvent().changes())
                .containsExactly(Change.from("status", "active", "removed"), Change.from("role", "public", null));
        assertThat(at.users.caller(ben.id(), HOME)).isEmpty();
        assertThat(at.sessions.find(session)).isEmpty();
        assertThat(at.passwords.invited(link)).isEmpty();
        assertThat(at.canSignIn(BEN, PASSWORD)).isFalse();
        assertThat(refusal(() -> at.users.find(at.ada(), ben.id())).status()).isEqualTo(404);
        assertThat(at.users.list(at.ada(), UserQuery.ALL, Page.Request.FIRST).items())
                .extracting(User::email)
                .containsExactly(ADA);
        User again = at.join(BEN);
        assertThat(again.id()).isNotEqualTo(ben.id());
        assertThat(again.roles()).isEmpty();
    }

    @Test
    void rolesAreAssignedAndUnassigned() {
        at.join(BEN);
        at.createClerkRole();
        assertThat(at.users.assign(at.ada(), id(BEN), "clerk", null).roles()).containsExactly("clerk");
        assertThat(at.lastEvent().type()).isEqualTo(EventType.USER_ASSIGN_ROLE);
        assertThat(at.lastEvent().changes()).containsExactly(Change.set("role", "clerk"));
        assertThat(at.caller(BEN).has(ManagementApi.USERS_MANAGE)).isTrue();
        assertThat(at.roles.usage("clerk").users()).isEqualTo(1);

        long before = at.lastEvent().sequence();
        at.users.assign(at.ada(), id(BEN), "clerk", null);
        assertThat(at.lastEvent().sequence()).as("twice is no change").isEqualTo(before);

        assertThat(at.users.unassign(at.ada(), id(BEN), "clerk", null).roles()).isEmpty();
        assertThat(at.lastEvent().changes()).containsExactly(Change.from("role", "clerk", null));
        assertThat(at.caller(BEN).has(ManagementApi.USERS_MANAGE)).isFalse();
        assertThat(at.roles.usage("clerk").users()).isZero();
        assertThat(refusal(() -> at.users.assign(at.ada(), id(BEN), "no_such_role", null))
                        .status())
                .isEqualTo(422);
    }

    @Test
    void nameAndRolesAreSavedTogetherOrNotAtAll() {
        at.join(BEN, "public");
        at.createClerkRole();
        User saved = at.users.edit(at.ada(), id(BEN), old -> old.called("Ben").having(List.of("clerk")), null);
        assertThat(saved.name()).isEqualTo("Ben");
        assertThat(saved.roles()).containsExactly("clerk");
        assertThat(at.lastEvent().type()).isEqualTo(EventType.USER_UPDATE);
        assertThat(at.lastEvent().changes())
                .containsExactly(
                        Change.from("name", "Somebody", "Ben"),
                        Change.set("role", "clerk"),
                        Change.from("role", "public", null));
        refusal(() ->
                at.users.edit(at.ada(), id(BEN), old -> old.called("Benjamin").having(List.of("no_such_role")), null));
        assertThat(at.user(BEN)).isEqualTo(saved);
    }

    @Test
    void aChangeOfAnOlderVersionIsRefused() {
        User ben = at.join(BEN);
        User renamed = at.users.rename(at.ada(), ben.id(), "Ben", ETag.Expected.of(ben.version()));
        assertThat(renamed.version()).isEqualTo(ben.version() + 1);
        List<ThrowingCallable> changes = List.of(
                () -> at.users.rename(at.ada(), ben.id(), "B", ETag.Expected.of(ben.version())),
                () -> at.users.edit(
                        at.ada(), ben.id(), old -> old.called("B").having(List.of()), ETag.Expected.of(ben.version())),
                () -> at.users.assign(at.ada(), ben.id(), "public", ETag.Expected.of(ben.version())),
                () -> at.users.unassign(at.ada(), ben.id(), "public", ETag.Expected.of(ben.version())),
                () -> at.users.disable(at.ada(), ben.id(), ETag.Expected.of(ben.version())),
                () -> at.users.enable(at.ada(), ben.id(), ETag.Expected.of(ben.version())),
                () -> at.users.remove(at.ada(), ben.id(), ETag.Expected.of(ben.version())));
        assertThat(changes)
                .allSatisfy(change -> assertThat(refusal(change).status()).isEqualTo(412));
        assertThat(at.user(BEN)).isEqualTo(renamed);
    }

    @Test
    void everythingNeedsItsPrivilege() {
        at.join(BEN);
        String ben = id(BEN);
        List<ThrowingCallable> reading = List.of(
                () -> at.users.list(somebody(), UserQuery.ALL, Page.Request.FIRST),
                () -> at.users.find(somebody(), ben));
        List<ThrowingCallable> managing = List.of(
                () -> at.users.invite(somebody(), CY, "Cy", List.of(), null),
                () -> at.users.newLink(somebody(), ben),
                () -> at.users.rename(somebody(), ben, "B", null),
                () -> at.users.edit(somebody(), ben, old -> old.called("B").having(List.of()), null),
                () -> at.users.assign(somebody(), ben, "public", null),
                () -> at.users.unassign(somebody(), ben, "public", null),
                () -> at.users.disable(somebody(), ben, null),
                () -> at.users.enable(somebody(), ben, null),
                () -> at.users.remove(somebody(), ben, null));
        assertThat(reading)
                .allSatisfy(call -> assertThat(refusal(call).members()).containsEntry("privilege", "users:read"));
        assertThat(managing)
                .allSatisfy(call -> assertThat(refusal(call).members()).containsEntry("privilege", "users:manage"));
        assertThat(at.user(BEN).version()).isEqualTo(2);
    }

    // The last administrator, and oneself

    @Test
    void theLastAdministratorStays() {
        Caller system = Caller.system("test");
        String ada = at.ada().id();
        // Neither an invited nor a disabled person could let anyone back in.
        invite(BEN, Role.ACCOUNT_ADMIN);
        at.join(CY, Role.ACCOUNT_ADMIN);
        at.users.disable(system, id(CY), null);
        List<ThrowingCallable> changes = List.of(
                () -> at.users.disable(system, ada, null),
                () -> at.users.remove(system, ada, null),
                () -> at.users.unassign(system, ada, Role.ACCOUNT_ADMIN, null),
                () -> at.users.edit(system, ada, old -> old.called("Ada").having(List.of()), null));
        User before = at.user(ADA);
        assertThat(changes)
                .allSatisfy(change -> assertThat(refusal(change).code()).isEqualTo("last_administrator"));
        assertThat(at.user(ADA)).isEqualTo(before);
        at.users.enable(system, id(CY), null);
        at.users.unassign(system, ada, Role.ACCOUNT_ADMIN, null);
        assertThat(at.user(ADA).roles()).isEmpty();
    }

    @Test
    void ofTwoAdministratorsWhoRemoveEachOtherAtOnceOneStays() throws Exception {
        at.join(BEN, Role.ACCOUNT_ADMIN);
        Caller ada = at.ada();
        Caller ben = at.caller(BEN);
        Callable<String> adas = () -> answer(() -> at.users.remove(ada, ben.id(), null));
        Callable<String> bens = () -> answer(() -> at.users.remove(ben, ada.id(), null));
        List<String> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<String> one : threads.invokeAll(List.of(adas, bens))) {
                answers.add(one.get());
            }
        }
        assertThat(answers).containsExactlyInAnyOrder("done", "last_administrator");
    }

    private static String answer(Runnable change) {
        try {
            change.run();
            return "done";
        } catch (Problem problem) {
            return problem.code();
        }
    }

    @Test
    void noOneDisablesOrRemovesThemselves() {
        at.join(BEN, Role.ACCOUNT_ADMIN);
        Caller ada = at.ada();
        assertThat(refusal(() -> at.users.disable(ada, ada.id(), null)).code()).isEqualTo("yourself");
        assertThat(refusal(() -> at.users.remove(ada, ada.id(), null)).code()).isEqualTo("yourself");
    }

    // No one grants or removes more than they have

    @Test
    void noOneAssignsMoreThanTheyHave() {
        at.createClerkRole();
        at.createRole("auditor", ManagementApi.AUDIT_READ);
        at.join(BEN, "clerk");
        at.join(CY);
        Caller ben = at.caller(BEN);
        for (String role : List.of("auditor", Role.ACCOUNT_ADMIN)) {
            List<ThrowingCallable> attempts = List.of(
                    () -> at.users.invite(ben, "x@example.com", "X", List.of(role), null),
                    () -> at.users.assign(ben, id(CY), role, null),
                    () -> at.users.assign(ben, ben.id(), role, null),
                    () -> at.users.edit(ben, id(CY), old -> old.called("Cy").having(List.of(role)), null));
            assertThat(attempts).allSatisfy(attempt -> {
                Problem problem = refusal(attempt);
                assertThat(problem.status()).isEqualTo(403);
                assertThat(problem.code()).isEqualTo("role_exceeds_yours");
            });
        }
        assertThat(at.user(CY).roles()).isEmpty();
        assertThat(at.users.assign(ben, id(CY), "clerk", null).roles()).containsExactly("clerk");
    }

    @Test
    void noOneManagesSomeoneWhoMayDoMore() {
        at.createClerkRole();
        at.join(BEN, "clerk");
        Caller ben = at.caller(BEN);
        String ada = at.ada().id();
        List<ThrowingCallable> attempts = List.of(
                () -> at.users.newLink(ben, ada),
                () -> at.users.rename(ben, ada, "A", null),
                () -> at.users.edit(ben, ada, old -> old.called("A").having(List.of()), null),
                () -> at.users.assign(ben, ada, "clerk", null),
                () -> at.users.unassign(ben, ada, Role.ACCOUNT_ADMIN, null),
                () -> at.users.disable(ben, ada, null),
                () -> at.users.enable(ben, ada, null),
                () -> at.users.remove(ben, ada, null));
        User before = at.user(ADA);
        assertThat(attempts).allSatisfy(attempt -> {
            Problem problem = refusal(attempt);
            assertThat(problem.status()).isEqualTo(403);
            assertThat(problem.code()).isEqualTo("user_exceeds_you");
        });
        assertThat(at.user(ADA)).isEqualTo(before);
    }

    @Test
    void peopleWhoManageSecurityManageEveryone() {
        at.createRole("auditor", ManagementApi.AUDIT_READ);
        at.createRole("chief", ManagementApi.SECURITY_MANAGE);
        at.join(BEN, "chief");
        at.join(CY, "auditor", Role.ACCOUNT_ADMIN);
        Caller ben = at.caller(BEN);
        assertThatCode(() -> at.users.disable(ben, id(CY), null)).doesNotThrowAnyException();
    }

    @Test
    void whatARoleAllowsNowDecidesWhoMayBeManaged() {
        at.createClerkRole();
        at.createRole("auditor");
        at.join(BEN, "clerk");
        at.join(CY, "auditor");
        Caller ben = at.caller(BEN);
        at.users.rename(ben, id(CY), "Cy", null);
        at.roles.edit(at.ada(), "auditor", old -> old.allowing(ManagementApi.AUDIT_READ), null);
        assertThat(refusal(() -> at.users.rename(ben, id(CY), "C", null)).code())
                .isEqualTo("user_exceeds_you");
    }

    // Oneself

    @Test
    void aChangedPasswordEndsTheOtherSessionsAndOpenLinks() {
        at.join(BEN);
        String kept = at.signIn(BEN);
        String other = at.signIn(BEN);
        String link = link(at.users.newLink(at.ada(), id(BEN)));
        at.passwords.changeOwn(
                at.caller(BEN),
                PASSWORD,
                "other plain words",
                at.sessions.find(kept).orElseThrow().id());
        assertThat(at.lastEvent().type()).isEqualTo(EventType.USER_PASSWORD);
        assertThat(at.lastEvent().changes()).isEmpty();
        assertThat(at.sessions.find(kept)).isPresent();
        assertThat(at.sessions.find(other)).isEmpty();
        assertThat(at.passwords.invited(link)).isEmpty();
        assertThat(at.canSignIn(BEN, PASSWORD)).isFalse();
        assertThat(at.canSignIn(BEN, "other plain words")).isTrue();
    }

    @Test
    void aPasswordIsNotChangedWithoutTheCurrentOneOrToABadOne() {
        Caller ada = at.ada();
        assertThat(refusal(() -> at.passwords.changeOwn(ada, "wrong", "other plain words", ""))
                        .errors())
                .extracting(Problem.FieldError::field)
                .containsExactly("currentPassword");
        assertThat(refusal(() -> at.passwords.changeOwn(ada, PASSWORD, ADA, "")).errors())
                .extracting(Problem.FieldError::field)
                .containsExactly("password");
        assertThat(at.canSignIn(ADA, PASSWORD)).isTrue();
    }

    @Test
    void atSomeoneElsesBrowserThePasswordCannotBeFoundByTrying() {
        Caller ada = at.ada();
        for (int i = 0; i < 6; i++) {
            assertThat(refusal(() -> at.passwords.changeOwn(ada, "wrong", "other plain words", ""))
                            .status())
                    .isEqualTo(422);
        }
        assertThat(refusal(() -> at.passwords.changeOwn(ada, PASSWORD, "other plain words", ""))
                        .status())
                .isEqualTo(429);
        at.clock.advance(Duration.ofSeconds(1));
        at.passwords.changeOwn(ada, PASSWORD, "other plain words", "");
        assertThat(at.canSignIn(ADA, "other plain words")).isTrue();
    }

    @Test
    void everyoneRenamesThemselves() {
        at.join(BEN);
        at.users.renameSelf(at.caller(BEN), " Ben ");
        assertThat(at.users.self(at.caller(BEN)).name()).isEqualTo("Ben");
        assertThat(at.lastEvent().type()).isEqualTo(EventType.USER_RENAME);
        assertThat(at.lastEvent().actor().id()).isEqualTo(id(BEN));
        assertThat(refusal(() -> at.users.renameSelf(at.caller(BEN), "")).status())
                .isEqualTo(422);
    }

    // Listing

    private List<User> everybody(UserQuery query, int pageSize) {
        List<User> all = new ArrayList<>();
        Page.Request request = new Page.Request(pageSize, null);
        while (true) {
            Page<User> page = at.users.list(at.ada(), query, request);
            assertThat(page.items().size()).isLessThanOrEqualTo(pageSize);
            all.addAll(page.items());
            if (page.nextPageToken() == null) {
                return all;
            }
            User last = page.items().getLast();
            request = new Page.Request(
                    pageSize,
                    List.of(
                            query.sort() == UserQuery.Sort.EMAIL
                                    ? last.email()
                                    : Long.toString(last.createdAt().toEpochMilli()),
                            last.id()));
        }
    }

    @Test
    void peopleAreListedInPagesByEmailOrByWhenTheyCame() {
        for (String name : List.of("dan", "cy", "ben", "eve")) {
            // Two at a time, so that the order needs more than the time.
            if (!name.equals("cy") && !name.equals("eve")) {
                at.clock.advance(Duration.ofSeconds(1));
            }
            invite(name + "@example.com", "public");
        }
        assertThat(everybody(new UserQuery(null, null, UserQuery.Sort.EMAIL, false), 2))
                .extracting(User::email)
                .containsExactly(ADA, BEN, CY, "dan@example.com", "eve@example.com");
        assertThat(everybody(new UserQuery(null, null, UserQuery.Sort.EMAIL, true), 2))
                .extracting(User::email)
                .containsExactly("eve@example.com", "dan@example.com", CY, BEN, ADA);
        List<User> oldestFirst = everybody(new UserQuery(null, null, UserQuery.Sort.CREATED, false), 1);
        assertThat(oldestFirst)
                .hasSize(5)
                .doesNotHaveDuplicates()
                .isSortedAccordingTo((a, b) -> a.createdAt().compareTo(b.createdAt()));
        assertThat(everybody(new UserQuery(null, null, UserQuery.Sort.CREATED, true), 3))
                .containsExactlyElementsOf(oldestFirst.reversed());
        assertThat(oldestFirst)
                .extracting(User::email, user -> List.copyOf(user.roles()))
                .contains(tuple(ADA, List.of(Role.ACCOUNT_ADMIN)), tuple(CY, List.of("public")));
    }

    @Test
    void peopleAreFoundByAPartOfNameOrEmailWhateverTheCase() {
        at.users.invite(at.ada(), "uenal@example.com", "ÜNAL Öz", List.of(), null);
        at.users.invite(at.ada(), "100%_sure@example.com", "Percy", List.of(), null);
        assertThat(found("ünal")).containsExactly("uenal@example.com");
        assertThat(found("öZ")).containsExactly("uenal@example.com");
        assertThat(found("UENAL@")).containsExactly("uenal@example.com");
        assertThat(found("%")).containsExactly("100%_sure@example.com");
        assertThat(found("0%_s")).containsExactly("100%_sure@example.com");
        assertThat(found("_")).containsExactly("100%_sure@example.com");
        assertThat(found("!")).isEmpty();
        assertThat(found("'; drop table person; --")).isEmpty();
        assertThat(found("example.com")).hasSize(3);
        at.users.rename(at.ada(), id("uenal@example.com"), "Renamed", null);
        assertThat(found("ünal")).isEmpty();
        assertThat(found("renamed")).containsExactly("uenal@example.com");
    }

    private List<String> found(String search) {
        return at
                .users
                .list(at.ada(), new UserQuery(search, null, UserQuery.Sort.EMAIL, false), Page.Request.FIRST)
                .items()
                .stream()
                .map(User::email)
                .toList();
    }

    @Test
    void peopleAreListedByRole() {
        at.join(BEN, "public");
        UserQuery query = new UserQuery(null, "public", UserQuery.Sort.EMAIL, false);
        assertThat(at.users.list(at.ada(), query, Page.Request.FIRST).items())
                .extracting(User::email)
                .containsExactly(BEN);
    }

    @Test
    void peopleAreCountedByTheRolesThatTheyHave() {
        at.createClerkRole();
        at.join(BEN, "clerk", "public");
        String cy = at.join(CY).id();
        assertThat(at.database.read(new UsersOfRole()::counts))
                .isEqualTo(Map.of(Set.of("accountadmin"), 1L, Set.of("clerk", "public"), 1L, Set.of(), 1L));
        at.users.remove(at.ada(), cy, null);
        assertThat(at.database.read(new UsersOfRole()::counts))
                .isEqualTo(Map.of(Set.of("accountadmin"), 1L, Set.of("clerk", "public"), 1L));
    }

    @Test
    void countingPeopleReadsIndexesAlone() {
        assumeTrue(engine == TestEngine.SQLITE, "PostgreSQL does so when its vacuum was there");
        List<String> plans =
                at.database.read(handle -> Plan.of(engine, handle, each -> new UsersOfRole().counts(each)));
        assertThat(plans)
                .hasSize(2)
                .allSatisfy(plan -> assertThat(plan.lines().filter(line -> line.matches("(SCAN|SEARCH) person.*")))
                        .isNotEmpty()
                        .allMatch(line -> line.contains("COVERING INDEX")));
    }

    @Test
    void pagesOfPeopleLeadBackAsTheyCame() {
        for (int i = 0; i < 6; i++) {
            at.join("person" + i + "@example.com", "public");
        }
        for (UserQuery query : List.of(
                UserQuery.ALL,
                new UserQuery("person", "public", UserQuery.Sort.EMAIL, true),
                new UserQuery(null, null, UserQuery.Sort.CREATED, false))) {
            Page.Request first = new Page.Request(2, null);
            Page<User> one = at.users.list(at.ada(), query, first);
            assertThat(one.previousPageToken()).isNull();
            Page.Request second = first.behind(one, 2);
            Page<User> two = at.users.list(at.ada(), query, second);
            Page<User> three = at.users.list(at.ada(), query, second.behind(two, 2));
            Page<User> backToTwo = at.users.list(at.ada(), query, before(three));
            assertThat(backToTwo.items()).isEqualTo(two.items());
            assertThat(backToTwo.nextPageToken()).isEqualTo(two.nextPageToken());
            Page<User> backToOne = at.users.list(at.ada(), query, before(backToTwo));
            assertThat(backToOne).as("%s", query).isEqualTo(one);
        }
    }

    private static Page.Request before(Page<User> page) {
        return Page.Request.bothWays("2", page.previousPageToken(), 2);
    }

    @Test
    void peopleAreCountedAsFarAsIsAskedFor() {
        at.join(BEN, "public");
        at.join("cleo@example.com", "public");
        assertThat(at.users.count(at.ada(), UserQuery.ALL, 10)).isEqualTo(3);
        assertThat(at.users.count(at.ada(), UserQuery.ALL, 1))
                .as("more than one")
                .isEqualTo(2);
        assertThat(at.users.count(at.ada(), new UserQuery("CLEO", "public", UserQuery.Sort.EMAIL, false), 10))
                .isEqualTo(1);
        assertThat(refusal(() -> at.users.count(somebody(), UserQuery.ALL, 10)).status())
                .isEqualTo(403);
    }

    @Test
    void aPageTokenOfAnotherOrderIsRefused() {
        Page.Request strange = new Page.Request(10, List.of("ada@example.com", "x"));
        UserQuery byTime = new UserQuery(null, null, UserQuery.Sort.CREATED, false);
        assertThat(refusal(() -> at.users.list(at.ada(), byTime, strange)).status())
                .isEqualTo(422);
    }
}
