package dev.latchkey.http;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.latchkey.trace.RequestFields;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** The lines that are logged while this is open. */
public final class LogLines implements AutoCloseable {
    private final List<ILoggingEvent> lines = new CopyOnWriteArrayList<>();
    private final Logger logger;
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent line) {
            lines.add(line);
        }
    };

    private LogLines(String name) {
        logger = (Logger) LoggerFactory.getLogger(name);
        RequestFields fields = new RequestFields();
        fields.start();
        appender.addFilter(fields);
        appender.start();
        logger.addAppender(appender);
    }

    /** @param name of a logger, {@code ROOT} for all */
    public static LogLines of(String name) {
        return new LogLines(name);
    }

    public List<ILoggingEvent> all() {
        return List.copyOf(lines);
    }

    @Override
    public void close() {
        logger.detachAppender(appender);
    }
}
