package dev.latchkey.trace;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.Map;

/**
 * Gives each log line the id of the request for which it is written ({@code requestId}), and that of its trace if it has one
 * ({@code traceId}). It lets every line pass. A request that logs nothing pays nothing for this, as it would for SLF4J's own
 * MDC, which also knows nothing of lanes.
 */
public final class RequestFields extends Filter<ILoggingEvent> {
    public static final String REQUEST_ID = "requestId";
    public static final String TRACE_ID = "traceId";

    @Override
    public FilterReply decide(ILoggingEvent event) {
        CurrentRequest request = CurrentRequest.get();
        if (request != null && event instanceof LoggingEvent line) {
            Recording trace = request.recording();
            Map<String, String> fields = trace == null
                    ? Map.of(REQUEST_ID, request.id())
                    : Map.of(REQUEST_ID, request.id(), TRACE_ID, trace.traceId());
            try {
                line.setMDCPropertyMap(fields);
            } catch (IllegalStateException e) {
                // Another appender with this filter saw the line first.
                return FilterReply.NEUTRAL;
            }
        }
        return FilterReply.NEUTRAL;
    }
}
