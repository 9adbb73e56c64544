package dev.latchkey.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.event.Actor;
import dev.latchkey.event.Change;
import dev.latchkey.event.Event;
import dev.latchkey.event.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class EventWordsTest {
    private static final Path SOURCES = Path.of("src/main/java");

    /** An operation is a kind of target, a dot and a verb, in a literal of its own. */
    private static final Pattern OPERATION = Pattern.compile(
            "\"((?:access_token|account|api|api_token|api_token_count|history|lost_change|master_key|role|session"
                    + "|signing_key|signing_policy|user)\\.[a-z_]+)\"");

    /** What looks like an operation and is none. */
    private static final List<String> OTHERS = List.of("user.name", "user.dir", "user.home");

    private static String told(String operation, String target, Change... changes) {
        return words(operation, target, changes).sentence();
    }

    private static EventWords words(String operation, String target, Change... changes) {
        return EventWords.of(new Event(
                7,
                Instant.parse("2026-01-31T12:00:00Z"),
                new Actor.Person("u1", "Ada", "accountadmin", null),
                operation,
                new Target(operation.substring(0, operation.indexOf('.')), "id", target),
                List.of(changes)));
    }

    @Test
    void everyOperationThatTheCodeWritesHasWords() throws IOException {
        SortedSet<String> written = new TreeSet<>();
        try (Stream<Path> files = Files.walk(SOURCES)) {
            for (Path file : files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> !file.endsWith("EventWords.java") && !file.endsWith("ChangeWords.java"))
                    .toList()) {
                OPERATION
                        .matcher(Files.readString(file))
                        .results()
                        .map((MatchResult match) -> match.group(1))
                        .forEach(written::add);
            }
        }
        written.removeAll(OTHERS);
        assertThat(written).hasSizeGreaterThan(35).contains("role.change", "session.refuse", "api_token_count.mend");
        assertThat(written).allMatch(EventWords::knows);
        assertThat(EventWords.operations()).as("words that nothing needs").isSubsetOf(written);
    }

    @Test
    void oneChangeIsToldInOneSentence() {
        assertThat(told("role.change", "invoice_reader", Change.from("privilege billing/invoices:read", null, "allow")))
                .isEqualTo("Ada gave invoice_reader the privilege billing/invoices:read");
        assertThat(told("role.change", "reader", Change.from("privilege latchkey/tokens:read", "allow", null)))
                .isEqualTo("Ada took the privilege tokens:read from reader");
        assertThat(told("role.change", "reader", Change.from("privilege billing/invoices:write", "allow", "deny")))
                .isEqualTo("Ada made reader deny billing/invoices:write, which it had allowed");
        assertThat(told("role.change", "clerk", Change.from("granted role", null, "reader")))
                .isEqualTo("Ada granted the role reader to clerk");
        assertThat(told("user.assign_role", "tom@example.com", Change.set("role", "reader")))
                .isEqualTo("Ada gave tom@example.com the role reader");
        assertThat(told("api_token.update", "Sync", Change.from("expires", null, "2030-01-01T00:00:00Z")))
                .isEqualTo("Ada made the token “Sync” expire on 1 Jan 2030, 00:00:00 UTC");
        assertThat(told("api.change", "billing", Change.from("endpoint GET /invoices", null, "invoices:read")))
                .isEqualTo("Ada added GET /invoices to the API billing, which needs invoices:read");
    }

    @Test
    void severalChangesAreToldOneByOneAndNotWithoutEnd() {
        EventWords two = words(
                "role.change",
                "clerk",
                Change.from("privilege billing/invoices:read", null, "allow"),
                Change.from("granted role", "reader", null));
        assertThat(two.sentence()).isEqualTo("Ada changed the role clerk");
        assertThat(two.details()).containsExactly("allows billing/invoices:read", "no longer has what reader has");
        Change[] many = IntStream.range(0, 2_000)
                .mapToObj(i -> Change.from("privilege billing/p" + i, null, "allow"))
                .toArray(Change[]::new);
        assertThat(words("role.create", "all", many).details()).hasSize(9).endsWith("and 1992 more");
    }

    @Test
    void whatTheDeedSaysIsNotSaidAgain() {
        EventWords revoked = words(
                "api_token.revoke",
                "Sync",
                Change.from("status", "active", "revoked"),
                Change.set("reason", "Contract ended"));
        assertThat(revoked.sentence()).isEqualTo("Ada revoked the token “Sync”");
        assertThat(revoked.details()).containsExactly("reason: Contract ended");
        EventWords created =
                words("api_token.create", "Sync", Change.set("description", "Sync"), Change.set("role", "reader"));
        assertThat(created.details()).containsExactly("role: reader");
    }

    @Test
    void theJsonOfAnEventIsThatOfTheApiAndBounded() {
        Change[] many = IntStream.range(0, 2_000)
                .mapToObj(i -> Change.from("privilege billing/p" + i, null, "allow"))
                .toArray(Change[]::new);
        Event event = new Event(
                7,
                Instant.EPOCH,
                new Actor.System("history", null),
                "role.create",
                new Target("role", "all", "all"),
                List.of(many));
        assertThat(EventWords.of(event).who()).isEqualTo("Latchkey");
        assertThat(EventWords.json(event))
                .contains("\"operation\" : \"role.create\"", "1950 more changes")
                .hasSizeLessThan(10_000);
    }
}
