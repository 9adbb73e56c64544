package dev.latchkey.apitoken;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.database.TestEngine;
import dev.latchkey.event.Origin;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LastAccessTest {
    private static final Origin FIRST = new Origin("10.0.0.2", "first");
    private static final Origin LAST = new Origin("10.0.0.3", "last");

    /** A revocation that comes in between waits for one of the three, not for all of them. */
    @ParameterizedTest
    @EnumSource(TestEngine.class)
    void thousandsOfNotesAreWrittenInTransactionsOfAThousand(TestEngine engine) {
        try (TokensOnEngine tokens = new TokensOnEngine(engine.newAddressWithTables())) {
            tokens.createRole("reader");
            String clientId = tokens.create("Program", "reader").apiToken().clientId();
            for (int i = 0; i < 2_500; i++) {
                tokens.lastAccess.note("of another node " + i, FIRST);
            }
            tokens.lastAccess.note(clientId, FIRST);
            tokens.clock.advance(Duration.ofSeconds(1));
            tokens.lastAccess.note(clientId, LAST);
            long before = tokens.done("changes");

            tokens.lastAccess.flush();

            assertThat(tokens.done("changes") - before).isEqualTo(3);
            assertThat(tokens.apiTokens
                            .find(TokensOnEngine.SYSTEM, clientId)
                            .lastAccess()
                            .from())
                    .isEqualTo(LAST);
            tokens.lastAccess.flush();
            assertThat(tokens.done("changes") - before).as("nothing is left").isEqualTo(3);
        }
    }
}
