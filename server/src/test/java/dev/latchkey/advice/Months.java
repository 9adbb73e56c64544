package dev.latchkey.advice;

import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.TestClock;
import dev.latchkey.gate.Billing;
import java.time.Duration;
import java.time.Instant;

/** Some months in which the clerk of {@link Billing} reads and writes invoices every day, and no files. */
final class Months {
    private static final Instant BEGIN = Instant.parse("2026-03-01T00:00:00Z");
    private static final int DAYS = 150;

    private Months() {}

    /** A clock in the morning of the first day. */
    static TestClock clock() {
        return new TestClock(BEGIN.plus(Duration.ofMinutes(570)));
    }

    static void pass(Billing billing, TestClock clock) {
        called(billing, billing.clerk, "GET /invoices/{id}");
        called(billing, billing.clerk, "POST /invoices");
        clock.advance(Duration.ofDays(DAYS));
    }

    /** Calls of every day, as they are counted. */
    private static void called(Billing billing, Credentials program, String endpoint) {
        billing.server.change("""
                insert into usage_day (at, client_id, api_name, endpoint, outcome, calls, first_at, last_at)
                with recursive d(n) as (select 0 union all select n + 1 from d where n < %3$d)
                select %4$d + cast(n as bigint) * 86400000, '%1$s', 'billing', '%2$s', 'allowed', 10,
                  %4$d + cast(n as bigint) * 86400000, %4$d + cast(n as bigint) * 86400000 from d""".formatted(program.clientId(), endpoint, DAYS, BEGIN.toEpochMilli()));
    }
}
