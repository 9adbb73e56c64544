package dev.latchkey.apitoken;

import static dev.latchkey.apitoken.TokensOnEngine.SYSTEM;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.apitoken.Handover.Outcome;
import dev.latchkey.database.TestEngine;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestEngine.class)
class HandoverTest {
    private static final int MOST = 2;

    @Parameter
    TestEngine engine;

    private TokensOnEngine tokens;
    private Handover handover;
    private String tom;

    @BeforeEach
    void open() {
        tokens = new TokensOnEngine(engine.newAddress());
        handover = new Handover(tokens.database, tokens.log, tokens.roles, tokens.users, MOST);
        tom = invited("tom@example.com");
        create(tom);
        create(tom);
        tokens.apiTokens.revoke(SYSTEM, create(tom), null);
        tokens.drafts.draft(SYSTEM, "public", ownedBy(tom));
    }

    @AfterEach
    void close() {
        tokens.close();
    }

    private String invited(String email) {
        return tokens.users
                .invite(SYSTEM, email, "Somebody", List.of(), null)
                .value()
                .user()
                .id();
    }

    private String create(String owner) {
        return tokens.apiTokens
                .create(SYSTEM, "public", ownedBy(owner), null)
                .value()
                .apiToken()
                .clientId();
    }

    private static ApiTokenTerms ownedBy(String owner) {
        return ApiTokenTerms.withSecret("Program", null).ownedBy(owner);
    }

    @Test
    void aPersonsTokensAreCountedAsFarAsTheyCanGoOverAtOnce() {
        assertThat(handover.answeredFor(SYSTEM, tom)).isEqualTo(new Outcome(MOST, false));
        create(tom);
        assertThat(handover.answeredFor(SYSTEM, tom)).isEqualTo(new Outcome(MOST, true));
        String ben = invited("ben@example.com");
        assertThat(handover.answeredFor(SYSTEM, ben)).isEqualTo(new Outcome(0, false));
        assertThat(handover.handOver(SYSTEM, tom, ben)).isEqualTo(new Outcome(MOST, true));
        assertThat(handover.handOver(SYSTEM, tom, ben)).isEqualTo(new Outcome(1, false));
        assertThat(handover.answeredFor(SYSTEM, tom)).isEqualTo(new Outcome(0, false));
    }

    /** So an unreadable row does not prevent the question for anyone. */
    @Test
    void countingReadsNoToken() {
        tokens.database.change(transaction -> transaction
                .update("update api_token set authentication = 'no JSON'")
                .execute());
        assertThat(handover.answeredFor(SYSTEM, tom)).isEqualTo(new Outcome(MOST, false));
    }
}
