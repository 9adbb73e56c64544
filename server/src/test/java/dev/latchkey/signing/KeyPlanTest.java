package dev.latchkey.signing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.event.Change;
import dev.latchkey.signing.KeyPlan.Step;
import dev.latchkey.signing.SigningKey.Withdrawal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The plan for signing keys, as a table: no clock, no database. Times are days and hours after a first day. */
class KeyPlanTest {
    private static final Instant FIRST_DAY = Instant.parse("2026-03-01T00:00:00Z");
    private static final Duration HOUR = Duration.ofHours(1);
    private static final SigningAlgorithm ES256 = SigningAlgorithm.ES256;
    private static final SigningAlgorithm EDDSA = SigningAlgorithm.EDDSA;
    private static final SigningPolicy MONTHLY = new SigningPolicy(ES256, 30, 1);
    private static final SigningPolicy DAILY = new SigningPolicy(ES256, 1, 1);
    private static final SigningPolicy BY_HAND = new SigningPolicy(ES256, 0, 1);

    /** A, alone. */
    private static final List<SigningKey> ALONE = List.of(key("A", 0, null));

    /** A signs until day 30, and B, published a day ahead, after it. */
    private static final List<SigningKey> WITH_NEXT = List.of(key("A", 0, day(30)), published(day(29), "B", day(30)));

    private static Instant day(int days) {
        return FIRST_DAY.plus(Duration.ofDays(days));
    }

    private static SigningKey key(String id, int from, Instant until) {
        return new SigningKey(id, ES256, day(from), day(from), until, null, true);
    }

    private static SigningKey published(Instant at, String id, Instant from) {
        return new SigningKey(id, ES256, at, from, null, null, true);
    }

    private static SigningKey erased(SigningKey key) {
        return new SigningKey(
                key.id(), key.algorithm(), key.createdAt(), key.signsFrom(), key.signsUntil(), key.withdrawal(), false);
    }

    private static SigningKey withdrawn(SigningKey key, Instant at) {
        return new SigningKey(
                key.id(),
                key.algorithm(),
                key.createdAt(),
                key.signsFrom(),
                key.signsUntil(),
                new Withdrawal(at, "Ada", null),
                false);
    }

    /** A line of the table. */
    private record Row(String name, KeyPlan plan, String expected) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Row> whatTimeAloneBrings() {
        Duration minute = SigningKey.CLOCKS_DIFFER;
        Instant ended = day(30).plus(SigningKey.SIGNED_FOR).plus(minute);
        List<SigningKey> handedOver = List.of(erased(key("A", 0, day(30))), key("B", 30, null));
        return Stream.of(
                new Row("a day before the next one is due", due(ALONE, MONTHLY, day(28)), ""),
                new Row(
                        "the next key is published a day ahead",
                        due(ALONE, MONTHLY, day(29)),
                        "A until 30d0h, create ES256 from 30d0h"),
                new Row(
                        "one that comes late is still published for an hour",
                        due(ALONE, MONTHLY, day(31)),
                        "A until 31d1h, create ES256 from 31d1h"),
                new Row(
                        "when keys follow fast, half of the time ahead",
                        due(ALONE, DAILY, FIRST_DAY.plus(HOUR.multipliedBy(12))),
                        "A until 1d0h, create ES256 from 1d0h"),
                new Row(
                        "and not before",
                        due(ALONE, DAILY, FIRST_DAY.plus(HOUR.multipliedBy(12)).minusMillis(1)),
                        ""),
                new Row("by hand only", due(ALONE, BY_HAND, day(400)), ""),
                new Row("without a fresh key there is no next one", KeyPlan.keepUp(ALONE, MONTHLY, null, day(29)), ""),
                new Row("one next key is enough", due(WITH_NEXT, MONTHLY, day(29)), ""),
                new Row(
                        "a node whose clock is behind may still need the old one",
                        due(WITH_NEXT, MONTHLY, day(30).plus(minute).minusMillis(1)),
                        ""),
                new Row("then its private half goes", due(WITH_NEXT, MONTHLY, day(30).plus(minute)), "erase A"),
                new Row("once", due(handedOver, MONTHLY, day(31)), ""),
                new Row(
                        "after 90 days it leaves the list",
                        due(handedOver, BY_HAND, ended.plus(Duration.ofDays(90)).plusMillis(1)),
                        "forget A"),
                new Row("and not before", due(handedOver, BY_HAND, ended.plus(Duration.ofDays(90))), ""),
                new Row(
                        "one that was withdrawn leaves it, too",
                        due(List.of(withdrawn(key("A", 0, null), day(1)), key("B", 1, null)), BY_HAND, day(92)),
                        "forget A"),
                new Row(
                        "a next key that was withdrawn is as if it had not been",
                        due(List.of(key("A", 0, null), withdrawn(key("B", 20, null), day(10))), MONTHLY, day(29)),
                        "A until 30d0h, create ES256 from 30d0h"),
                new Row(
                        "after a long sleep everything at once",
                        due(List.of(key("A", 0, day(30)), key("B", 30, null)), MONTHLY, day(200)),
                        "B until 200d1h, create ES256 from 200d1h, forget A"));
    }

