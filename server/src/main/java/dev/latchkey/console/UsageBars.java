package dev.latchkey.console;

import dev.latchkey.usage.Usage;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Calls over time, drawn: a bar for each period, refused calls on top of allowed ones.
 *
 * @param bars one for each period
 */
public record UsageBars(List<Bar> bars) {
    /** In units of the drawing, which is stretched to the width of its place. */
    public static final int HEIGHT = 100;

    private static final int BAR = 8;
    private static final int PITCH = 10;

    /**
     * One bar: from the bottom, allowed calls and then refused ones.
     *
     * @param x where it begins, from the left
     */
    public record Bar(int x, long allowed, long refused) {
        public int width() {
            return BAR;
        }

        /** Where the allowed part begins, from above. */
        public long allowedY() {
            return HEIGHT - allowed;
        }

        public long refusedY() {
            return HEIGHT - allowed - refused;
        }
    }

    /** @param least how high the bar of a single call is, so that a period with calls is never shown as one without */
    static UsageBars of(List<Usage.Point> points, long least) {
        long most = points.stream().mapToLong(Usage.Point::calls).max().orElse(0);
        return new UsageBars(IntStream.range(0, points.size())
                .mapToObj(i -> {
                    long refused = height(points.get(i).refused(), most, least);
                    long allowed = height(points.get(i).allowed(), most, least);
                    return new Bar(i * PITCH, Math.min(allowed, HEIGHT - refused), refused);
                })
                .toList());
    }

    private static long height(long calls, long most, long least) {
        return calls == 0 ? 0 : Math.max(least, Math.round((double) HEIGHT * calls / most));
    }

    public int width() {
        return bars.size() * PITCH;
    }
}
