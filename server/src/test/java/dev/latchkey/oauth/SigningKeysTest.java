package dev.latchkey.oauth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.latchkey.TestClock;
import dev.latchkey.access.Caller;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.database.Database;
import dev.latchkey.database.TestEngine;
import dev.latchkey.event.EventFilter;
import dev.latchkey.event.EventLog;
import dev.latchkey.http.Page;
import dev.latchkey.http.Problem;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The life of a signing key: published ahead, signing, still checking, gone. */
class SigningKeysTest {
    private static final Caller ADMIN = Caller.system("test");

    private final TestClock clock = new TestClock();
    private final MasterKey masterKey = MasterKey.parse(Base64.getEncoder().encodeToString(new byte[32]), "the test");
    private Database database;
    private EventLog log;
    private SigningKeys keys;

    @BeforeEach
    void open() {
        database = TestEngine.SQLITE.open();
        log = new EventLog(database, masterKey, clock);
        keys = new SigningKeys(database, log, masterKey, clock);
    }

    @AfterEach
    void close() {
        log.close();
        database.close();
    }

    private String signed() {
        return keys.sign(
                new JOSEObjectType("at+jwt"),
                new JWTClaimsSet.Builder().subject("x").build());
    }

    private static SignedJWT parsed(String compact) {
        try {
            return SignedJWT.parse(compact);
        } catch (java.text.ParseException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<String> states() {
        return keys.list(ADMIN).stream().map(listed -> listed.state().text()).toList();
    }

    @ParameterizedTest
    @EnumSource(SigningAlgorithm.class)
    void everyAlgorithmSignsWhatItsOwnKeyChecks(SigningAlgorithm algorithm) {
        keys.rotate(ADMIN, algorithm);
        clock.advance(SigningKeys.ANNOUNCED);
        SignedJWT jwt = parsed(signed());
        assertThat(jwt.getHeader().getAlgorithm().getName()).isEqualTo(algorithm.text());
        assertThat(keys.signed(jwt)).isTrue();
        assertThat(keys.published().getKeyByKeyId(jwt.getHeader().getKeyID()).isPrivate())
                .isFalse();
    }

    @Test
    void theNextKeyIsPublishedBeforeItSignsAndTheOldOneChecksUntilItsLastTokenHasExpired() {
        String early = signed();
        keys.rotate(ADMIN, null);
        assertThat(states()).containsExactly("next", "signing");
        assertThat(keys.published().getKeys()).hasSize(2);
        clock.advance(SigningKeys.ANNOUNCED.minusSeconds(1));
        String last = signed();
        assertThat(parsed(last).getHeader().getKeyID())
                .isEqualTo(parsed(early).getHeader().getKeyID());
        clock.advance(Duration.ofSeconds(1));
        assertThat(states()).containsExactly("signing", "verifying");
        assertThat(parsed(signed()).getHeader().getKeyID())
                .isNotEqualTo(parsed(last).getHeader().getKeyID());
        clock.advance(AccessTokens.LIFETIME);
        assertThat(keys.signed(parsed(last))).isTrue();
        clock.advance(Duration.ofMinutes(2));
        assertThat(keys.signed(parsed(last))).isFalse();
        assertThat(keys.published().getKeys()).hasSize(1);
        assertThat(states()).containsExactly("signing", "ended");
    }

    @Test
    void keysRotateByThemselvesEveryThirtyDays() {
        String first = parsed(signed()).getHeader().getKeyID();
        for (int hours = 0; hours < 24 * 31; hours++) {
            clock.advance(Duration.ofHours(1));
            keys.keepUp();
        }
        assertThat(parsed(signed()).getHeader().getKeyID()).isNotEqualTo(first);
        assertThat(states()).startsWith("signing");
        keys.change(ADMIN, null, 0, null);
        String second = parsed(signed()).getHeader().getKeyID();
        for (int days = 0; days < 100; days++) {
            clock.advance(Duration.ofDays(1));
            keys.keepUp();
        }
        assertThat(parsed(signed()).getHeader().getKeyID()).as("by hand only").isEqualTo(second);
    }

    @Test
    void aKeyThatSignsNoMoreLosesItsPrivateHalf() {
        String old = parsed(signed()).getHeader().getKeyID();
        keys.rotate(ADMIN, null);
        clock.advance(SigningKeys.ANNOUNCED.plus(Duration.ofMinutes(5)));
        keys.keepUp();
        assertThat(database.<List<SigningKeyStore.Row>>read(new SigningKeyStore()::all))
                .filteredOn(row -> row.key().id().equals(old))
                .singleElement()
                .satisfies(row -> assertThat(row.sealedPrivateJwk()).isNull());
    }

    @Test
    void aWithdrawnKeyCountsForNothingAtOnceAndAFreshOneSigns() {
        String stolen = signed();
        String id = parsed(stolen).getHeader().getKeyID();
        keys.withdraw(ADMIN, id, "leaked");
        assertThat(keys.signed(parsed(stolen))).isFalse();
        assertThat(keys.counts(id)).isFalse();
        assertThat(keys.published().getKeyByKeyId(id)).isNull();
        assertThat(keys.signed(parsed(signed()))).isTrue();
        assertThat(log.list(new EventFilter("signing_key.withdraw", null, null, null, null, null), Page.Request.FIRST)
                        .items())
                .singleElement()
                .satisfies(event -> assertThat(event.changes().toString()).contains("leaked"));
        assertThatThrownBy(() -> keys.withdraw(ADMIN, "unknown", null)).isInstanceOf(Problem.class);
    }

    @Test
    void keysAndTheirLifeSurviveARestart() {
        keys.rotate(ADMIN, SigningAlgorithm.EDDSA);
        SigningKeys again = new SigningKeys(database, log, masterKey, clock);
        assertThat(again.published().toString()).isEqualTo(keys.published().toString());
        clock.advance(SigningKeys.ANNOUNCED);
        assertThat(again.signed(parsed(signed()))).isTrue();
    }
}
