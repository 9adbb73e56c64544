package dev.latchkey.apitoken;

import static dev.latchkey.apitoken.TokensOnEngine.SYSTEM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.apitoken.ApiToken.State;
import dev.latchkey.apitoken.ApiTokenQuery.Sort;
import dev.latchkey.apitoken.ApiTokenQuery.Trait;
import dev.latchkey.apitoken.ApiTokenTerms.Limits;
import dev.latchkey.database.TestEngine;
import dev.latchkey.event.Origin;
import dev.latchkey.http.Paging;
import dev.latchkey.http.Parameters;
import dev.latchkey.problem.Page;
import dev.latchkey.problem.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What a token is good for now: lists, counts and the token itself agree. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class ApiTokenStatesTest {
    /** How long after the previous one each token is created. */
    private static final Duration A_SECOND = Duration.ofSeconds(1);

    private static final Origin HERE = new Origin("10.0.0.1", "test");

    @Parameter
    TestEngine engine;

    private TokensOnEngine tokens;

    /** At the moment at which all questions are asked, there are two of each state, and one at each edge of each. */
    @BeforeEach
    void fill() {
        tokens = new TokensOnEngine(engine.newAddressWithTables());
        tokens.createRole("reader");
        Instant asked = tokens.clock.instant().plus(Duration.ofDays(200));
        Duration soon = ApiToken.SOON;
        Duration moment = Duration.ofMillis(1);
        for (String role : List.of("reader", "accountadmin")) {
            create("for ever", role, null, null);
            create("for long", role, null, asked.plus(soon).plus(moment));
            create("for two weeks", role, null, asked.plus(soon));
            create("for a moment", role, null, asked.plus(moment));
            create("until now", role, null, asked);
            create("until yesterday", role, null, asked.minus(Duration.ofDays(1)));
            create("from now", role, asked, null);
            create("from now, not for long", role, asked, asked.plus(Duration.ofDays(3)));
            create("from then on", role, asked.plus(moment), null);
            create("from next month", role, asked.plus(Duration.ofDays(30)), asked.plus(Duration.ofDays(60)));
            create("over before it begins", role, asked.minus(Duration.ofDays(9)), asked.minus(Duration.ofDays(2)));
            for (ApiToken ended : List.of(create("revoked", role, null, null), create("both", role, null, asked))) {
                tokens.apiTokens.revoke(SYSTEM, ended.clientId(), null);
            }
        }
        tokens.drafts.draft(SYSTEM, "reader", ApiTokenTerms.withSecret("draft", asked));
        tokens.clock.set(asked.minus(Duration.ofDays(TokensOnEngine.IDLE_DAYS)));
        use("reader", "for ever");
        tokens.clock.set(asked.minus(Duration.ofDays(TokensOnEngine.IDLE_DAYS)).minusMillis(1));
        use("reader", "for long");
        tokens.clock.set(asked.minus(A_SECOND));
        create("new", "reader", null, null);
    }

    @AfterEach
    void close() {
        tokens.close();
    }

    private ApiToken create(String description, String role, @Nullable Instant from, @Nullable Instant until) {
        tokens.clock.advance(A_SECOND);
        return tokens.apiTokens
                .create(
                        SYSTEM,
                        role,
                        ApiTokenTerms.withSecret(description, null).limitedTo(new Limits(from, until, List.of())),
                        null)
                .value()
                .apiToken();
    }

    private void use(String role, String description) {
        ApiToken used = all().stream()
                .filter(apiToken ->
                        apiToken.role().equals(role) && apiToken.description().equals(description))
                .findFirst()
                .orElseThrow();
        tokens.lastAccess.note(used.clientId(), HERE);
        tokens.lastAccess.flush();
    }

    private List<ApiToken> all() {
        return tokens.apiTokens
                .list(SYSTEM, ApiTokenQuery.ALL, new Page.Request(200, null))
                .items();
    }

    private static ApiTokenQuery query(@Nullable State state, @Nullable String role, Trait... traits) {
        return new ApiTokenQuery(null, null, state, role, null, Set.of(traits), Sort.CREATED, true);
    }

    private void listsAndCounts(ApiTokenQuery query, Predicate<ApiToken> fits) {
        List<ApiToken> expected = all().stream().filter(fits).toList();
        assertThat(tokens.apiTokens
                        .list(SYSTEM, query, new Page.Request(200, null))
                        .items())
                .as("%s", query)
                .isEqualTo(expected)
                .isNotEmpty();
        assertThat(tokens.apiTokens.count(SYSTEM, query)).as("%s", query).isEqualTo(Count.of(expected.size()));
    }

    @Test
    void aTokenIsInOneStateAtEachMoment() {
        Instant now = tokens.clock.instant();
        Map<State, List<String>> byState = new EnumMap<>(State.class);
        all().stream()
                .filter(apiToken -> apiToken.role().equals("accountadmin"))
                .forEach(apiToken -> byState.computeIfAbsent(apiToken.state(now), unused -> new ArrayList<>())
                        .add(apiToken.description()));
        assertThat(byState.get(State.ACTIVE)).containsExactly("from now", "for long", "for ever");
        assertThat(byState.get(State.EXPIRING))
                .containsExactly("from now, not for long", "for a moment", "for two weeks");
        assertThat(byState.get(State.EXPIRED)).containsExactly("over before it begins", "until yesterday", "until now");
        assertThat(byState.get(State.NOT_YET_VALID)).containsExactly("from next month", "from then on");
        assertThat(byState.get(State.REVOKED)).containsExactly("both", "revoked");
    }

    @Test
    void listsAndCountsKnowTheStatesAsTheTokenDoes() {
        Instant now = tokens.clock.instant();
        for (String role : Arrays.asList(null, "reader", "accountadmin")) {
            Predicate<ApiToken> ofRole =
                    apiToken -> role == null || apiToken.role().equals(role);
            for (State state : State.values()) {
                listsAndCounts(
                        query(state, role),
                        ofRole.and(apiToken -> apiToken.state(now) == state
                                || state == State.ACTIVE && apiToken.state(now) == State.EXPIRING));
            }
            listsAndCounts(query(null, role), ofRole);
        }
    }

    @Test
    void theNumbersOfTheStatesAddUpAndExpiredOnesAreNotActive() {
        assertThat(tokens.apiTokens.states(SYSTEM))
                .isEqualTo(Map.of(
                        State.ACTIVE, Count.of(13),
                        State.EXPIRED, Count.of(6),
                        State.NOT_YET_VALID, Count.of(4),
                        State.REVOKED, Count.of(4)));
        assertThat(all()).hasSize(13 + 6 + 4 + 4);
    }

    @Test
    void aRoleIsSaidToHaveTheTokensThatWork() {
        assertThat(tokens.database.read(new TokensOfRole(tokens.clock)::counts))
                .isEqualTo(Map.of(Set.of("reader"), 7L, Set.of("accountadmin"), 6L));
    }

    @Test
    void traitsNarrowEachOtherAndEverythingElse() {
        Instant idle = tokens.clock.instant().minus(Duration.ofDays(TokensOnEngine.IDLE_DAYS));
        Predicate<ApiToken> unused = apiToken -> apiToken.lastAccess() == null;
        Predicate<ApiToken> isIdle = apiToken -> apiToken.createdAt().isBefore(idle)
                && (apiToken.lastAccess() == null || apiToken.lastAccess().at().isBefore(idle));
        Predicate<ApiToken> powerful = apiToken -> apiToken.role().equals("accountadmin");
        listsAndCounts(query(null, null, Trait.NEVER_USED), unused);
        listsAndCounts(query(null, null, Trait.IDLE), isIdle);
        listsAndCounts(query(null, null, Trait.POWERFUL), powerful);
        listsAndCounts(
                query(null, "reader", Trait.NEVER_USED, Trait.IDLE),
                unused.and(isIdle).and(powerful.negate()));
        listsAndCounts(
                query(State.EXPIRED, null, Trait.IDLE, Trait.POWERFUL),
                isIdle.and(powerful).and(apiToken -> apiToken.state(tokens.clock.instant()) == State.EXPIRED));
        assertThat(all().stream().filter(isIdle.negate()).map(ApiToken::description))
                .as("neither what was used 45 days ago to the moment, nor what is new")
                .containsExactly("new", "for ever");
    }

    @Test
    void tokensOfThoseWhoLeftAreFoundHoweverManyLeft() {
        tokens.database.change(transaction -> {
            transaction.handle().execute("""
                    insert into person (user_id, email, name, search_text, created_at, created_by, disabled_at, removed_at, version)
                    with recursive n (i) as (select 1 union all select i + 1 from n where i < 40000)
                    select 'user' || i, i || '@example.com', 'Somebody', 'somebody', i, 'test',
                        case when i % 2 = 0 then 1 end, case when i % 2 = 1 then 1 end, 1 from n""");
            transaction.handle().execute("""
                    update api_token set owner_id = case description when 'new' then 'user39999' when 'for ever' then
                        'user40000' else 'somebody else' end, owner_name = 'Somebody'
                    where description in ('new', 'for ever', 'for long', 'revoked')""");
        });
        ApiTokenQuery departed = new ApiTokenQuery(null, null, null, ApiTokenQuery.DEPARTED, Sort.CREATED, true);
        listsAndCounts(departed, apiToken -> Set.of("new", "for ever").contains(apiToken.description()));
        listsAndCounts(
                new ApiTokenQuery(
                        null,
                        null,
                        State.ACTIVE,
                        "reader",
                        ApiTokenQuery.DEPARTED,
                        Set.of(Trait.NEVER_USED),
                        Sort.EXPIRES,
                        false),
                apiToken ->
                        apiToken.description().equals("new") && apiToken.role().equals("reader"));
    }

    @Test
    void theOrderByExpiryEndsWithWhatNeverExpires() {
        for (boolean descending : new boolean[] {false, true}) {
            List<ApiToken> listed = new ArrayList<>(tokens.apiTokens
                    .list(
                            SYSTEM,
                            new ApiTokenQuery(null, null, null, null, Sort.EXPIRES, descending),
                            new Page.Request(200, null))
                    .items());
            assertThat(descending ? listed.reversed() : listed)
                    .extracting(apiToken -> apiToken.expiresAt() == null ? Instant.MAX : apiToken.expiresAt())
                    .isSorted();
        }
    }

    @Test
    void pagesLeadForthAndBackInEveryOrder() {
        for (Sort sort : Sort.values()) {
            for (boolean descending : new boolean[] {false, true}) {
                ApiTokenQuery query = new ApiTokenQuery(null, null, null, null, sort, descending);
                List<List<ApiToken>> forth = new ArrayList<>();
                Page.Request request = new Page.Request(5, null);
                Page<ApiToken> page = tokens.apiTokens.list(SYSTEM, query, request);
                assertThat(page.previousPageToken()).isNull();
                forth.add(page.items());
                while (page.nextPageToken() != null) {
                    page = tokens.apiTokens.list(SYSTEM, query, at(page.nextPageToken()));
                    forth.add(page.items());
                }
                assertThat(forth).hasSize(6);
                List<List<ApiToken>> back = new ArrayList<>(List.of(page.items()));
                while (page.previousPageToken() != null) {
                    page = tokens.apiTokens.list(SYSTEM, query, at(page.previousPageToken()));
                    assertThat(page.nextPageToken()).isNotNull();
                    back.add(page.items());
                }
                assertThat(back).as("%s %s", sort, descending).isEqualTo(forth.reversed());
            }
        }
    }

    private static Page.Request at(String pageToken) {
        return Paging.bothWays(Parameters.parse("pageSize=5&pageToken=" + pageToken), 2);
    }

    @Test
    void aWholeListIsRevokedOrNothingWhenItIsAnotherOneByNow() {
        ApiTokenQuery expired = query(State.EXPIRED, null);
        assertThatThrownBy(() -> tokens.apiTokens.revokeListed(SYSTEM, expired, 5, null))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.status()).isEqualTo(422));
        assertThat(tokens.apiTokens.count(SYSTEM, expired)).isEqualTo(Count.of(6));
        tokens.apiTokens.revokeListed(SYSTEM, expired, 6, "Nobody needs them");
        assertThat(tokens.apiTokens.count(SYSTEM, expired)).isEqualTo(Count.NONE);
        assertThat(tokens.apiTokens.states(SYSTEM)).containsEntry(State.REVOKED, Count.of(10));
    }
}
