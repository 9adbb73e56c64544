package dev.latchkey.account;

import static dev.latchkey.account.Installation.ADA;
import static dev.latchkey.account.Installation.HOME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.latchkey.access.Caller;
import dev.latchkey.database.Plan;
import dev.latchkey.database.TestEngine;
import dev.latchkey.event.Actor;
import dev.latchkey.event.Change;
import dev.latchkey.event.Event;
import dev.latchkey.event.EventType;
import dev.latchkey.event.Target;
import dev.latchkey.event.TargetKind;
import dev.latchkey.problem.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestEngine.class)
class SessionsTest {
    private static final String BEN = "ben@example.com";

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

    /** A session that begins without the work of checking a password. */
    private String start(String email) {
        return at.database.write(transaction -> at.sessions.start(transaction, at.user(email), HOME));
    }

    private Session session(String secret) {
        return at.sessions.find(secret).orElseThrow();
    }

    private boolean lasts(String secret) {
        return at.sessions.find(secret).isPresent();
    }

    private long rows() {
        return at.database.read(handle -> handle.createQuery("select count(*) from session")
                .mapTo(Long.class)
                .one());
    }

    @Test
    void aSessionIsFoundByItsSecretOnly() {
        String secret = start(ADA);
        Session session = session(secret);
        assertThat(session.userId()).isEqualTo(at.ada().id());
        assertThat(session.address()).isEqualTo(HOME.address());
        assertThat(session.userAgent()).isEqualTo(HOME.userAgent());
        assertThat(lasts(session.id())).as("the id is no credential").isFalse();
        assertThat(lasts("0".repeat(secret.length()))).isFalse();
        assertThat(lasts("")).isFalse();
    }

    @Test
    void theSecretHas256BitsAndIsNotInTheDatabase() {
        String secret = start(ADA);
        assertThat(secret.length() * 5).isGreaterThanOrEqualTo(256);
        List<String> kept =
                at.database.read(handle -> handle.createQuery("select session_hash || session_id from session")
                        .mapTo(String.class)
                        .list());
        assertThat(kept).singleElement().asString().doesNotContain(secret);
    }

    @Test
    void anUnusedSessionEndsAfterTwelveHours() {
        String secret = start(ADA);
        at.clock.advance(Sessions.IDLE.minusMillis(1));
        assertThat(at.sessions.list(at.ada())).hasSize(1);
        at.clock.advance(Duration.ofMillis(1));
        assertThat(lasts(secret)).isFalse();
        assertThat(at.sessions.list(at.ada())).isEmpty();
    }

    @Test
    void aUsedSessionContinuesButForTwoWeeksAtMost() {
        String secret = start(ADA);
        Instant end = at.clock.instant().plus(Sessions.LIFETIME);
        while (at.clock.instant().plus(Duration.ofHours(11)).isBefore(end)) {
            at.clock.advance(Duration.ofHours(11));
            assertThat(lasts(secret)).isTrue();
        }
        at.clock.advance(Duration.between(at.clock.instant(), end).minusMillis(1));
        assertThat(lasts(secret)).isTrue();
        at.clock.advance(Duration.ofMillis(1));
        assertThat(lasts(secret)).isFalse();
    }

    @Test
    void whenItWasLastSeenIsNotedAtMostOnceAMinute() {
        String secret = start(ADA);
        Instant begun = at.clock.instant();
        at.clock.advance(Duration.ofSeconds(60));
        session(secret);
        assertThat(session(secret).lastSeenAt()).isEqualTo(begun);
        at.clock.advance(Duration.ofSeconds(1));
        session(secret);
        assertThat(session(secret).lastSeenAt()).isEqualTo(begun.plusSeconds(61));
    }

    @Test
    void whatEndedByItselfIsDeleted() {
        start(ADA);
        at.clock.advance(Duration.ofHours(6));
        String newer = start(ADA);
        at.clock.advance(Duration.ofHours(6));
        at.sessions.deleteExpired();
        assertThat(rows()).isEqualTo(1);
        assertThat(lasts(newer)).isTrue();
    }

