package dev.latchkey.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is taken out of a log before it leaves the house, and what stays. */
class RedactionTest {
    private final Redaction redaction =
            new Redaction(Map.of("node-a", "[host]", "node-a.example", "[name]", "abc", "[too short]"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-11-29T01:02:03.004Z WARN  EventLog: The events of other nodes cannot be read; trying again",
                "at dev.latchkey.database.PostgresqlConnections.alone(PostgresqlConnections.java:123)",
                "The lane for searches is full and refuses: Figures[name=searches, atWork=4, waiting=16, done=1204]",
                "GET /api/v1/tokens answered 503 after 12 ms",
                "java.lang.IllegalStateException: ABC is abc at 12:34:56"
            })
    void whatHelpsStays(String line) {
        assertThat(redaction.text(line)).isEqualTo(line);
    }

    @Test
    void secretsPeopleAndAddressesAreTakenOut() {
        assertThat(redaction.text("Authorization: Bearer abc.def")).isEqualTo("Authorization: [secret]");
        assertThat(redaction.text("{\"client_secret\":\"x y\",\"a\":1}"))
                .isEqualTo("{\"client_secret\":[secret],\"a\":1}");
        assertThat(redaction.text("sent by ada@example.com from 192.0.2.7 and 2001:db8::1 at ::1"))
                .isEqualTo("sent by [email] from [address] and [address] at [address]");
        assertThat(redaction.text("to jdbc:postgresql://u:p@db.example/x?password=y failed"))
                .isEqualTo("to [url] failed");
        assertThat(redaction.text("token k7m2qd.bhcnvhrprtqtgrtd was used")).isEqualTo("token [client id] was used");
        assertThat(redaction.text("hash 9f86d081884c7d659a2feaa0c55ad015")).isEqualTo("hash [...]");
    }

    @Test
    void knownWordsAreTakenOutTheLongestFirst() {
        assertThat(redaction.words("node-a.example and node-a")).isEqualTo("[name] and [host]");
    }
}
