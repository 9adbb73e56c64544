package dev.latchkey.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.TestClock;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.database.Database;
import dev.latchkey.database.TestEngine;
import dev.latchkey.event.EventFilter;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.Target;
import dev.latchkey.event.TargetKind;
import dev.latchkey.problem.Page;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LeasesTest {
    private static final int TOKENS = 501;
    private static final CallLimits ONE_A_DAY = new CallLimits(null, null, 1L, null, null);

    private final TestClock clock = new TestClock();
    private final List<String> asked = new ArrayList<>();
    private Database database;
    private EventLog events;

    @BeforeEach
    void open() {
        database = TestEngine.SQLITE.open();
        events = new EventLog(
                database, MasterKey.parse(Base64.getEncoder().encodeToString(new byte[32]), "the test"), clock);
    }

    @AfterEach
    void close() {
        events.close();
        database.close();
    }

    /** A node starts, some tokens use up their quotas, and it stops, which tells what was used. */
    private void run(int tokens, CallLimits limits, Leases.Subjects subjects) {
        Limiter limiter = new Limiter(database, clock);
        Leases leases = new Leases(database, events, limiter, subjects, clock);
        for (int i = 0; i < tokens; i++) {
            limiter.call(List.of(Limited.token("t" + i, limits)));
        }
        leases.close();
    }

    private Target subject(Whose whose, String id) {
        asked.add(id);
        return Target.named(TargetKind.API_TOKEN, id);
    }

    private long rows() {
        return database.read(handle -> handle.createQuery("select count(*) from limit_count where taken = 1")
                .mapTo(Long.class)
                .one());
    }

    private int warnings() {
        return events.list(EventFilter.ALL, new Page.Request(1_000, null))
                .items()
                .size();
    }

    @Test
    void whatWasUsedIsToldAlthoughNoEventCanSayThatItIsMuch() {
        run(TOKENS, ONE_A_DAY, (whose, id) -> {
            throw new IllegalStateException("not known");
        });
        assertThat(rows()).isEqualTo(TOKENS);
        assertThat(warnings()).isZero();
    }

    @Test
    void quotasOfWhichAnEventSpokeAreNotLookedAtAgainAfterARestart() {
        CallLimits limits = new CallLimits(null, null, 10L, null, null);
        for (int call = 1; call <= 7; call++) {
            run(2, limits, this::subject);
        }
        assertThat(asked).isEmpty();
        run(2, limits, this::subject);
        assertThat(asked).containsExactlyInAnyOrder("t0", "t1");
        assertThat(warnings()).isEqualTo(2);
        run(2, limits, this::subject);
        assertThat(asked).hasSize(2);
        assertThat(warnings()).isEqualTo(2);
    }
}
