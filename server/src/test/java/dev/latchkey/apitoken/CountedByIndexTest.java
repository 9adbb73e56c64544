package dev.latchkey.apitoken;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.apitoken.ApiToken.State;
import dev.latchkey.apitoken.ApiTokenListStore.Meaning;
import dev.latchkey.apitoken.ApiTokenQuery.Sort;
import dev.latchkey.apitoken.ApiTokenQuery.Trait;
import dev.latchkey.database.Plan;
import dev.latchkey.database.TestEngine;
import dev.latchkey.problem.Page;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A query about few tokens reads few rows, however many others there are. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class CountedByIndexTest {
    @Parameter
    TestEngine engine;

    private TokensOnEngine tokens;

    /** Of one role most tokens were revoked long ago, of another one none. */
    @BeforeEach
    void fill() {
        tokens = new TokensOnEngine(engine.newAddress());
        tokens.database.change(transaction -> {
            transaction.handle().execute("""
                    insert into api_token (client_id, description, search_text, role_name, state, created_at, created_by_kind,
                        created_by_id, created_by_name, owner_id, owner_name, version)
                    with recursive n (i) as (select 1 union all select i + 1 from n where i < 16000)
                    select 'abcdef.' || (1000000000000000 + i), 'Program', 'program', case when i <= 8000 then 'reader' else 'busy' end,
                        case when i > 8000 or i % 50 = 0 then 'active' else 'revoked' end, i, 'system', 'test', 'test',
                        'owner' || (i % 500), 'Somebody', 1 from n""");
            transaction.handle().execute("""
                    insert into person (user_id, email, name, search_text, created_at, created_by, disabled_at, version)
                    values ('owner7', 'left@example.com', 'Left', 'left', 1, 'test', 1, 1)""");
            transaction.handle().execute("analyze");
        });
    }

    @AfterEach
    void close() {
        tokens.close();
    }

    private List<String> plans(Consumer<Handle> work) {
        return tokens.database.read(handle -> Plan.of(engine, handle, work));
    }

    @Test
    void theActiveTokensOfARoleAreCountedWithoutTheRevokedOnes() {
        Set<String> roles = Set.of("reader", "public");
        assertThat(plans(handle -> assertThat(new ApiTokenStore().active(handle, roles, 10_000))
                        .isEqualTo(160)))
                .singleElement()
                .asString()
                .contains("api_token_active_role_index");
    }

    @Test
    void aStepThroughTheTokensOfRolesReadsABoundedNumber() {
        TokensByRole tokensByRole = new TokensByRole(tokens.database);
        Set<String> found = new HashSet<>();
        TokensByRole.Place place = null;
        int steps = 0;
        do {
            AtomicInteger read = new AtomicInteger();
            TokensByRole.Step step =
                    tokensByRole.step(TokensOnEngine.SYSTEM, Set.of("empty", "reader"), place, 30, apiToken -> {
                        read.incrementAndGet();
                        return apiToken.whyNot(tokens.clock.instant()) == null;
                    });
            assertThat(read).hasValueLessThanOrEqualTo(TokensByRole.MOST_READ);
            assertThat(step.found()).hasSizeLessThanOrEqualTo(30);
            for (ApiToken apiToken : step.found()) {
                assertThat(apiToken.role()).isEqualTo("reader");
                assertThat(found.add(apiToken.clientId())).isTrue();
            }
            place = step.next();
            steps++;
        } while (place != null);
        assertThat(found).hasSize(160);
        assertThat(steps).isGreaterThan(7);
        for (String plan : plans(handle -> {
            TokensByRoleStore.behind(handle, "reader", "abcdef.1", 200);
            TokensByRoleStore.behindRole(handle, "busy", 1);
        })) {
            assertThat(plan).contains("api_token_role_index").doesNotContain("TEMP B-TREE", "Sort");
        }
    }

    @Test
    void theListOfARolesActiveTokensIsStillReadInItsOrder() {
        assertThat(plans(handle -> list(handle, State.ACTIVE, null)))
                .singleElement()
                .asString()
                .doesNotContainIgnoringCase("sort")
                .doesNotContain("TEMP B-TREE");
    }

    @Test
    void theTokensOfThoseWhoLeftAreFoundByTheirOwners() {
        assertThat(plans(handle -> list(handle, null, ApiTokenQuery.DEPARTED)).getFirst())
                .contains("api_token_owner_index");
    }

    @Test
    void theTokensThatWereRefusedAreFoundByTheirIndexes() {
        assertThat(plans(handle -> list(handle, Trait.REFUSED_OFTEN)).getFirst())
                .contains("api_token_refused_index");
        assertThat(plans(handle -> list(handle, Trait.LIMITED)).getFirst()).contains("api_token_limited_index");
    }

    @Test
    void theTokensOfPowerfulRolesAreFoundByTheirRoles() {
        assertThat(plans(handle -> list(handle, Trait.POWERFUL_LITTLE_USED)).getFirst())
                .contains("api_token_role")
                .doesNotContain("SCAN", "Seq Scan");
    }

    private void list(Handle handle, Trait trait) {
        list(handle, new ApiTokenQuery(null, null, null, null, null, Set.of(trait), Sort.CREATED, true));
    }

    private void list(Handle handle, @Nullable State state, @Nullable String owner) {
        list(
                handle,
                new ApiTokenQuery(
                        null, null, state, state == null ? null : "busy", owner, Set.of(), Sort.CREATED, true));
    }

    private void list(Handle handle, ApiTokenQuery query) {
        new ApiTokenListStore()
                .list(
                        handle,
                        tokens.database.dialect().searchIndex(),
                        query,
                        new Meaning(tokens.clock.instant(), tokens.clock.instant(), Set.of("rare"), Set.of()),
                        new Page.Request(25, null));
    }
}
