package dev.latchkey.apitoken;

import static dev.latchkey.apitoken.TokensOnEngine.SYSTEM;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.latchkey.apitoken.ApiToken.Status;
import dev.latchkey.apitoken.ApiTokenQuery.Sort;
import dev.latchkey.apitoken.ApiTokens.Created;
import dev.latchkey.database.DatabaseAddress;
import dev.latchkey.database.Dialect;
import dev.latchkey.database.SearchIndex;
import dev.latchkey.database.TestEngine;
import dev.latchkey.http.Paging;
import dev.latchkey.http.Parameters;
import dev.latchkey.problem.Page;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Searching finds exactly the tokens whose description or client id has the text, whatever is in it. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class ApiTokenSearchTest {
    /** What engines, indexes, patterns and letter cases are known to stumble over. */
    private static final List<String> PIECES = List.of(
            "nightly",
            "Nightly",
            "NIGHT",
            "job",
            " ",
            "  ",
            "%",
            "_",
            "!",
            "!%",
            "\\",
            "'",
            "\"",
            "\"\"",
            "*",
            "^",
            "-",
            "(",
            " AND ",
            " or ",
            "NOT",
            "NEAR(",
            "100%",
            "a_b",
            "a-b",
            "İstanbul",
            "ıssız",
            "STRASSE",
            "Straße",
            "ẞ",
            "Ärger",
            "a\u0308rger",
            "\u0308",
            "é",
            "e\u0301",
            "ΣΊΣΥΦΟΣ",
            "ЖУРНАЛ",
            "журнал",
            "K",
            "ﬃ",
            "東京都",
            "夜間ジョブ",
            "日",
            "🚀",
            "👩‍🚀",
            "🇩🇪",
            "\u00a0",
            "𐐀",
            "𐐨",
            "x",
            "xx",
            "7",
            "k7m");

    @Parameter
    TestEngine engine;

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private DatabaseAddress address;
    private TokensOnEngine tokens;

    @BeforeEach
    void open() {
        address = engine.newAddressWithTables();
        tokens = new TokensOnEngine(address);
    }

    @AfterEach
    void close() {
        tokens.close();
    }

    @Test
    void aSearchFindsWhatReadingEveryTokenFinds() {
        fill(250);
        everySearchFindsWhatReadingFinds();
    }

    @Test
    void anEditIsFoundByTheNewDescriptionAndNoMoreByTheOld() {
        Created edited = tokens.create("The first description", "public");
        tokens.create("Another", "public");
        edit(edited, "What it is called since then");
        assertThat(found("first desc")).isEmpty();
        assertThat(found("since then")).containsExactly(edited.apiToken().clientId());
        edit(edited, "The first description");
        assertThat(found("first desc")).containsExactly(edited.apiToken().clientId());
        assertThat(found("since then")).isEmpty();
    }

    @Test
    void aDraftIsFoundOnceItIsSavedAndARevokedTokenStill() {
        Created saved = tokens.drafts.draft(SYSTEM, "public", ApiTokenTerms.withSecret("Saved later", null));
        Created discarded = tokens.drafts.draft(SYSTEM, "public", ApiTokenTerms.withSecret("Discarded later", null));
        assertThat(found("later")).isEmpty();
        tokens.drafts.save(SYSTEM, saved.apiToken().clientId());
        tokens.drafts.discard(SYSTEM, discarded.apiToken().clientId());
        assertThat(found("later")).containsExactly(saved.apiToken().clientId());
        tokens.apiTokens.revoke(SYSTEM, saved.apiToken().clientId(), null);
        assertThat(found("later")).containsExactly(saved.apiToken().clientId());
    }

    @Test
    void aPartOfAClientIdFindsItsToken() {
        fill(50);
        ApiToken one = tokens.create("One", "public").apiToken();
        assertThat(found(one.clientId().substring(3, 20))).contains(one.clientId());
        assertThat(found(one.clientId().substring(12).toUpperCase(Locale.ROOT))).contains(one.clientId());
        assertThat(found(one.clientId())).containsExactly(one.clientId());
    }

    @Test
    void aSearchHasItsPagesInEveryOrderAndWithEveryOtherCondition() {
        tokens.createRole("reader");
        for (int i = 0; i < 60; i++) {
            Created created =
                    tokens.create(i % 3 + (i % 2 == 0 ? " Nightly" : " daily"), i % 5 == 0 ? "reader" : "public");
            tokens.clock.advance(Duration.ofSeconds(i % 2));
            if (i % 7 == 0) {
                tokens.apiTokens.revoke(SYSTEM, created.apiToken().clientId(), null);
            }
        }
        List<ApiToken> all = pages(ApiTokenQuery.ALL, 200);
        for (Sort sort : Sort.values()) {
            for (boolean descending : new boolean[] {false, true}) {
                List<ApiToken> expected = all.stream()
                        .filter(apiToken -> apiToken.description().contains("Nightly"))
                        .toList();
                List<ApiToken> listed = pages(new ApiTokenQuery("nightly", null, null, null, sort, descending), 7);
                assertThat(listed).as("%s %s", sort, descending).containsExactlyInAnyOrderElementsOf(expected);
                assertThat(listed)
                        .as("%s %s", sort, descending)
                        .containsSubsequence(
                                pages(new ApiTokenQuery(null, null, null, null, sort, descending), 200).stream()
                                        .filter(expected::contains)
                                        .toList());
            }
        }
        assertThat(pages(new ApiTokenQuery("nightly", Status.REVOKED, "reader", null, Sort.CREATED, true), 1))
                .containsExactlyElementsOf(all.stream()
                        .filter(apiToken -> apiToken.description().contains("Nightly")
                                && apiToken.status() == Status.REVOKED
                                && apiToken.role().equals("reader"))
                        .toList())
                .isNotEmpty();
    }

    @Test
    void theIndexProposesAllThatFitHoweverFewAreWorthNaming() {
        fill(150);
        SearchIndex index = tokens.database.dialect().searchIndex();
        assertThat(tokens.database.<Boolean>read(index::isMade)).isTrue();
        List<ApiToken> all = pages(ApiTokenQuery.ALL, 200);
        int named = 0;
        for (String search : searches(all)) {
            String part = search.toLowerCase(Locale.ROOT);
            String pattern = "%" + part.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%";
            if (part.codePointCount(0, part.length()) < SearchIndex.SHORTEST) {
                continue;
            }
            for (int most : new int[] {1, 3, 1_000}) {
                Optional<Set<String>> candidates =
                        tokens.database.read(handle -> index.candidates(handle, part, pattern, most));
                if (candidates.isPresent()) {
                    named++;
                    assertThat(candidates.get())
                            .as("\"%s\", seed %d", search, seed)
                            .hasSizeLessThanOrEqualTo(most)
                            .containsAll(fitting(all, search));
                }
            }
        }
        assertThat(named).isPositive();
    }

    @Test
    void theIndexIsMadeFromTheTokensThatAreThereWhenThereIsNone() {
        fill(100);
        tokens.drafts.draft(SYSTEM, "public", ApiTokenTerms.withSecret("A draft", null));
        tokens.database.change(transaction -> transaction.handle().execute("drop table api_token_search"));
        tokens.close();
        tokens = new TokensOnEngine(address);
        everySearchFindsWhatReadingFinds();
        Created later = tokens.create("Created after that", "public");
        assertThat(found("after that")).containsExactly(later.apiToken().clientId());
    }

    @Test
    void aSearchSurvivesThatTheFileIsRewritten() {
        fill(100);
        tokens.drafts.deleteStale();
        tokens.close();
        try (HikariDataSource writers = Dialect.of(address).writers(address, Duration.ofMinutes(1))) {
            Jdbi.create(writers).useHandle(handle -> handle.execute("vacuum"));
        }
        tokens = new TokensOnEngine(address);
        everySearchFindsWhatReadingFinds();
    }

    private void everySearchFindsWhatReadingFinds() {
        List<ApiToken> all = pages(ApiTokenQuery.ALL, 200);
        for (String search : searches(all)) {
            assertThat(found(search))
                    .as("\"%s\", seed %d", search, seed)
                    .containsExactlyInAnyOrderElementsOf(fitting(all, search));
        }
    }

    /** Tokens of odd descriptions, some of them edited, revoked or saved from a draft, and drafts that are not. */
    private void fill(int number) {
        List<Created> created = new ArrayList<>();
        for (int i = 0; i < number; i++) {
            if (i % 10 == 3) {
                Created draft = tokens.drafts.draft(SYSTEM, "public", ApiTokenTerms.withSecret(description(), null));
                switch (random.nextInt(3)) {
                    case 0 -> tokens.drafts.discard(SYSTEM, draft.apiToken().clientId());
                    case 1 -> tokens.drafts.save(SYSTEM, draft.apiToken().clientId());
                    default -> {}
                }
            } else {
                created.add(tokens.create(description(), "public"));
            }
        }
        for (int i = 0; i < number / 5; i++) {
            edit(created.get(random.nextInt(created.size())), description());
        }
    }

    private String description() {
        StringBuilder text = new StringBuilder("d");
        for (int i = random.nextInt(1, 7); i > 0; i--) {
            text.append(PIECES.get(random.nextInt(PIECES.size())));
        }
        return text.toString();
    }

    /** Each piece, pieces side by side, and parts of what there is. */
    private Set<String> searches(List<ApiToken> all) {
        Set<String> searches = new LinkedHashSet<>(PIECES);
        for (int i = 0; i < 150; i++) {
            searches.add(description().substring(1));
            String text = all.get(random.nextInt(all.size())).description();
            int[] characters = text.codePoints().toArray();
            int from = random.nextInt(characters.length);
            int length = random.nextInt(1, 8);
            searches.add(new String(characters, from, Math.min(length, characters.length - from)));
        }
        return searches;
    }

    private static List<String> fitting(List<ApiToken> all, String search) {
        Predicate<ApiToken> fits =
                apiToken -> (apiToken.description().toLowerCase(Locale.ROOT) + " " + apiToken.clientId())
                        .contains(search.toLowerCase(Locale.ROOT));
        return all.stream().filter(fits).map(ApiToken::clientId).toList();
    }

    private void edit(Created created, String description) {
        tokens.apiTokens.edit(SYSTEM, created.apiToken().clientId(), old -> old.describedAs(description), null);
    }

    private List<String> found(String search) {
        return pages(new ApiTokenQuery(search, null, null, null, Sort.CREATED, true), 200).stream()
                .map(ApiToken::clientId)
                .toList();
    }

    private List<ApiToken> pages(ApiTokenQuery query, int size) {
        List<ApiToken> listed = new ArrayList<>();
        String next = null;
        do {
            List<String> after = next == null
                    ? null
                    : Paging.of(Parameters.parse("pageToken=" + next), 2).after();
            Page<ApiToken> page = tokens.apiTokens.list(SYSTEM, query, new Page.Request(size, after));
            listed.addAll(page.items());
            next = page.nextPageToken();
        } while (next != null);
        return listed;
    }
}
