package dev.latchkey.apitoken;

import static dev.latchkey.apitoken.TokensOnEngine.SYSTEM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.access.Caller;
import dev.latchkey.access.Caller.AssignedRole;
import dev.latchkey.apitoken.ApiToken.Status;
import dev.latchkey.apitoken.ApiTokens.Created;
import dev.latchkey.apitoken.RevocationSince.Count;
import dev.latchkey.apitoken.RevocationSince.Outcome;
import dev.latchkey.database.TestEngine;
import dev.latchkey.event.Actor;
import dev.latchkey.event.Change;
import dev.latchkey.event.Event;
import dev.latchkey.event.EventFilter;
import dev.latchkey.event.Origin;
import dev.latchkey.problem.Page;
import dev.latchkey.problem.Problem;
import dev.latchkey.registry.CurrentPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestEngine.class)
class RevocationSinceTest {
    private static final Origin HERE = new Origin("10.0.0.1", "test");

    @Parameter
    TestEngine engine;

    private TokensOnEngine tokens;
    private RevocationSince revocation;

    @BeforeEach
    void open() {
        tokens = new TokensOnEngine(engine.newAddressWithTables());
        revocation = endingInACall(1_000);
    }

    @AfterEach
    void close() {
        tokens.close();
    }

    private RevocationSince endingInACall(int most) {
        return new RevocationSince(tokens.database, tokens.log, tokens.lastAccess, tokens.clock, most);
    }

    private void use(Created token) {
        tokens.lastAccess.note(token.apiToken().clientId(), HERE);
    }

    private Status statusOf(Created token) {
        return tokens.apiTokens.find(SYSTEM, token.apiToken().clientId()).status();
    }

    /** A moment that is later than all before it and earlier than all after it. */
    private Instant now() {
        tokens.clock.advance(Duration.ofMinutes(1));
        Instant now = tokens.clock.instant();
        tokens.clock.advance(Duration.ofMinutes(1));
        return now;
    }

    private List<Event> revocations() {
        return tokens.log
                .list(
                        new EventFilter("api_token.revoke", null, null, null, null, null),
                        new Page.Request(Page.MAX_SIZE, null))
                .items();
    }

    @Test
    void whatWasUsedOrCreatedSinceThenEndsAndNothingElse() {
        Created neverUsed = tokens.create("Never used", "public");
        Created usedBefore = tokens.create("Used before", "public");
        Created usedAfter = tokens.create("Used after", "public");
        use(usedBefore);
        tokens.lastAccess.flush();
        Instant since = now();
        use(usedAfter);
        tokens.lastAccess.flush();
        Created createdAfter = tokens.create("Created after", "public");
        assertThat(revocation.count(SYSTEM, since)).isEqualTo(new Count(2, false));
        assertThat(revocation.revoke(SYSTEM, since, null)).isEqualTo(new Outcome(2, false));
        assertThat(List.of(statusOf(usedAfter), statusOf(createdAfter))).containsOnly(Status.REVOKED);
        assertThat(List.of(statusOf(neverUsed), statusOf(usedBefore))).containsOnly(Status.ACTIVE);
        assertThat(revocation.count(SYSTEM, since)).isEqualTo(new Count(0, false));
        assertThat(revocation.revoke(SYSTEM, since, null)).isEqualTo(new Outcome(0, false));
    }

    @Test
    void theVeryMomentCounts() {
        Created created = tokens.create("Created", "public");
        Instant then = tokens.clock.instant();
        tokens.clock.advance(Duration.ofSeconds(1));
        assertThat(revocation.revoke(SYSTEM, then.plusMillis(1), null).revoked())
                .isZero();
        assertThat(revocation.revoke(SYSTEM, then, null).revoked()).isEqualTo(1);
        assertThat(statusOf(created)).isEqualTo(Status.REVOKED);
    }

    @Test
    void aUseThatIsNotWrittenYetCounts() {
        Created token = tokens.create("In use", "public");
        Instant since = now();
        use(token);
        assertThat(revocation.count(SYSTEM, since).number()).isEqualTo(1);
        use(token);
        assertThat(revocation.revoke(SYSTEM, since, null).revoked()).isEqualTo(1);
        assertThat(statusOf(token)).isEqualTo(Status.REVOKED);
    }

    @Test
    void aRevokedTokenKeepsItsRevocation() {
        Created token = tokens.create("Contractor", "public");
        tokens.apiTokens.revoke(SYSTEM, token.apiToken().clientId(), "Contract ended");
        tokens.clock.advance(Duration.ofMinutes(1));
        assertThat(revocation.revoke(SYSTEM, Instant.EPOCH, "All of them").revoked())
                .isZero();
        assertThat(tokens.apiTokens
                        .find(SYSTEM, token.apiToken().clientId())
                        .revocation()
                        .reason())
                .isEqualTo("Contract ended");
    }

