package dev.latchkey.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BasePathTest {
    private static final BasePath AUTH = new BasePath("/auth");

    @ParameterizedTest
    @CsvSource({
        "https://example.com,               ''",
        "https://example.com/auth,          /auth",
        "http://localhost:8080/a/b-c_d.e~1, /a/b-c_d.e~1"
    })
    void thePathIsThatOfTheUrl(String url, String path) {
        assertThat(BasePath.of(url)).isEqualTo(new BasePath(path));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/", "/auth/", "//", "/a//b", "/.", "/..", "/a/../b", "/a.", "/%61uth", "/a%2Fb", "/a;b", "/ä", "/a b",
                "auth", "/a\"b", "/a,b", "/a$b"
            })
    void aPathThatCouldBeSpelledInAnotherWayIsRefused(String path) {
        assertThatThrownBy(() -> new BasePath(path)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aPathIsNotLongerThanCookiesAndLogsBear() {
        assertThat(new BasePath("/" + "a".repeat(199)).isRoot()).isFalse();
        assertThatThrownBy(() -> new BasePath("/" + "a".repeat(200))).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "/auth/tokens,       /tokens",
        "/auth/tokens?a=/b,  /tokens?a=/b",
        "/tokens,            /tokens",
        "/tokens?x=/auth/y,  /tokens?x=/auth/y",
        "/auth,              /",
        "/auth/,             /",
        "/auth?a=b,          /?a=b",
        "/authx,             /authx",
        "/authx/tokens,      /authx/tokens",
        "/Auth/tokens,       /Auth/tokens",
        "/%61uth/tokens,     /%61uth/tokens",
        "/auth;a=b/tokens,   /auth;a=b/tokens",
        "/auth//tokens,      //tokens",
        "//auth/tokens,      //auth/tokens",
        "/x/auth/tokens,     /x/auth/tokens",
        "/auth/auth/tokens,  /auth/tokens",
        "/auth/%2e%2e/x,     /%2e%2e/x",
        "*,                  *"
    })
    void whatComesInIsTakenWithThePathAndWithoutIt(String sent, String routed) {
        assertThat(AUTH.inward(sent)).isEqualTo(routed);
        assertThat(BasePath.ROOT.inward(sent)).isEqualTo(sent);
    }

    @ParameterizedTest
    @CsvSource({
        "/tokens?done=saved,      /auth/tokens?done=saved",
        "/,                       /auth/",
        "/auth,                   /auth/auth",
        "//evil.example/x,        //evil.example/x",
        "https://example.com/x,   https://example.com/x",
        "tokens,                  tokens",
        "'',                      ''"
    })
    void whatGoesOutHasThePath(String address, String told) {
        assertThat(AUTH.outward(address)).isEqualTo(told);
        assertThat(BasePath.ROOT.outward(address)).isEqualTo(address);
    }

    @Test
    void anAnswerLeadsToAnAddressBelowThePathAndIsOtherwiseAsItWas() {
        Response answer =
                Response.seeOther("/tokens").with("Set-Cookie", "a=/b").with("X", "/tokens");
        assertThat(answer.below(AUTH).fields())
                .containsExactly(
                        new Response.Field("Location", "/auth/tokens"),
                        new Response.Field("Set-Cookie", "a=/b"),
                        new Response.Field("X", "/tokens"));
        assertThat(answer.below(BasePath.ROOT)).isSameAs(answer);
    }
}
