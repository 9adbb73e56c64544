package dev.latchkey.usage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.TestClock;
import dev.latchkey.database.Database;
import dev.latchkey.database.TestEngine;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** However many addresses use a token, a few of each day are kept, for as long as the setting says. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class AddressBoundsTest {
    private static final Called INVOICES = new Called("billing", "GET", "/invoices");

    @Parameter
    TestEngine engine;

    private final TestClock clock = new TestClock();
    private final AtomicInteger days = new AtomicInteger(30);
    private Database database;

    @BeforeEach
    void open() {
        database = engine.open();
    }

    @AfterEach
    void close() {
        database.close();
    }

    private UsageCounter counter() {
        return new UsageCounter(database, days::get, clock);
    }

    /** The calls of each address, whatever their outcome. */
    private Map<String, Long> kept() {
        return database.read(handle -> handle
                .createQuery("select address, sum(calls) from usage_address group by address")
                .map((row, context) -> Map.entry(row.getString(1), row.getLong(2)))
                .list()
                .stream()
                .collect(TreeMap::new, (map, each) -> map.put(each.getKey(), each.getValue()), Map::putAll));
    }

    @Test
    void furtherAddressesOfADayAreCountedTogetherEvenAfterARestart() {
        for (int restart = 0; restart < 3; restart++) {
            try (UsageCounter counter = counter()) {
                for (int i = 0; i < 10; i++) {
                    counter.count("token", "192.0.2." + (10 * restart + i), INVOICES, Outcome.ALLOWED);
                }
                counter.count("token", "192.0.2.0", INVOICES, Outcome.ALLOWED);
            }
        }
        assertThat(kept()).hasSize(17).containsEntry("others", 14L).containsEntry("192.0.2.0", 4L);
        try (UsageCounter counter = counter()) {
            clock.advance(Duration.ofDays(1));
            counter.flush();
            counter.count("token", "192.0.2.99", INVOICES, Outcome.ALLOWED);
        }
        assertThat(kept()).containsEntry("192.0.2.99", 1L);
    }

    @Test
    void refusedCallsFromManyAddressesHideNoneFromWhichCallsAreAllowed() {
        try (UsageCounter counter = counter()) {
            for (int i = 0; i < 1_000; i++) {
                counter.count("token", "10.0." + i / 250 + "." + i % 250, INVOICES, Outcome.WRONG_ADDRESS);
            }
            counter.flush();
            counter.count("token", "192.0.2.7", INVOICES, Outcome.ALLOWED);
        }
        assertThat(kept()).hasSize(18).containsEntry("192.0.2.7", 1L).containsEntry("others", 984L);
    }

    @Test
    void whatIsNotAnAddressIsNotKept() {
        try (UsageCounter counter = counter()) {
            counter.count("token", "unknown", INVOICES, Outcome.ALLOWED);
            counter.count("token", "", INVOICES, Outcome.ALLOWED);
            counter.count("token", "::ffff:192.0.2.7", INVOICES, Outcome.ALLOWED);
            counter.count("token", "192.0.2.7", INVOICES, Outcome.ALLOWED);
            counter.count("token", "fe80::1%eth0", INVOICES, Outcome.ALLOWED);
            counter.count("token", "::1", INVOICES, Outcome.ALLOWED);
        }
        assertThat(kept()).isEqualTo(Map.of("", 2L, "192.0.2.7", 2L, "fe80::/64", 1L, "::/64", 1L));
    }

    @Test
    void memoryIsBoundedHoweverManyTokensCallFromHoweverManyAddresses() {
        AddressTallies tallies = new AddressTallies();
        for (int token = 0; token < 60_000; token++) {
            tallies.count("token" + token, "192.0.2.7", Outcome.ALLOWED);
        }
        for (int i = 0; i < 60_000; i++) {
            tallies.count("token0", "2001:db8:" + Integer.toHexString(i) + "::1", Outcome.ALLOWED);
        }
        Map<CalledFrom, Tally.Unwritten> unwritten = tallies.unwritten(clock.instant());
        assertThat(unwritten).hasSizeLessThanOrEqualTo(AddressTallies.MOST_TOGETHER + 1);
        assertThat(unwritten
                        .get(new CalledFrom("token0", "192.0.2.7", Outcome.ALLOWED))
                        .calls())
                .isEqualTo(1);
    }

    @Test
    void addressesAreDeletedAfterTheirTimeAndNoneAreKeptWhereTheSettingSaysSo() {
        UsageRetention retention = new UsageRetention(database, () -> 400, () -> 400, days::get, clock);
        try (UsageCounter counter = counter()) {
            for (int day = 0; day < 4; day++) {
                counter.flush();
                counter.count("token", "192.0.2." + day, INVOICES, Outcome.ALLOWED);
                counter.flush();
                clock.advance(Duration.ofDays(1));
            }
            days.set(2);
            retention.deleteOld();
            assertThat(kept()).containsOnlyKeys("192.0.2.2", "192.0.2.3");
            days.set(0);
            counter.flush();
            counter.count("token", "192.0.2.9", INVOICES, Outcome.ALLOWED);
            counter.flush();
            assertThat(kept()).doesNotContainKey("192.0.2.9");
            retention.deleteOld();
            assertThat(kept()).isEmpty();
        }
    }
}
