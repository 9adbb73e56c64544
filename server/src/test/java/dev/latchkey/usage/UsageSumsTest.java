package dev.latchkey.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.latchkey.TestClock;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.database.Database;
import dev.latchkey.database.TestEngine;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The calls of all tokens together: a few rows for each hour, however many tokens there are. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class UsageSumsTest {
    private static final Called INVOICES = new Called("billing", "GET", "/invoices");

    @Parameter
    TestEngine engine;

    private final TestClock clock = new TestClock();
    private final UsageSumStore store = new UsageSumStore();
    private Database database;

    @BeforeEach
    void open() {
        database = engine.open();
    }

    @AfterEach
    void close() {
        database.close();
    }

    private List<Usage.Point> lastDay() {
        Span span = Span.last(24, Step.HOUR, clock.instant());
        return database.read(handle -> store.sums(handle, span)).stream()
                .sorted(Comparator.comparing(Usage.Point::at))
                .toList();
    }

    private long rows() {
        return database.<Long>read(handle -> handle.createQuery("select count(*) from usage_sum")
                .mapTo(Long.class)
                .one());
    }

    @Test
    void theCallsOfAllTokensAddUpByTheHour() {
        try (UsageCounter counter = new UsageCounter(database, () -> 30, clock)) {
            for (int token = 0; token < 1_500; token++) {
                counter.count("token" + token, "192.0.2.7", INVOICES, Outcome.ALLOWED);
            }
            counter.count("token1", "192.0.2.7", INVOICES, Outcome.MISSING_PRIVILEGE);
            counter.flush();
            assertThat(rows()).isEqualTo(2);
            clock.advance(Duration.ofHours(1));
            counter.flush();
            counter.count("token2", "192.0.2.7", INVOICES, Outcome.ALLOWED);
            counter.flush();
        }
        assertThat(lastDay())
                .extracting(Usage.Point::allowed, Usage.Point::refused)
                .containsExactly(tuple(1_500L, 1L), tuple(1L, 0L));
        clock.advance(Duration.ofHours(23));
        assertThat(lastDay())
                .extracting(Usage.Point::allowed, Usage.Point::refused)
                .containsExactly(tuple(1L, 0L));
    }

    private List<Usage.Point> days(String api) {
        Span span = Span.last(10, Step.DAY, clock.instant());
        return database.read(handle -> store.ofApi(handle, api, span)).stream()
                .sorted(Comparator.comparing(Usage.Point::at))
                .toList();
    }

    @Test
    void theCallsToEachApiAddUpByTheDay() {
        try (UsageCounter counter = new UsageCounter(database, () -> 30, clock)) {
            for (int token = 0; token < 1_500; token++) {
                counter.count("token" + token, "192.0.2.7", INVOICES, Outcome.ALLOWED);
            }
            counter.count("token1", "192.0.2.7", new Called("parcels", "GET", "/parcels"), Outcome.LIMITED);
            counter.count("token1", "192.0.2.7", Called.UNKNOWN, Outcome.ALLOWED);
            counter.flush();
            counter.count("token1", "192.0.2.7", INVOICES, Outcome.MISSING_PRIVILEGE);
            counter.flush();
            clock.advance(Duration.ofDays(2));
            counter.flush();
            counter.count("token2", "192.0.2.7", INVOICES, Outcome.ALLOWED);
        }
        assertThat(days("billing"))
                .extracting(Usage.Point::allowed, Usage.Point::refused)
                .containsExactly(tuple(1_500L, 1L), tuple(1L, 0L));
        assertThat(days("parcels"))
                .extracting(Usage.Point::allowed, Usage.Point::refused)
                .containsExactly(tuple(0L, 1L));
        assertThat(days("")).isEmpty();
        UsageRetention retention = new UsageRetention(database, () -> 1, () -> 1, () -> 1, clock);
        retention.deleteOld();
        retention.deleteOld();
        assertThat(days("billing"))
                .extracting(Usage.Point::allowed, Usage.Point::refused)
                .containsExactly(tuple(1L, 0L));
    }

    @Test
    void onlyAnAllowedCallOfAnotherApiIsAGuardedCall() {
        try (UsageCounter counter = new UsageCounter(database, () -> 30, clock)) {
            counter.count("token", "192.0.2.7", new Called(ManagementApi.NAME, "GET", "/tokens"), Outcome.ALLOWED);
            counter.count("token", "192.0.2.7", Called.issuing(INVOICES.api(), Optional.empty()), Outcome.ALLOWED);
            counter.count(
                    "token", "192.0.2.7", Called.issuing(INVOICES.api(), Optional.of(Set.of("read"))), Outcome.ALLOWED);
            counter.count("token", "192.0.2.7", INVOICES, Outcome.MISSING_PRIVILEGE);
            counter.flush();
            assertThat(database.<Boolean>read(store::hasGuardedCall)).isFalse();
            counter.count("token", "192.0.2.7", INVOICES, Outcome.ALLOWED);
            counter.flush();
            assertThat(database.<Boolean>read(store::hasGuardedCall)).isTrue();
        }
    }

    @Test
    void sumsAreDeletedWhenTheyAreOlderThanTheUsageByTheDay() {
        try (UsageCounter counter = new UsageCounter(database, () -> 30, clock)) {
            for (int hour = 0; hour < 50; hour++) {
                counter.flush();
                counter.count("token", "192.0.2.7", INVOICES, Outcome.ALLOWED);
                counter.flush();
                clock.advance(Duration.ofHours(1));
            }
        }
        assertThat(rows()).isEqualTo(50);
        UsageRetention retention = new UsageRetention(database, () -> 1, () -> 1, () -> 1, clock);
        for (int turn = 0; turn < 3; turn++) {
            retention.deleteOld();
        }
        assertThat(rows()).isEqualTo(24);
        assertThat(lastDay()).hasSize(23);
    }
}