    @Test
    void whatEndedByItselfIsFoundAmongVeryManySessionsWithoutReadingThem() {
        String secret = start(ADA);
        Instant now = at.clock.instant();
        at.database.change(transaction -> {
            transaction
                    .update("""
                    insert into session (session_hash, session_id, user_id, created_at, last_seen_at, expires_at, address,
                        user_agent)
                    with recursive n (i) as (select 1 union all select i + 1 from n where i < 5000)
                    select 'hash' || i, 'session' || i, user_id, :now, :now, :end, address, user_agent
                    from session join n on 1 = 1""")
                    .bind("now", now.toEpochMilli())
                    .bind("end", now.plus(Sessions.LIFETIME).toEpochMilli())
                    .execute();
            transaction.handle().execute("analyze");
            List<String> plans = Plan.of(
                    engine,
                    transaction.handle(),
                    handle -> new SessionStore().deleteExpired(transaction, now, now.minus(Sessions.IDLE)));
            assertThat(plans).hasSize(2);
            assertThat(plans.getFirst()).contains("session_expires_index");
            assertThat(plans.getLast()).contains("session_last_seen_index");
        });
        assertThat(lasts(secret)).isTrue();
    }

    @Test
    void beginningAndEndingASessionLeaveEvents() {
        String secret = start(ADA);
        Session session = session(secret);
        assertThat(at.lastEvent().type()).isEqualTo(EventType.SESSION_CREATE);
        assertThat(at.lastEvent().target()).isEqualTo(new Target(TargetKind.SESSION, session.id(), ADA));
        at.sessions.end(at.ada(), session.id());
        assertThat(lasts(secret)).isFalse();
        assertThat(at.lastEvent().type()).isEqualTo(EventType.SESSION_END);
        assertThat(at.lastEvent().target()).isEqualTo(new Target(TargetKind.SESSION, session.id(), ADA));
    }

    @Test
    void noOneEndsOrSeesSomeoneElsesSession() {
        at.join(BEN);
        String secret = start(ADA);
        Caller ben = at.caller(BEN);
        Problem problem = catchThrowableOfType(
                Problem.class, () -> at.sessions.end(ben, session(secret).id()));
        assertThat(problem.status()).isEqualTo(404);
        assertThat(lasts(secret)).isTrue();
        assertThat(at.sessions.list(ben)).isEmpty();
    }

    @Test
    void aProgramHasNoSessions() {
        Caller program = new Caller(Actor.Kind.PROGRAM, "k7m2qd.0123456789abcdef", "Program", List.of(), HOME);
        assertThat(at.sessions.list(program)).isEmpty();
        assertThat(catchThrowableOfType(Problem.class, () -> at.sessions.end(program, "x"))
                        .status())
                .isEqualTo(404);
    }

    @Test
    void allOthersCanBeEndedAtOnce() {
        at.join(BEN);
        String bens = start(BEN);
        String kept = start(ADA);
        String other = start(ADA);
        String third = start(ADA);
        List<Change> expected = List.of(
                Change.from("session", session(other).id(), null),
                Change.from("session", session(third).id(), null));
        at.sessions.endOthers(at.ada(), session(kept).id());
        assertThat(lasts(kept)).isTrue();
        assertThat(lasts(other)).isFalse();
        assertThat(lasts(third)).isFalse();
        assertThat(lasts(bens)).isTrue();
        assertThat(at.lastEvent().type()).isEqualTo(EventType.SESSION_END_OTHERS);
        assertThat(at.lastEvent().changes()).containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void endingNoOthersLeavesNoEvent() {
        String only = start(ADA);
        long before = at.lastEvent().sequence();
        at.sessions.endOthers(at.ada(), session(only).id());
        assertThat(lasts(only)).isTrue();
        assertThat(at.lastEvent().sequence()).isEqualTo(before);
    }

    @Test
    void oneMoreSessionThanAPersonMayHaveEndsTheLeastRecentlyUsed() {
        String first = start(ADA);
        at.clock.advance(Duration.ofSeconds(1));
        String second = start(ADA);
        String secondId = session(second).id();
        at.clock.advance(Duration.ofMinutes(2));
        session(first);
        for (int i = 2; i < 100; i++) {
            start(ADA);
        }
        assertThat(rows()).isEqualTo(100);
        start(ADA);
        assertThat(rows()).isEqualTo(100);
        assertThat(lasts(second)).isFalse();
        assertThat(lasts(first)).isTrue();
        Event newest = at.lastEvent();
        assertThat(newest.type()).isEqualTo(EventType.SESSION_CREATE);
        assertThat(newest.changes()).containsExactly(Change.from("ended session", secondId, null));
    }

    @Test
    void everySessionHasAFormValueOfItsOwn() {
        String one = start(ADA);
        String other = start(ADA);
        String value = at.sessions.formValue(one);
        assertThat(at.sessions.isFormValue(one, value)).isTrue();
        assertThat(at.sessions.isFormValue(other, value)).isFalse();
        assertThat(at.sessions.isFormValue(one, "")).isFalse();
        assertThat(at.sessions.isFormValue(one, one)).isFalse();
        assertThat(value).doesNotContain(one);
    }
}
