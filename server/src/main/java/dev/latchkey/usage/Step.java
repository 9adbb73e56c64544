package dev.latchkey.usage;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** How long the periods are that are counted apart, in UTC. */
public enum Step {
    HOUR(ChronoUnit.HOURS),
    DAY(ChronoUnit.DAYS);

    private final ChronoUnit unit;

    Step(ChronoUnit unit) {
        this.unit = unit;
    }

    /** The beginning of the period that contains this moment. */
    Instant start(Instant moment) {
        return moment.truncatedTo(unit);
    }

    Instant next(Instant start) {
        return start.plus(1, unit);
    }

    Instant before(Instant moment, long periods) {
        return start(moment).minus(periods, unit);
    }
}
