package dev.latchkey;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/** The level of Latchkey's own log, which {@code logback.xml} sets first. */
final class LogLevel {
    private LogLevel() {}

    static void set(String level) {
        if (LoggerFactory.getLogger("dev.latchkey") instanceof Logger logger) {
            logger.setLevel(Level.toLevel(level));
        }
    }
}
