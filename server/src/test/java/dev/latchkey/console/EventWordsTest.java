package dev.latchkey.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.event.Actor;
import dev.latchkey.event.Change;
import dev.latchkey.event.Event;
import dev.latchkey.event.EventType;
import dev.latchkey.event.Target;
import dev.latchkey.event.TargetKind;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EventWordsTest {
    private static String told(EventType type, String target, Change... changes) {
        return words(type, target, changes).sentence();
    }

    private static EventWords words(EventType type, String target, Change... changes) {
        return EventWords.of(new Event(
                7,
                Instant.parse("2026-01-31T12:00:00Z"),
                new Actor.Person("u1", "Ada", "accountadmin", null),
                type,
                new Target(TargetKind.of(type.text().split("\\.")[0]), "id", target),
                List.of(changes),
                null));
    }

    @Test
    void anEventOfANewerVersionIsToldAsFarAsItCanBe() {
        assertThat(told(EventType.OTHER, "x")).contains("does not know");
    }

    @Test
    void oneChangeIsToldInOneSentence() {
        assertThat(told(
                        EventType.ROLE_UPDATE,
                        "invoice_reader",
                        Change.from("privilege billing/invoices:read", null, "allow")))
                .isEqualTo("Ada gave invoice_reader the privilege billing/invoices:read");
        assertThat(told(EventType.ROLE_UPDATE, "reader", Change.from("privilege latchkey/tokens:read", "allow", null)))
                .isEqualTo("Ada took the privilege tokens:read from reader");
        assertThat(told(
                        EventType.ROLE_UPDATE,
                        "reader",
                        Change.from("privilege billing/invoices:write", "allow", "deny")))
                .isEqualTo("Ada made reader deny billing/invoices:write, which it had allowed");
        assertThat(told(EventType.ROLE_UPDATE, "clerk", Change.from("granted role", null, "reader")))
                .isEqualTo("Ada granted the role reader to clerk");
        assertThat(told(EventType.USER_ASSIGN_ROLE, "tom@example.com", Change.set("role", "reader")))
                .isEqualTo("Ada gave tom@example.com the role reader");
        assertThat(told(EventType.API_TOKEN_UPDATE, "Sync", Change.from("expires", null, "2030-01-01T00:00:00Z")))
                .isEqualTo("Ada set the token “Sync” to expire on 1 Jan 2030, 00:00:00 UTC");
        assertThat(told(EventType.API_UPDATE, "billing", Change.from("endpoint GET /invoices", null, "invoices:read")))
                .isEqualTo("Ada added GET /invoices to the API billing, which needs invoices:read");
    }

    @Test
    void severalChangesAreToldOneByOneAndNotWithoutEnd() {
        EventWords two = words(
                EventType.ROLE_UPDATE,
                "clerk",
                Change.from("privilege billing/invoices:read", null, "allow"),
                Change.from("granted role", "reader", null));
        assertThat(two.sentence()).isEqualTo("Ada changed the role clerk");
        assertThat(two.details()).containsExactly("allows billing/invoices:read", "no longer includes the role reader");
        Change[] many = IntStream.range(0, 2_000)
                .mapToObj(i -> Change.from("privilege billing/p" + i, null, "allow"))
                .toArray(Change[]::new);
        assertThat(words(EventType.ROLE_CREATE, "all", many).details())
                .hasSize(9)
                .endsWith("and 1992 more");
    }

    @Test
    void whatTheDeedSaysIsNotSaidAgain() {
        EventWords revoked = words(
                EventType.API_TOKEN_REVOKE,
                "Sync",
                Change.from("status", "active", "revoked"),
                Change.set("reason", "Contract ended"));
        assertThat(revoked.sentence()).isEqualTo("Ada revoked the token “Sync”");
        assertThat(revoked.details()).containsExactly("reason: Contract ended");
        EventWords created = words(
                EventType.API_TOKEN_CREATE, "Sync", Change.set("description", "Sync"), Change.set("role", "reader"));
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
                EventType.ROLE_CREATE,
                Target.named(TargetKind.ROLE, "all"),
                List.of(many),
                null);
        assertThat(EventWords.of(event).who()).isEqualTo("Latchkey");
        assertThat(EventWords.json(event))
                .contains("\"operation\" : \"role.create\"", "1950 more changes")
                .hasSizeLessThan(10_000);
    }
}
