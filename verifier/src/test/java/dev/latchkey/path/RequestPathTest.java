package dev.latchkey.path;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestPathTest {
    private static final Set<PathCharacter> EVERY = EnumSet.allOf(PathCharacter.class);

    @ParameterizedTest
    @CsvSource({
        "/, /",
        "/a/b, /a/b",
        "/a/, /a/",
        "/a%20b, /a b",
        "/%C3%A4/%e6%97%a5, /ä/日",
        "/a.b/..c/.c, /a.b/..c/.c",
        "/%20b, / b",
        "/a:b@c!$&'()*+=, /a:b@c!$&'()*+=",
        "/~a_b-c, /~a_b-c",
        "/.well-known/x, /.well-known/x",
        "/a%3a%40b%2c, '/a:@b,'",
        "/a+b, /a+b"
    })
    void aPlainPathIsDecodedOnce(String raw, String decoded) {
        assertThat(RequestPath.decode(raw)).isEqualTo(decoded);
    }

    @ParameterizedTest
    @CsvSource({"/a|b, /a%7Cb", "/[a], /%5Ba%5D", "/x^2, /x%5e2", "/a[0]|b/^, /a%5B0%5D%7Cb/%5E"})
    void aCharacterThatIsAllowedMeansTheSameAsItsEncoding(String raw, String encoded) {
        assertThatThrownBy(() -> RequestPath.decode(raw)).isInstanceOf(DoubtfulPathException.class);
        assertThat(RequestPath.decode(raw, EVERY)).isEqualTo(RequestPath.decode(encoded));
        assertThat(RequestPath.decode(encoded, EVERY)).isEqualTo(RequestPath.decode(encoded));
    }

    @Test
    void aUnitSeparatorJoinsLevelsOfWhichEachIsAPlainOne() {
        assertThat(RequestPath.decode("/a%1Fb%1fc/d", EVERY)).isEqualTo("/a\u001Fb\u001Fc/d");
        for (String raw : List.of(
                "/%1F",
                "/a%1F",
                "/%1Fa",
                "/a/%1Fb",
                "/a%1F/b",
                "/a%1F%1Fb",
                "/..%1Fb",
                "/a%1F..",
                "/a.%1Fb",
                "/a%20%1Fb",
                "/a%1F%20",
                "/a\u001Fb")) {
            assertThatThrownBy(() -> RequestPath.decode(raw, EVERY)).as(raw).isInstanceOf(DoubtfulPathException.class);
        }
    }

    @Test
    void onlyWhatIsAllowedPasses() {
        for (PathCharacter one : PathCharacter.values()) {
            for (PathCharacter other : PathCharacter.values()) {
                String raw = "/a" + other.spelling() + "b";
                if (one == other) {
                    assertThat(RequestPath.decode(raw, Set.of(one))).hasSize(4);
                } else {
                    assertThatThrownBy(() -> RequestPath.decode(raw, Set.of(one)))
                            .isInstanceOf(DoubtfulPathException.class);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "*",
                "a",
                "//",
                "//a",
                "/a//b",
                "/a//",
                "/.",
                "/..",
                "/a/.",
                "/a/..",
                "/./a",
                "/../a",
                "/a/../b",
                "/%2e",
                "/%2E%2e/a",
                "/.%2e/a",
                "/a/%2e./b",
                "/a%2Fb",
                "/a%2fb",
                "/a%5Cb",
                "/a%5cb",
                "/a\\b",
                "/a;b",
                "/a;b=c/d",
                "/..;/a",
                "/a%3Bb",
                "/a%00",
                "/a%0d%0ab",
                "/a%1f",
                "/a%7f",
                "/a b",
                "/a\tb",
                "/a\u0000b",
                "/a\u007f",
                "/ä",
                "/a%",
                "/a%2",
                "/a%zz",
                "/a%-1",
                "/a%+1",
                "/a% 1",
                "/%252e%252e/a",
                "/a%25",
                "/%ff",
                "/%c3",
                "/%c3%28",
                "/%c0%ae%c0%ae/a",
                "/%c0%af",
                "/%e0%80%af",
                "/%ed%a0%80",
                "/%f4%90%80%80",
                "/%u002e",
                "/%61",
                "/%41dmin",
                "/a%2Db",
                "/a%3Fb",
                "/a%3fb",
                "/a%23b",
                "/a%7Eb",
                "/a...",
                "/a./b",
                "/.../b",
                "/a%20",
                "/a%20/b",
                "/a|b",
                "/a{b}",
                "/a[b]",
                "/a^b",
                "/a`b",
                "/a\"b",
                "/a<b>",
                "/a?b",
                "/a#b",
                "/a%C2%85b",
                "/\u212Aey"
            })
    void aPathWithTwoReadingsIsRefused(String raw) {
        assertThatThrownBy(() -> RequestPath.decode(raw)).isInstanceOf(DoubtfulPathException.class);
        if (!Set.of("/a|b", "/a[b]", "/a^b").contains(raw)) {
            assertThatThrownBy(() -> RequestPath.decode(raw, EVERY)).isInstanceOf(DoubtfulPathException.class);
        }
    }

    @Test
    void aPathIsBoundedInLengthAndSegments() {
        assertThat(RequestPath.decode("/" + "a".repeat(RequestPath.MAX_LENGTH - 1)))
                .hasSize(RequestPath.MAX_LENGTH);
        assertThatThrownBy(() -> RequestPath.decode("/" + "a".repeat(RequestPath.MAX_LENGTH)))
                .isInstanceOf(DoubtfulPathException.class);
        assertThatThrownBy(() -> RequestPath.decode("/a".repeat(257))).isInstanceOf(DoubtfulPathException.class);
    }

    @Test
    void theQueryIsNoPartOfThePath() {
        assertThat(RequestPath.ofTarget("/a/b?c=/d?e")).isEqualTo("/a/b");
        assertThat(RequestPath.ofTarget("/a")).isEqualTo("/a");
    }

    @Property
    void whateverIsSentTheAnswerIsAPathWithOneReadingOrARefusal(@ForAll String raw) {
        try {
            String path = RequestPath.decode("/" + raw);
            assertThat(path).startsWith("/").doesNotContain("//", "\\", ";", "\u0000");
            assertThat(path.split("/", -1)).doesNotContain(".", "..");
        } catch (DoubtfulPathException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }
}