    private static KeyPlan due(List<SigningKey> keys, SigningPolicy policy, Instant now) {
        return KeyPlan.keepUp(keys, policy, ES256, now);
    }

    static Stream<Row> whatAnAnnouncementBrings() {
        return Stream.of(
                new Row(
                        "the next key, as soon as it has been published long enough",
                        KeyPlan.announce(ALONE, ES256, HOUR, day(5)),
                        "A until 5d1h, create ES256 from 5d1h"),
                new Row(
                        "the one that is published comes sooner",
                        KeyPlan.announce(WITH_NEXT, ES256, HOUR, day(29)),
                        "A until 29d1h, B from 29d1h instead of 30d0h"),
                new Row(
                        "at once, when it has been published long enough",
                        KeyPlan.announce(WITH_NEXT, ES256, HOUR, day(29).plus(HOUR.multipliedBy(5))),
                        "A until 29d5h, B from 29d5h instead of 30d0h"),
                new Row(
                        "and never later than planned",
                        KeyPlan.announce(WITH_NEXT, ES256, Duration.ofDays(7), day(29)),
                        ""),
                new Row(
                        "one of another algorithm takes its place",
                        KeyPlan.announce(WITH_NEXT, EDDSA, HOUR, day(29)),
                        "A goes on, withdraw B (next, Replaced before it signed), A until 29d1h, create EdDSA from 29d1h"));
    }

    static Stream<Row> whatAWithdrawalBrings() {
        List<SigningKey> handedOver = List.of(key("A", 0, day(30)), key("B", 30, null));
        SigningKey gone = withdrawn(key("A", 0, null), day(1));
        return Stream.of(
                new Row(
                        "a fresh key signs at once",
                        withdrawal(ALONE, "A", day(5)),
                        "withdraw A (signing, leaked), create ES256 from 5d0h"),
                new Row(
                        "and leaves the next one its turn",
                        withdrawal(WITH_NEXT, "A", day(29)),
                        "withdraw A (signing, leaked), create ES256 from 29d0h until 30d0h"),
                new Row(
                        "without the next one the present one goes on",
                        withdrawal(WITH_NEXT, "B", day(29)),
                        "A goes on, withdraw B (next, leaked)"),
                new Row(
                        "one that only checks is not missed",
                        withdrawal(handedOver, "A", day(30)),
                        "withdraw A (verifying, leaked)"),
                new Row("what has ended stays as it is", withdrawal(handedOver, "A", day(31)), ""),
                new Row("so does what was withdrawn", withdrawal(List.of(gone, key("B", 1, null)), "A", day(2)), ""));
    }

    private static KeyPlan withdrawal(List<SigningKey> keys, String id, Instant now) {
        SigningKey key =
                keys.stream().filter(each -> each.id().equals(id)).findFirst().orElseThrow();
        return KeyPlan.withdraw(keys, key, ES256, List.of(Change.set("reason", "leaked")), now);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("whatTimeAloneBrings")
    void timeBringsWhatIsDue(Row row) {
        assertThat(words(row.plan())).isEqualTo(row.expected());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("whatAnAnnouncementBrings")
    void anAnnouncementBringsTheNextKeySoon(Row row) {
        assertThat(words(row.plan())).isEqualTo(row.expected());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("whatAWithdrawalBrings")
    void aWithdrawalLeavesAKeyThatSigns(Row row) {
        assertThat(words(row.plan())).isEqualTo(row.expected());
    }

    @Test
    void theFirstKeySignsAtOnce() {
        assertThat(words(KeyPlan.first(EDDSA, day(0)))).isEqualTo("create EdDSA from 0d0h");
    }

    private static String words(KeyPlan plan) {
        return plan.steps().stream().map(KeyPlanTest::words).collect(Collectors.joining(", "));
    }

    private static String words(Step step) {
        return switch (step) {
            case Step.Create(SigningAlgorithm algorithm, Instant from, Instant until) ->
                "create " + algorithm.text() + " from " + words(from) + (until == null ? "" : " until " + words(until));
            case Step.HandOver(SigningKey key, Instant until) ->
                key.id() + (until == null ? " goes on" : " until " + words(until));
            case Step.Advance(SigningKey key, Instant from) ->
                key.id() + " from " + words(from) + " instead of " + words(key.signsFrom());
            case Step.Withdraw withdraw ->
                "withdraw " + withdraw.key().id() + " (" + withdraw.from().text() + ", "
                        + withdraw.why().getFirst().after() + ")";
            case Step.Erase(SigningKey key) -> "erase " + key.id();
            case Step.Forget(SigningKey key) -> "forget " + key.id();
        };
    }

    private static String words(Instant time) {
        Duration since = Duration.between(FIRST_DAY, time);
        return since.toDays() + "d" + since.toHoursPart() + "h";
    }
}
