package dev.latchkey.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.http.Paging;
import dev.latchkey.http.Parameters;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageTest {
    private static Page.Request request(String query, int keys) {
        return Paging.of(Parameters.parse(query), keys);
    }

    @Test
    void withoutParametersItIsTheFirstPageOfTheUsualSize() {
        assertThat(request("", 1)).isEqualTo(Page.Request.FIRST);
        assertThat(request("pageSize=&pageToken=", 1)).isEqualTo(Page.Request.FIRST);
    }

    @Test
    void theLastPageHasNoToken() {
        assertThat(Page.of(List.of("a", "b"), 2, List::of).nextPageToken()).isNull();
        assertThat(Page.of(List.<String>of(), 2, List::of).nextPageToken()).isNull();
    }

    @Test
    void theTokenSaysAfterWhichRowTheNextPageBegins() {
        Page<String> page = Page.of(List.of("a", "b", "c"), 2, row -> List.of(row, "id of " + row));
        assertThat(page.items()).containsExactly("a", "b");
        assertThat(request("pageSize=2&pageToken=" + page.nextPageToken(), 2))
                .isEqualTo(new Page.Request(2, List.of("b", "id of b")));
        assertThat(page.map(String::length).nextPageToken()).isEqualTo(page.nextPageToken());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "101", "1.5", "x", "99999999999", "2147483648", "%D9%A3%20x"})
    void aSizeOutOfRangeIsRefused(String size) {
        assertThatThrownBy(() -> request("pageSize=" + size, 1)).isInstanceOfSatisfying(Problem.class, problem -> {
            assertThat(problem.status()).isEqualTo(422);
            assertThat(problem.errors().getFirst().field()).isEqualTo("pageSize");
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "[\"a\",\"b\"]",
                "[null]",
                "null",
                "{}",
                "5",
                "[5]",
                "[[\"a\"]]",
                "\"a\"",
                "[\"a\"]x",
                "",
                "[\"\\u0000\"]",
                "[\"\\ud800\"]"
            })
    void aTokenThatNoPageGaveOutIsRefused(String content) {
        String token = Base64.getUrlEncoder().encodeToString(("" + content).getBytes(StandardCharsets.UTF_8));
        if (token.isEmpty()) {
            token = "===";
        }
        String query = "pageToken=" + token.replace("=", "%3D");
        assertThatThrownBy(() -> request(query, 1)).isInstanceOfSatisfying(Problem.class, problem -> {
            assertThat(problem.status()).isEqualTo(422);
            assertThat(problem.errors().getFirst().field()).isEqualTo("pageToken");
        });
    }

    @Property
    void anyKeysSurviveTheToken(@ForAll @Size(2) List<String> keys) {
        Assume.that(keys.stream().allMatch(key -> Text.isStorable(key) && key.length() <= 1_000));
        Page<List<String>> page = Page.of(List.of(keys, keys), 1, row -> row);
        assertThat(request("pageToken=" + page.nextPageToken(), 2).after()).isEqualTo(keys);
    }

    @Property
    void anyTokenAtAllIsReadOrRefused(@ForAll String token) {
        try {
            Paging.of(Parameters.parse("pageToken=" + java.net.URLEncoder.encode(token, StandardCharsets.UTF_8)), 1);
        } catch (Problem problem) {
            assertThat(problem.status()).isIn(400, 422);
        }
    }
}
