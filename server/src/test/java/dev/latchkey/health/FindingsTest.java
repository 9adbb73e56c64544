package dev.latchkey.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.latchkey.TestClock;
import dev.latchkey.event.Position;
import dev.latchkey.lane.Lane;
import dev.latchkey.problem.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said about facts that are hard to bring about in a running node. */
class FindingsTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private static Node node(String host, Duration clockAhead) {
        return new Node(host, host + ":/data", host, "1.0", "20", NOW, NOW, clockAhead);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, well",
        "900, -1000, well",
        "1500, -1500, attention",
        "3000, 3000, attention",
        "-40000, 30000, trouble",
        "-61000, 0, trouble"
    })
    void clocksAreComparedWithEachOtherAndWithTheDatabases(long one, long other, String status) {
        Finding finding = Findings.ofClocks(
                List.of(node("a.example", Duration.ofMillis(one)), node("b.example", Duration.ofMillis(other))));
        assertThat(finding.status().text()).as(finding.found()).isEqualTo(status);
    }

    @Test
    void aClockThatIsBehindIsNamedAsSuch() {
        Finding finding =
                Findings.ofClocks(List.of(node("a.example", Duration.ZERO), node("b.example", Duration.ofSeconds(-5))));
        assertThat(finding.found()).isEqualTo("The clock of b.example is 5.0 seconds behind the database's.");
    }

    @Test
    void aWitnessThatLacksEventsIsNamed() {
        assertThat(Findings.ofWitness(new Position(7, "x"), new Position(7, "x"))
                        .status())
                .isEqualTo(Status.WELL);
        // It gets a newer event between the two looks.
        assertThat(Findings.ofWitness(new Position(8, "y"), new Position(7, "x"))
                        .status())
                .isEqualTo(Status.WELL);
        assertThat(Findings.ofWitness(new Position(5, "z"), new Position(7, "x"))
                        .found())
                .contains("lacks the last 2 events");
    }

    @Test
    void aRefusalIsToDoForAnHour() throws InterruptedException {
        TestClock clock = new TestClock();
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        try (Lane lane = new Lane(
                "narrow",
                Lane.Pace.USUAL,
                new Lane.Bounds(1, 0, Duration.ZERO),
                () -> Problem.unavailable("full", null))) {
            LaneWatch watch = new LaneWatch(() -> List.of(lane.figures()), clock);
            assertThat(Findings.ofLanes(watch.look()).status()).isEqualTo(Status.WELL);
            Thread inside = Thread.ofPlatform()
                    .start(() -> lane.run(() -> {
                        entered.countDown();
                        try {
                            leave.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                        return true;
                    }));
            entered.await();
            assertThat(catchThrowable(() -> lane.run(() -> true))).isInstanceOf(Problem.class);
            leave.countDown();
            inside.join();
            assertThat(Findings.ofLanes(watch.look()).found()).contains("narrow");
            clock.advance(Duration.ofMinutes(59));
            assertThat(Findings.ofLanes(watch.look()).status()).isEqualTo(Status.ATTENTION);
            clock.advance(Duration.ofMinutes(2));
            assertThat(Findings.ofLanes(watch.look()).status()).isEqualTo(Status.WELL);
        }
    }

    @Test
    void eachTopicLeadsToAPartOfTheDocumentation() throws IOException {
        for (Topic topic : Topic.values()) {
            String[] guide = topic.guide().split("#");
            List<String> anchors = Files.readAllLines(Path.of("..", guide[0])).stream()
                    .filter(line -> line.startsWith("#"))
                    .map(line -> line.replaceFirst("^#+ ", "")
                            .toLowerCase(Locale.ROOT)
                            .replaceAll("[^a-z0-9 -]", "")
                            .replace(' ', '-'))
                    .toList();
            assertThat(anchors).as(topic.text()).contains(guide[1]);
        }
    }

    @Test
    void theWholeIsAsBadAsItsWorstPart() {
        assertThat(Status.ofAll(List.of(Status.WELL, Status.UNKNOWN))).isEqualTo(Status.WELL);
        assertThat(Status.ofAll(List.of(Status.WELL, Status.ATTENTION))).isEqualTo(Status.ATTENTION);
        assertThat(Status.ofAll(List.of(Status.TROUBLE, Status.ATTENTION))).isEqualTo(Status.TROUBLE);
    }
}
