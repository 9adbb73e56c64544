package dev.latchkey.apitoken;

import static dev.latchkey.apitoken.TokensOnEngine.SYSTEM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.apitoken.ApiToken.Status;
import dev.latchkey.apitoken.ApiTokens.Created;
import dev.latchkey.database.TestEngine;
import dev.latchkey.event.Actor;
import dev.latchkey.event.Origin;
import dev.latchkey.management.Idempotency;
import dev.latchkey.problem.Page;
import dev.latchkey.problem.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The numbers that are stored for the tokens are those that counting gives. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class ApiTokenCountTest {
    private static final Origin HERE = new Origin("10.0.0.1", "test");
    private static final List<String> ROLES = List.of("public", "accountadmin", "reader");

    @Parameter
    TestEngine engine;

    private TokensOnEngine tokens;

    @BeforeEach
    void open() {
        tokens = new TokensOnEngine(engine.newAddressWithTables());
        tokens.createRole("reader");
    }

    @AfterEach
    void close() {
        tokens.close();
    }

    @Test
    void theKeptCountsAreWhatCountingGivesWhateverIsDone() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<Created> drafts = new ArrayList<>();
        List<Created> created = new ArrayList<>();
        for (int step = 0; step < 300; step++) {
            String role = ROLES.get(random.nextInt(ROLES.size()));
            ApiTokenTerms wanted = ApiTokenTerms.withSecret("Step " + step, null);
            switch (random.nextInt(12)) {
                case 0, 1, 2 ->
                    created.add(
                            tokens.apiTokens.create(SYSTEM, role, wanted, null).value());
                case 3 -> {
                    Idempotency.Attempt attempt = new Idempotency.Attempt("step " + step, "the same");
                    created.add(tokens.apiTokens
                            .create(SYSTEM, role, wanted, attempt)
                            .value());
                    tokens.apiTokens.create(SYSTEM, role, wanted, attempt);
                }
                case 4, 5 -> drafts.add(tokens.drafts.draft(SYSTEM, role, wanted));
                case 6 -> {
                    if (!drafts.isEmpty()) {
                        Created draft = drafts.removeLast();
                        tokens.drafts.save(SYSTEM, draft.apiToken().clientId());
                        assertThatThrownBy(() -> tokens.drafts.save(
                                        SYSTEM, draft.apiToken().clientId()))
                                .isInstanceOf(Problem.class);
                        created.add(draft);
                    }
                }
                case 7 -> {
                    if (!drafts.isEmpty()) {
                        tokens.drafts.discard(
                                SYSTEM, drafts.removeLast().apiToken().clientId());
                    } else if (!created.isEmpty()) {
                        tokens.drafts.discard(SYSTEM, any(created, random));
                    }
                }
                case 8 -> {
                    if (!created.isEmpty()) {
                        tokens.apiTokens.revoke(SYSTEM, any(created, random), "no more");
                    }
                }
                case 9 -> {
                    if (created.size() > 3) {
                        String twice = any(created, random);
                        tokens.apiTokens.revoke(SYSTEM, List.of(twice, any(created, random), twice), null);
                        assertThatThrownBy(() -> tokens.apiTokens.revoke(
                                        SYSTEM, List.of(any(created, random), "zzzzzz.zzzzzzzzzzzzzzzz"), null))
                                .isInstanceOf(Problem.class);
                    }
                }
                case 10 -> {
                    if (!created.isEmpty()) {
                        Created leaked = created.get(random.nextInt(created.size()));
                        tokens.secrets.reportLeaked(leaked.secret(), null, HERE);
                        tokens.apiTokens.revokeItself(
                                created.get(random.nextInt(created.size())).apiToken(), HERE);
                    }
                }
                default -> {
                    if (step % 5 == 0) {
                        tokens.clock.advance(Drafts.LIFETIME.plus(Duration.ofSeconds(1)));
                        tokens.drafts.deleteStale();
                        drafts.clear();
                    }
                }
            }
        }

        Map<String, Long> counted =
                counted("select role_name || ' ' || state as what, count(*) as number from api_token"
                        + " where state <> 'draft' group by role_name, state");
        assertThat(counted("select role_name || ' ' || state as what, number from api_token_count where number <> 0"))
                .as("seed %d", seed)
                .isEqualTo(counted)
                .hasSizeGreaterThan(3);
        Map<String, Long> active = new HashMap<>();
        Map<String, Long> byState = new HashMap<>();
        counted.forEach((what, number) -> {
            String[] roleAndState = what.split(" ");
            byState.merge(roleAndState[1], number, Long::sum);
            if (roleAndState[1].equals("active")) {
                active.put(roleAndState[0], number);
            }
        });
        assertThat(tokens.database.<Map<String, Long>>read(handle -> ApiTokenCountStore.byState(handle, null)))
                .isEqualTo(byState);
        assertThat(byRole()).isEqualTo(active);
    }

    private Map<String, Long> byRole() {
        return tokens.database.read(new TokensOfRole(tokens.clock)::counts).entrySet().stream()
                .collect(Collectors.toMap(entry -> entry.getKey().iterator().next(), Map.Entry::getValue));
    }

    @Test
    void aRoleWhoseLastTokenWasRevokedIsNotInUse() {
        Created only = tokens.create("the only one", "reader");
        assertThat(byRole()).containsEntry("reader", 1L);
        tokens.apiTokens.revoke(SYSTEM, only.apiToken().clientId(), null);
        assertThat(byRole()).doesNotContainKey("reader");
    }

    @Test
    void aRoleWithActiveTokensStaysWhateverTheKeptNumbersSay() {
        Created only = tokens.create("the only one", "reader");
        tokens.database.change(transaction ->
                transaction.update("update api_token_count set number = 0").execute());
        assertThatThrownBy(() -> tokens.roles.delete(SYSTEM, "reader", null))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo("role_in_use"))
                .hasMessage("1 active token uses the role reader. Revoke it first.");
        tokens.apiTokens.revoke(SYSTEM, only.apiToken().clientId(), null);
        tokens.roles.delete(SYSTEM, "reader", null);
    }

    @Test
    void aRevocationGoesThroughWhenItCannotBeCounted() {
        Created token = tokens.create("the only one", "reader");
        tokens.database.change(transaction ->
                transaction.handle().execute("alter table api_token_count rename to api_token_count_gone"));
        tokens.apiTokens.revoke(SYSTEM, token.apiToken().clientId(), null);
        assertThat(tokens.apiTokens.find(SYSTEM, token.apiToken().clientId()).status())
                .isEqualTo(Status.REVOKED);
        assertThat(tokens.credentials.active(token.apiToken().clientId())).isEmpty();
    }

    @Test
    void wrongNumbersAreMendedWhileOthersChangeThemAndByManyAtOnce() throws Exception {
        for (int i = 0; i < 5; i++) {
            tokens.create("Token " + i, "reader");
        }
        tokens.database.change(transaction -> {
            transaction.update("update api_token_count set number = number + 7").execute();
            transaction
                    .update("delete from api_token_count where role_name = 'public'")
                    .execute();
        });
        List<Thread> others = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            others.add(Thread.ofVirtual().start(() -> {
                try (ApiTokenUpkeep kept = new ApiTokenUpkeep(tokens.database, tokens.log)) {
                    kept.mendNumbers(new Actor.System("test", null));
                }
            }));
            others.add(Thread.ofVirtual().start(() -> {
                for (int n = 0; n < 10; n++) {
                    tokens.create("Meanwhile", "reader");
                }
            }));
        }
        for (Thread other : others) {
            other.join();
        }
        assertThat(counted("select role_name || ' ' || state as what, number from api_token_count where number <> 0"))
                .isEqualTo(counted("select role_name || ' ' || state as what, count(*) as number from api_token"
                        + " where state <> 'draft' group by role_name, state"));
    }

    @Test
    void whatTheSearchIndexLacksIsPutIntoIt() {
        Created token = tokens.create("Nightly billing", "reader");
        String table = engine == TestEngine.SQLITE ? "api_token_search_row" : "api_token_search";
        tokens.database.change(
                transaction -> transaction.update("delete from " + table).execute());
        ApiTokenQuery query = new ApiTokenQuery("billing", null, null, null, ApiTokenQuery.Sort.CREATED, true);
        assertThat(tokens.apiTokens.list(SYSTEM, query, Page.Request.FIRST).items())
                .isEmpty();
        try (ApiTokenUpkeep kept = new ApiTokenUpkeep(tokens.database, tokens.log)) {
            assertThat(kept.lackingInSearchIndex()).contains(1);
            assertThat(kept.mendSearchIndex()).isEqualTo(1);
        }
        assertThat(tokens.apiTokens.list(SYSTEM, query, Page.Request.FIRST).items())
                .extracting(ApiToken::clientId)
                .containsExactly(token.apiToken().clientId());
    }

    private static String any(List<Created> created, Random random) {
        return created.get(random.nextInt(created.size())).apiToken().clientId();
    }

    private Map<String, Long> counted(String sql) {
        Map<String, Long> numbers = new HashMap<>();
        tokens.database
                .<List<Map<String, Object>>>read(
                        handle -> handle.createQuery(sql).mapToMap().list())
                .forEach(row -> numbers.put((String) row.get("what"), ((Number) row.get("number")).longValue()));
        return numbers;
    }
}
