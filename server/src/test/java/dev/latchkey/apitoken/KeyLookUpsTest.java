package dev.latchkey.apitoken;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.apitoken.CredentialStore.Credential;
import dev.latchkey.apitoken.Credentials.Authentication;
import dev.latchkey.apitoken.KeyImportJson.ForeignKey;
import dev.latchkey.apitoken.KeyImportJson.ImportKeys;
import dev.latchkey.database.TestEngine;
import dev.latchkey.event.Origin;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How imported keys are looked up, and what is kept of it in memory. */
class KeyLookUpsTest {
    private static final Origin HERE = new Origin("192.0.2.1", "test");
    private static final Origin ELSEWHERE = new Origin("198.51.100.1", "test");

    private static ImportKeys batch(TokensOnEngine tokens, String key) {
        return batch(tokens, new HashRecipe("", ""), key);
    }

    private static ImportKeys batch(TokensOnEngine tokens, HashRecipe recipe, String key) {
        return new ImportKeys(
                "acme",
                "reader",
                recipe.prefix(),
                recipe.suffix(),
                tokens.clock.instant().plus(Duration.ofDays(30)),
                null,
                List.of(new ForeignKey(recipe.sha256(key), null, null, null, null, null, null, null, null)));
    }

    @ParameterizedTest
    @EnumSource(TestEngine.class)
    void whatWasReadBeforeARevocationIsNotKeptAfterIt(TestEngine engine) {
        try (TokensOnEngine tokens = new TokensOnEngine(engine.newAddressWithTables())) {
            tokens.createRole("reader");
            String clientId = tokens.keyImports
                    .run(TokensOnEngine.SYSTEM, batch(tokens, "the-key"))
                    .firstClientId();
            CredentialCache cache = new CredentialCache(tokens.database, tokens.log);
            CredentialCache.Moment before = cache.moment();
            Credential read = Objects.requireNonNull(cache.find(clientId));
            tokens.apiTokens.revoke(TokensOnEngine.SYSTEM, clientId, null);
            assertThat(cache.kept(before, read))
                    .as("an answer that was on its way")
                    .isSameAs(read);
            assertThat(Objects.requireNonNull(cache.find(clientId)).apiToken().isRevoked())
                    .as("what is read afterwards")
                    .isTrue();
            assertThat(cache.kept(cache.moment(), read).apiToken().isRevoked())
                    .as("what is kept already")
                    .isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(TestEngine.class)
    void anyTextCostsOneLookUpHoweverKeysWereHashed(TestEngine engine) {
        try (TokensOnEngine tokens = new TokensOnEngine(engine.newAddressWithTables())) {
            tokens.createRole("reader");
            for (int i = 0; i < HashRecipes.MOST; i++) {
                tokens.keyImports.run(TokensOnEngine.SYSTEM, batch(tokens, new HashRecipe("", i + "."), "key-" + i));
            }
            long before = tokens.done("look-ups");
            assertThat(tokens.credentials.authenticateForeign("guess", ELSEWHERE))
                    .isEqualTo(new Authentication.Refused(Credentials.UNKNOWN, null));
            assertThat(tokens.done("look-ups")).as("after a guess").isEqualTo(before + 1);
            for (int i = 0; i < HashRecipes.MOST; i++) {
                for (int use = 0; use < 2; use++) {
                    assertThat(tokens.credentials.authenticateForeign("key-" + i, HERE))
                            .isInstanceOf(Authentication.Accepted.class);
                }
                assertThat(tokens.done("look-ups")).as("after key " + i).isEqualTo(before + 2 + i);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(TestEngine.class)
    void aTextThatIsAKeyInTwoFormsIsTheOneThatWasImportedInTheOldest(TestEngine engine) {
        try (TokensOnEngine tokens = new TokensOnEngine(engine.newAddressWithTables())) {
            tokens.createRole("reader");
            HashRecipe oldest = new HashRecipe("", "");
            HashRecipe newer = new HashRecipe("pepper:", "");
            tokens.keyImports.run(TokensOnEngine.SYSTEM, batch(tokens, oldest, "another"));
            tokens.clock.advance(Duration.ofSeconds(1));
            String second = tokens.keyImports
                    .run(TokensOnEngine.SYSTEM, batch(tokens, newer, "the-key"))
                    .firstClientId();
            assertThat(clientIdOf(tokens, "the-key")).isEqualTo(second);
            String first = tokens.keyImports
                    .run(TokensOnEngine.SYSTEM, batch(tokens, oldest, "the-key"))
                    .firstClientId();
            assertThat(clientIdOf(tokens, "the-key"))
                    .as("although it was remembered")
                    .isEqualTo(first);
        }
    }

    private static String clientIdOf(TokensOnEngine tokens, String key) {
        return tokens.credentials.authenticateForeign(key, HERE) instanceof Authentication.Accepted(ApiToken apiToken)
                ? apiToken.clientId()
                : "none";
    }
}
