package dev.latchkey.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.TestClock;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.apitoken.LastWeek;
import dev.latchkey.database.Database;
import dev.latchkey.database.TestEngine;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What is kept of the last week of each token. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class LastWeeksTest {
    private static final Called INVOICES = new Called("billing", "GET", "/invoices");
    private static final Called INVOICE = new Called("billing", "GET", "/invoices/{id}");

    @Parameter
    TestEngine engine;

    private final TestClock clock = new TestClock();
    private Database database;
    private UsageCounter counter;
    private LastWeeks weeks;

    @BeforeEach
    void open() {
        database = engine.open();
        database.change(transaction -> transaction.handle().execute("""
                insert into api_token (client_id, description, search_text, role_name, state, created_at, created_by_kind,
                    created_by_id, created_by_name, version)
                with recursive n (i) as (select 10 union all select i + 1 from n where i < 59)
                select 'token' || i, '', '', 'reader', 'active', 0, 'system', 'test', 'test', 1 from n"""));
        counter = new UsageCounter(database, () -> 30, clock);
        weeks = new LastWeeks(database, clock, 3);
    }

    @AfterEach
    void close() {
        counter.close();
        database.close();
    }

    private void count(String clientId, Called called, Outcome outcome, int calls) {
        for (int i = 0; i < calls; i++) {
            counter.count(clientId, "192.0.2.7", called, outcome);
        }
    }

    private void hourLater() {
        counter.flush();
        clock.advance(Duration.ofHours(1));
        counter.flush();
        for (int turn = 0; turn < 10; turn++) {
            weeks.keepUp();
        }
    }

    private Map<String, LastWeek> kept() {
        return database.read(handle -> new LastWeekStore().kept(handle, new LastWeekStore.Part("", null)));
    }

    @Test
    void callsAreSummedOverTheDaysAndTheOutcomes() {
        count("token10", INVOICES, Outcome.ALLOWED, 5);
        count("token10", INVOICE, Outcome.MISSING_PRIVILEGE, 2);
        clock.advance(Duration.ofDays(2));
        counter.flush();
        count("token10", INVOICES, Outcome.ALLOWED, 4);
        count("token10", INVOICE, Outcome.LIMITED, 1);
        count("token10", Called.api("billing"), Outcome.NO_ENDPOINT, 1);
        count("token10", Called.issuing("billing", Optional.of(Set.of("read"))), Outcome.ALLOWED, 1);
        count("token10", new Called(ManagementApi.NAME, "GET", "/tokens"), Outcome.ALLOWED, 1);
        hourLater();
        assertThat(kept()).isEqualTo(Map.of("token10", new LastWeek(15, 4, 1, 3L)));
    }

    @Test
    void aProgramThatRenewsOnceItsAccessTokenIsRefusedIsNotRefusedOften() {
        count("token10", INVOICES, Outcome.ALLOWED, 12);
        count("token10", Called.api("billing"), Outcome.ACCESS_TOKEN_ENDED, 12);
        count("token10", Called.api("billing"), Outcome.WRONG_ADDRESS, 1);
        hourLater();
        assertThat(kept()).isEqualTo(Map.of("token10", new LastWeek(25, 1, 0, 1L)));
    }

    @Test
    void howManyEndpointsIsNotKnownWhereOneIsNot() {
        count("token10", INVOICES, Outcome.ALLOWED, 1);
        count("token10", Called.api("billing"), Outcome.ALLOWED, 1);
        count("", Called.UNKNOWN, Outcome.ALLOWED, 9);
        hourLater();
        assertThat(kept()).isEqualTo(Map.of("token10", new LastWeek(2, 0, 0, null)));
    }

    @Test
    void everyTokenWithCallsIsReachedInSmallStepsAndEachLosesThemAWeekLater() {
        for (int i = 10; i < 60; i += 2) {
            count("token" + i, INVOICES, Outcome.ALLOWED, i);
            count("token" + i, INVOICE, Outcome.MISSING_PRIVILEGE, 1);
        }
        hourLater();
        assertThat(kept())
                .hasSize(25)
                .allSatisfy((clientId, week) ->
                        assertThat(week).isEqualTo(new LastWeek(Long.parseLong(clientId.substring(5)) + 1, 1, 0, 1L)));
        clock.advance(Duration.ofDays(3));
        counter.flush();
        for (int i = 11; i < 60; i += 3) {
            count("token" + i, INVOICE, Outcome.ALLOWED, 1);
        }
        hourLater();
        assertThat(kept()).hasSize(25 + 9).containsEntry("token14", new LastWeek(16, 1, 0, 2L));
        clock.advance(Duration.ofDays(4));
        hourLater();
        assertThat(kept().keySet()).hasSize(17).allMatch(clientId -> Integer.parseInt(clientId.substring(5)) % 3 == 2);
        clock.advance(Duration.ofDays(3));
        hourLater();
        assertThat(kept()).isEmpty();
    }

    @Test
    void onlyOneNodeSumsInAnHour() {
        LastWeeks other = new LastWeeks(database, clock);
        count("token10", INVOICES, Outcome.ALLOWED, 1);
        hourLater();
        count("token10", INVOICES, Outcome.ALLOWED, 1);
        counter.flush();
        other.keepUp();
        weeks.keepUp();
        assertThat(kept()).containsEntry("token10", new LastWeek(1, 0, 0, 1L));
        clock.advance(Duration.ofHours(1));
        other.keepUp();
        assertThat(kept()).containsEntry("token10", new LastWeek(2, 0, 0, 1L));
    }

    @Test
    void aClockThatWasAheadOnceDoesNotStopTheSums() {
        count("token10", INVOICES, Outcome.ALLOWED, 1);
        counter.flush();
        clock.advance(Duration.ofDays(365));
        weeks.keepUp();
        clock.advance(Duration.ofDays(-365));
        hourLater();
        assertThat(kept()).containsEntry("token10", new LastWeek(1, 0, 0, 1L));
    }

    @Test
    void aPassWhoseFirstStepFailsContinuesInTheNextTurn() {
        count("token10", INVOICES, Outcome.ALLOWED, 1);
        counter.flush();
        clock.advance(Duration.ofHours(1));
        database.change(transaction ->
                transaction.update("alter table usage_day rename to elsewhere").execute());
        assertThatThrownBy(weeks::keepUp).isInstanceOf(RuntimeException.class);
        database.change(transaction ->
                transaction.update("alter table elsewhere rename to usage_day").execute());
        weeks.keepUp();
        assertThat(kept()).containsEntry("token10", new LastWeek(1, 0, 0, 1L));
    }
}
