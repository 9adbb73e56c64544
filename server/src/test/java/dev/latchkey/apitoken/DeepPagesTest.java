package dev.latchkey.apitoken;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.apitoken.ApiTokenListStore.Meaning;
import dev.latchkey.apitoken.ApiTokenQuery.Sort;
import dev.latchkey.apitoken.RecentTokenStore.Place;
import dev.latchkey.apitoken.RecentTokenStore.Recently;
import dev.latchkey.database.Plan;
import dev.latchkey.database.TestEngine;
import dev.latchkey.event.Origin;
import dev.latchkey.problem.Page;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A page costs the same however deep it is: SQLite finds its place in the index, and does not walk there from the beginning.
 * Asked of the planner, because a time would depend on the machine.
 */
class DeepPagesTest {
    private TokensOnEngine tokens;

    @BeforeEach
    void open() {
        tokens = new TokensOnEngine(TestEngine.SQLITE.newAddressWithTables());
        for (int i = 0; i < 50; i++) {
            tokens.lastAccess.note(
                    tokens.create("Program " + i, "public").apiToken().clientId(), new Origin("10.0.0.1", "test"));
            tokens.clock.advance(Duration.ofMinutes(1));
        }
        tokens.lastAccess.flush();
        tokens.database.change(transaction -> transaction.handle().execute("analyze"));
    }

    @AfterEach
    void close() {
        tokens.close();
    }

    /** How SQLite would execute the last statement of this work. */
    private List<String> plan(Consumer<Handle> work) {
        return tokens.database
                .<List<String>>read(handle -> Plan.of(TestEngine.SQLITE, handle, work))
                .getLast()
                .lines()
                .toList();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theListByLastAccessBeginsAtItsPlace(boolean descending) {
        beginsAtItsPlace(Sort.LAST_ACCESS, descending, "api_token_last_access_index (<expr>%s?)");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theListByTheCallsOfTheLastWeekBeginsAtItsPlace(boolean descending) {
        beginsAtItsPlace(Sort.LAST_WEEK, descending, "api_token_week_index ((week_calls,client_id)%s(?,?))");
    }

    private void beginsAtItsPlace(Sort sort, boolean descending, String index) {
        ApiTokenQuery query = new ApiTokenQuery(null, null, null, null, sort, descending);
        Page.Request page = new Page.Request(5, List.of("1", "a"));
        assertThat(plan(handle -> new ApiTokenListStore()
                        .list(
                                handle,
                                tokens.database.dialect().searchIndex(),
                                query,
                                new Meaning(tokens.clock.instant(), tokens.clock.instant(), Set.of(), Set.of()),
                                page)))
                .containsExactly("SEARCH api_token USING INDEX " + index.formatted(descending ? "<" : ">"));
    }

    @ParameterizedTest
    @EnumSource
    void theWalkOverRecentTokensBeginsAtItsPlace(Recently recently) {
        assertThat(plan(handle -> new RecentTokenStore().next(handle, recently, new Place(1, "a"), 5)))
                .singleElement()
                .asString()
                .startsWith("SEARCH api_token USING");
    }
}
