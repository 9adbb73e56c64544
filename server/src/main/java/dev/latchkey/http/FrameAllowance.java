package dev.latchkey.http;

import java.time.Duration;
import org.eclipse.jetty.http2.frames.PingFrame;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.RateControl;
import org.eclipse.jetty.io.WindowRateControl;

/**
 * How many frames that request nothing may arrive on a connection that carries calls; beyond that the connection ends.
 * Two kinds are common. gRPC clients measure the bandwidth with at most one {@code PING} after each answer, so each
 * answer earns one: a client that reads no answers earns none. And a gateway cancels a call with {@code RST_STREAM}
 * when its own caller goes away, which may be many callers at once.
 */
final class FrameAllowance implements RateControl {
    static final RateControl.Factory OF_CALLS = new RateControl.Factory() {
        @Override
        public RateControl newRateControl(EndPoint endPoint) {
            return new FrameAllowance(OpenConnection.of(endPoint));
        }
    };

    private static final int MOST_SAVED_PINGS = 1_000;
    private static final int MOST_RESETS = 10_000;
    private static final Duration OF_RESETS = Duration.ofSeconds(10);
    /** What Jetty allows by default. */
    private static final int MOST_OTHERS = 128;

    private static final Duration OF_OTHERS = Duration.ofSeconds(1);

    private final OpenConnection connection;
    private final RateControl resets = new WindowRateControl(MOST_RESETS, OF_RESETS);
    private final RateControl others = new WindowRateControl(MOST_OTHERS, OF_OTHERS);
    private long pings;

    private FrameAllowance(OpenConnection connection) {
        this.connection = connection;
    }

    @Override
    public boolean onEvent(Object event) {
        return switch (event) {
            case ResetFrame reset -> resets.onEvent(reset);
            case PingFrame ping when isEarned() -> true;
            default -> others.onEvent(event);
        };
    }

    /** Called only by the thread that reads the connection's frames. */
    private boolean isEarned() {
        long earned = connection.endedRequests();
        pings = Math.max(pings, earned - MOST_SAVED_PINGS);
        if (pings >= earned) {
            return false;
        }
        pings++;
        return true;
    }
}
