package dev.latchkey.usage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.database.Database;
import dev.latchkey.database.Plan;
import dev.latchkey.database.TestEngine;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** However many tokens there are, reading usage never walks through them, and finds rows of usage by their periods. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class UsagePlansTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final UsageStore STORE = new UsageStore();

    @Parameter
    TestEngine engine;

    private Database database;

    /** Half of the tokens have one role, which makes it worth a planner's while to read all of them; few have the other. */
    @BeforeEach
    void fill() {
        database = engine.open();
        database.change(transaction -> {
            transaction.handle().execute("""
                    insert into api_token (client_id, description, search_text, role_name, state, created_at, created_by_kind,
                        created_by_id, created_by_name, version)
                    with recursive n (i) as (select 1 union all select i + 1 from n where i < 16000)
                    select 'abcdef.' || (1000000000000000 + i), 'Program', 'program',
                        case when i % 1000 = 0 then 'rare' when i % 2 = 0 then 'busy' else 'other' end,
                        'active', i, 'system', 'test', 'test', 1 from n""");
            transaction.handle().execute("""
                    insert into usage_hour (at, client_id, api_name, endpoint, outcome, calls, first_at, last_at)
                    with recursive n (i) as (select 0 union all select i + 1 from n where i < 11999)
                    select 1772323200000 + 3600000 * (i % 24), 'abcdef.' || (1000000000000001 + i / 24), 'billing', 'GET /x',
                        'allowed', 1, 1, 1 from n""");
            transaction.handle().execute("analyze");
        });
    }

    @AfterEach
    void close() {
        database.close();
    }

    private List<String> plans(Selection selection, GroupBy groupBy) {
        return database.read(handle -> Plan.of(engine, handle, asking -> {
            UsageStore.Where where =
                    STORE.where(asking, selection, Span.last(3, Step.HOUR, NOON).starts());
            STORE.points(asking, Step.HOUR, where);
            read(asking, where, groupBy);
        }));
    }

    private static void read(Handle handle, UsageStore.Where where, GroupBy groupBy) {
        assertThat(STORE.top(handle, Step.HOUR, where, groupBy, 20).groups()).isNotEmpty();
    }

    private static void assertFrugal(List<String> plans) {
        assertThat(plans)
                .isNotEmpty()
                .allSatisfy(plan ->
                        assertThat(plan).doesNotContain("SCAN u", "SCAN t", "SCAN api_token", "Seq Scan on api_token"));
    }

    @Test
    void aTokensUsageIsFoundByItsKeys() {
        assertFrugal(plans(Selection.ofToken("abcdef.1000000000000007"), GroupBy.ENDPOINT));
    }

    @Test
    void aTokensAddressesAreFoundByItsKeys() {
        database.change(transaction -> transaction.handle().execute("""
                insert into usage_address (at, client_id, address, outcome, calls, first_at, last_at)
                with recursive n (i) as (select 0 union all select i + 1 from n where i < 11999)
                select 1772323200000, 'abcdef.' || (1000000000000001 + i / 16), '192.0.2.' || (i % 16), 'allowed', 1, 1, 1
                from n"""));
        assertFrugal(database.read(handle -> Plan.of(engine, handle, asking -> {
            UsageStore.Where where = STORE.where(
                    asking,
                    Selection.ofToken("abcdef.1000000000000007"),
                    Span.last(3, Step.DAY, NOON).starts());
            assertThat(STORE.top(asking, Step.DAY, where, GroupBy.ADDRESS, 20).groups())
                    .hasSize(16);
        })));
    }

    @Test
    void aRoleOfFewTokensAsksForEach() {
        database.change(transaction -> transaction
                .update("update api_token set role_name = 'rare' where client_id = 'abcdef.1000000000000007'")
                .execute());
        assertFrugal(plans(Selection.ofRole("rare"), GroupBy.ENDPOINT));
    }

    @Test
    void aRoleOfManyTokensWalksThroughTheUsageAndNotThroughTheTokens() {
        assertFrugal(plans(Selection.ofRole("busy"), GroupBy.TOKEN));
    }

    @Test
    void anApisUsageWalksThroughThePeriods() {
        assertFrugal(plans(Selection.ofApi("billing"), GroupBy.TOKEN));
        assertFrugal(plans(Selection.ofApi("billing"), GroupBy.ROLE));
    }

    @Test
    void aPageOfTheListOfTokensAsksForEachOfItsTokens() {
        List<String> page = List.of("abcdef.1000000000000007", "abcdef.1000000000000009");
        assertFrugal(database.read(handle -> Plan.of(
                engine,
                handle,
                asking -> STORE.days(asking, page, Span.last(7, Step.DAY, NOON).starts()))));
    }

    @Test
    void theSumsOfTheLastWeekAreThoseOfTheTokensWithCalls() {
        LastWeekStore store = new LastWeekStore();
        List<Instant> days = Span.last(7, Step.DAY, NOON).starts();
        database.change(transaction -> {
            transaction.handle().execute("insert into usage_day select * from usage_hour");
            transaction
                    .handle()
                    .execute("update api_token set week_calls = 1 where client_id < 'abcdef.1000000000000200'");
            transaction.handle().execute("analyze");
        });
        assertFrugal(database.read(handle -> Plan.of(engine, handle, asking -> {
            LastWeekStore.Part part = store.next(asking, days, "abcdef.1000000000000007", 20);
            assertThat(part.last()).isEqualTo("abcdef.1000000000000028");
            assertThat(store.counted(asking, days, part)).hasSize(21);
            assertThat(store.kept(asking, part)).hasSize(21);
        })));
    }
}
