package dev.latchkey.apitoken;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.apitoken.Credentials.Authentication;
import dev.latchkey.apitoken.KeyImportJson.ForeignKey;
import dev.latchkey.apitoken.KeyImportJson.ImportKeys;
import dev.latchkey.database.TestEngine;
import dev.latchkey.event.Origin;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Imported keys without a server around them. */
class KeyImportsTest {
    private static final Origin HERE = new Origin("192.0.2.1", "test");
    private static final Origin ELSEWHERE = new Origin("198.51.100.1", "test");

    private static ImportKeys batch(TokensOnEngine tokens, String key) {
        return batch(tokens, "", key);
    }

    private static ImportKeys batch(TokensOnEngine tokens, String prefix, String key) {
        return new ImportKeys(
                "acme",
                "reader",
                prefix,
                null,
                tokens.clock.instant().plus(Duration.ofDays(30)),
                null,
                List.of(new ForeignKey(
                        new HashRecipe(prefix, "").sha256(key), null, null, null, null, null, null, null, null)));
    }

    @ParameterizedTest
    @EnumSource(TestEngine.class)
    void guessesAtForeignKeysAreSlowedDownAndTheRightOneGetsThrough(TestEngine engine) {
        try (TokensOnEngine tokens = new TokensOnEngine(engine.newAddressWithTables())) {
            tokens.createRole("reader");
            assertThat(tokens.credentials.hasForeignKeys()).isFalse();
            tokens.keyImports.run(TokensOnEngine.SYSTEM, batch(tokens, "the-key"));
            assertThat(tokens.credentials.hasForeignKeys()).isTrue();
            for (int i = 0; i < 11; i++) {
                assertThat(tokens.credentials.authenticateForeign("guess-" + i, HERE))
                        .isEqualTo(new Authentication.Refused(Credentials.UNKNOWN, null));
            }
            assertThat(tokens.credentials.authenticateForeign("guess", HERE))
                    .isInstanceOf(Authentication.SlowDown.class);
            assertThat(tokens.credentials.authenticateForeign("guess", ELSEWHERE))
                    .isInstanceOf(Authentication.Refused.class);
            assertThat(tokens.credentials.authenticateForeign("the-key", HERE))
                    .isInstanceOf(Authentication.Accepted.class);
            assertThat(tokens.credentials.authenticateForeign("x".repeat(501), ELSEWHERE))
                    .isInstanceOf(Authentication.Refused.class);
        }
    }

    private static Authentication revoked(String clientId) {
        return new Authentication.Refused("revoked", new Barred(clientId, Barred.Why.REVOKED, HERE));
    }

    @ParameterizedTest
    @EnumSource(TestEngine.class)
    void aKeyThatWasFoundOnceEndsWithItsTokenAndStaysEnded(TestEngine engine) {
        try (TokensOnEngine tokens = new TokensOnEngine(engine.newAddressWithTables())) {
            tokens.createRole("reader");
            String clientId = tokens.keyImports
                    .run(TokensOnEngine.SYSTEM, batch(tokens, "the-key"))
                    .firstClientId();
            assertThat(tokens.credentials.authenticateForeign("the-key", HERE))
                    .isInstanceOf(Authentication.Accepted.class);
            tokens.apiTokens.revoke(TokensOnEngine.SYSTEM, clientId, null);
            assertThat(tokens.credentials.authenticateForeign("the-key", HERE)).isEqualTo(revoked(clientId));
            assertThat(tokens.keyImports
                            .run(TokensOnEngine.SYSTEM, batch(tokens, "the-key"))
                            .existing())
                    .isEqualTo(1);
            assertThat(tokens.credentials.authenticateForeign("the-key", HERE)).isEqualTo(revoked(clientId));
        }
    }

    @ParameterizedTest
    @EnumSource(TestEngine.class)
    void aTextThatWasReportedAsLeakedIsLookedUpOnceForAllWaysToHashIt(TestEngine engine) {
        try (TokensOnEngine tokens = new TokensOnEngine(engine.newAddressWithTables())) {
            tokens.createRole("reader");
            for (int i = 0; i < 4; i++) {
                tokens.keyImports.run(TokensOnEngine.SYSTEM, batch(tokens, "pepper-" + i, "key-" + i));
            }
            long before = tokens.done("reads");
            tokens.secrets.reportLeaked("a guess", null, HERE);
            assertThat(tokens.done("reads") - before).isEqualTo(1);
            tokens.secrets.reportLeaked("lks_mistyped", null, HERE);
            tokens.secrets.reportLeaked("", null, HERE);
            assertThat(tokens.done("reads") - before)
                    .as("texts that cannot be keys of another system")
                    .isEqualTo(1);
            for (int i = 0; i < 4; i++) {
                assertThat(tokens.credentials.authenticateForeign("key-" + i, HERE))
                        .isInstanceOf(Authentication.Accepted.class);
                tokens.secrets.reportLeaked("key-" + i, "a public page", HERE);
                assertThat(tokens.credentials.authenticateForeign("key-" + i, HERE))
                        .isInstanceOfSatisfying(
                                Authentication.Refused.class,
                                refused -> assertThat(refused.reason()).isEqualTo("revoked"));
            }
        }
    }
}