    @Test
    void eachLeavesTheUsualEventThatSaysWhy() {
        Created token = tokens.create("Program", "public");
        Instant since = tokens.clock.instant();
        revocation.revoke(SYSTEM, since, "Restored a backup");
        Event event = revocations().getFirst();
        assertThat(event.target().id()).isEqualTo(token.apiToken().clientId());
        assertThat(event.changes())
                .containsExactly(
                        Change.from("status", "active", "revoked"),
                        Change.set("reason", "Restored a backup"),
                        Change.set("used or created since", since.toString()));
    }

    @Test
    void oneCallEndsABoundedNumberAndSaysThatThereAreMore() {
        List<Created> created = new ArrayList<>();
        for (int i = 0; i < 250; i++) {
            created.add(tokens.create("Program " + i, "public"));
        }
        RevocationSince bounded = endingInACall(100);
        assertThat(bounded.revoke(SYSTEM, Instant.EPOCH, null)).isEqualTo(new Outcome(100, true));
        assertThat(bounded.revoke(SYSTEM, Instant.EPOCH, null)).isEqualTo(new Outcome(100, true));
        assertThat(bounded.revoke(SYSTEM, Instant.EPOCH, null)).isEqualTo(new Outcome(50, false));
        assertThat(created).allSatisfy(token -> assertThat(statusOf(token)).isEqualTo(Status.REVOKED));
        assertThat(tokens.apiTokens.states(SYSTEM))
                .containsEntry(ApiToken.State.ACTIVE, dev.latchkey.apitoken.Count.of(0))
                .containsEntry(ApiToken.State.REVOKED, dev.latchkey.apitoken.Count.of(250));
    }

    @Test
    void theCallersOwnTokenEndsWhenNoOtherIsLeft() {
        Created own = tokens.create("Recovery", "accountadmin");
        Caller caller = program(own);
        List<Created> others = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            others.add(tokens.create("Program " + i, "public"));
        }
        use(own);
        RevocationSince bounded = endingInACall(100);
        assertThat(bounded.revoke(caller, Instant.EPOCH, null).more()).isTrue();
        assertThat(statusOf(own)).isEqualTo(Status.ACTIVE);
        assertThat(bounded.revoke(caller, Instant.EPOCH, null)).isEqualTo(new Outcome(51, false));
        assertThat(statusOf(own)).isEqualTo(Status.REVOKED);
        assertThat(revocations().getFirst().target().id())
                .isEqualTo(own.apiToken().clientId());
        assertThat(others).allSatisfy(token -> assertThat(statusOf(token)).isEqualTo(Status.REVOKED));
    }

    private Caller program(Created token) {
        String role = token.apiToken().role();
        return new Caller(
                Actor.Kind.PROGRAM,
                token.apiToken().clientId(),
                token.apiToken().description(),
                List.of(new AssignedRole(
                        role, new CurrentPolicy(tokens.log).get().effective(role))),
                HERE);
    }

    @Test
    void itTakesThePrivilegeToRevokeAndTheOneToManageTheAccount() {
        Caller caller = program(tokens.create("Nobody", "public"));
        tokens.clock.advance(Duration.ofMinutes(1));
        assertThatThrownBy(() -> revocation.count(caller, Instant.EPOCH)).hasMessageContaining("tokens:revoke");
        assertThatThrownBy(() -> revocation.revoke(caller, Instant.EPOCH, null)).hasMessageContaining("tokens:revoke");
        assertThat(revocations()).isEmpty();
    }

    @Test
    void aTimeToComeAndALongReasonAreRefused() {
        tokens.create("Program", "public");
        Instant later = tokens.clock.instant().plusMillis(1);
        assertThatThrownBy(() -> revocation.count(SYSTEM, later)).isInstanceOf(Problem.class);
        assertThatThrownBy(() -> revocation.revoke(SYSTEM, later, null)).isInstanceOf(Problem.class);
        assertThatThrownBy(() -> revocation.revoke(SYSTEM, Instant.EPOCH, "x".repeat(201)))
                .isInstanceOf(Problem.class);
        assertThatThrownBy(() -> revocation.revoke(SYSTEM, Instant.EPOCH, "two\nlines"))
                .isInstanceOf(Problem.class);
        assertThat(revocations()).isEmpty();
        assertThat(revocation.revoke(SYSTEM, Instant.MIN, null).revoked()).isEqualTo(1);
    }
}
