package dev.latchkey.verifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The policy as Latchkey writes it. */
class PolicyTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"token\"               | \"by_appointment\"       | is unknown; a newer",
                "\"public\"              | \"PUBLIC\"               | is unknown; a newer",
                "\"access\":\"public\"   | \"access\":null          | no string access",
                "\"access\":\"public\"   | \"x\":1                  | no string access",
                ",\"privilege\":\"invoices:write\" | ``            | no string privilege",
                "invoices:write\"}       | a\\\"b\"}              | invalid method or privilege",
                "invoices:write\"}       | a b\"}                 | invalid method or privilege",
                "invoices:write\"}       | \"}                    | invalid method or privilege",
                "[\"invoices:write\",\"fleet:read\"] | []           | An endpoint has privileges",
                "[\"invoices:write\",\"fleet:read\"] | [null]       | One of privileges",
                "[\"invoices:write\",\"fleet:read\"] | [\"a b\"]    | invalid method or privilege",
                "\"privileges\":[\"invoices:write\" | \"needs\":[\"a\" | no list privileges",
                "\"privileges\",          | \"privilege\",         | no string privilege",
                "/health                 | /{a}/{a}               | occurs twice",
                "/health                 | health                 | must begin with a slash",
                "/health                 | /me                    | Two endpoints",
                "/health                 | /h%61lth               | no path can have",
                "\"/v1\"                 | 7                      | no string basePath",
                "\"/v1\"                 | \"v1\"                 | must begin with a slash",
                "\"basePath\"            | \"base\"               | no string basePath",
                "\"POST\"                | \"post\"               | invalid method or privilege",
                "\"POST\"                | \"*\"                  | invalid method or privilege",
                "\"writer\"              | \"reader\"             | occurs twice",
                "[\"invoices:read\"]     | null                   | no list privileges",
                "[\"invoices:read\"]     | [7]                    | One of privileges",
                "[\"invoices:read\"]     | [null]                 | One of privileges",
                "\"roles\"               | \"rules\"              | no list roles",
                "\"roles\":[             | \"roles\":[null,       | One of roles",
                "\"endpoints\"           | \"ends\"               | no list endpoints",
                "\"audience\"            | \"aud\"                | no string audience"
            })
    void whatIsNotUnderstoodMakesItUnusable(String what, String instead, String saying) {
        assertThat(PlayedLatchkey.POLICY).contains(what);
        assertThatThrownBy(() -> Policy.parse(PlayedLatchkey.POLICY.replace(what, instead), "billing", null))
                .isInstanceOf(UnusablePolicyException.class)
                .hasMessageContaining(saying);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "null", "<html>", "{}", "{\"api\":\"other\"}", "{\"api\":7}"})
    void somethingElseIsNoPolicyAtAll(String text) {
        assertThatThrownBy(() -> Policy.parse(text, "billing", null)).isExactlyInstanceOf(LatchkeyException.class);
    }

    @Test
    void thePathsBeginWithTheBasePathIfThereIsOne() {
        Policy without = Policy.parse(PlayedLatchkey.POLICY.replace("\"/v1\"", "\"\""), "billing", null);
        assertThat(without.meaning(new Call("GET", "/health", null, List.of())).endpoint())
                .hasToString("GET /health");
        assertThat(without.meaning(new Call("GET", "/v1/health", null, List.of()))
                        .endpoint())
                .isNull();
    }

    @Test
    void itsPathsMayHaveTheCharactersThatItSays() {
        String allowing = PlayedLatchkey.POLICY.replace(
                "\"basePath\"", "\"pathCharacters\":[\"|\",\"%1F\",\"%2F\",\"later\"],\"basePath\"");
        for (String target : List.of("/v1/invoices/a|b", "/v1/invoices/a%1Fb")) {
            assertThat(meaning(PlayedLatchkey.POLICY, target)).as(target).isEqualTo("doubtful_request");
            assertThat(meaning(allowing, target)).as(target).isEmpty();
        }
        for (String target :
                List.of("/v1/invoices/a[b", "/v1/invoices/a^b", "/v1/invoices/a%2Fb", "/v1/invoices/a%1F")) {
            assertThat(meaning(allowing, target)).as(target).isEqualTo("doubtful_request");
        }
        assertThatThrownBy(() -> meaning(allowing.replace("[\"|\"", "[7"), "/v1/health"))
                .isInstanceOf(UnusablePolicyException.class);
    }

    private static String meaning(String policy, String target) {
        return Policy.parse(policy, "billing", null)
                .meaning(new Call("GET", target, null, List.of()))
                .code();
    }

    @Test
    void aRoleHasThePrivilegesThatThePolicySays() {
        Policy policy = Policy.parse(PlayedLatchkey.POLICY, "billing", null);
        assertThat(policy.allows(Set.of("reader"), "invoices:read")).isTrue();
        assertThat(policy.allows(Set.of("reader"), "invoices:write")).isFalse();
        assertThat(policy.allows(Set.of("unknown", "writer"), "invoices:write")).isTrue();
        assertThat(policy.allows(Set.of(), "invoices:read")).isFalse();
    }
}
