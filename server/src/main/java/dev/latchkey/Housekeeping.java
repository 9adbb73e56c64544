package dev.latchkey;

import dev.latchkey.lane.Timetable;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tasks that run every minute, one after another, even when an earlier one failed. */
record Housekeeping(List<Runnable> tasks) {
    private static final Logger log = LoggerFactory.getLogger(Housekeeping.class);
    private static final Duration INTERVAL = Duration.ofMinutes(1);

    void addTo(Timetable timetable) {
        timetable.every(INTERVAL, "housekeeping", this::run, "Housekeeping will be tried again in a minute");
    }

    void run() {
        for (Runnable task : tasks) {
            try {
                task.run();
            } catch (RuntimeException e) {
                log.warn("Housekeeping will be tried again in a minute: {}", e.getMessage());
            }
        }
    }
}
