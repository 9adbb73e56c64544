package dev.latchkey.console;

import dev.latchkey.usage.Outcome;
import dev.latchkey.usage.Step;
import dev.latchkey.usage.Usage;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Usage, drawn: a bar for each period, refused calls on top of allowed ones.
 *
 * @param bars one for each period
 */
public record UsageChart(UsageRange range, Usage usage, List<Bar> bars) {
    /** In units of the drawing, which is stretched to the width of its place. */
    public static final int HEIGHT = 100;

    private static final int BAR = 8;
    private static final int PITCH = 10;

    /** A period with calls is never shown as one without. */
    private static final long LEAST = 2;

    private static final int MOST_ENDPOINTS = 20;

    /** One bar: from the bottom, allowed calls and then refused ones. */
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

    static UsageChart of(UsageRange range, Usage usage) {
        long most = usage.points().stream()
                .mapToLong(point -> point.allowed() + point.refused())
                .max()
                .orElse(0);
        List<Bar> bars = IntStream.range(0, usage.points().size())
                .mapToObj(i -> {
                    Usage.Point point = usage.points().get(i);
                    long refused = height(point.refused(), most);
                    return new Bar(i * PITCH, Math.min(height(point.allowed(), most), HEIGHT - refused), refused);
                })
                .toList();
        return new UsageChart(range, usage, bars);
    }

    private static long height(long calls, long most) {
        return calls == 0 ? 0 : Math.max(LEAST, Math.round((double) HEIGHT * calls / most));
    }

    public int width() {
        return bars.size() * PITCH;
    }

    public boolean isEmpty() {
        return usage.allowed() + usage.refused() == 0;
    }

    /** "1,204 calls allowed, 3 refused". */
    public String sum() {
        return Amounts.of(usage.allowed(), "call") + " allowed, " + Amounts.number(usage.refused()) + " refused";
    }

    /** The periods in which there were calls, for those who do not see the drawing. */
    public List<Usage.Point> points() {
        return usage.points().stream()
                .filter(point -> point.allowed() + point.refused() > 0)
                .toList();
    }

    /** When a period was. */
    public String when(Instant start) {
        return range.step() == Step.HOUR ? Times.minute(start) + " UTC" : Times.day(start);
    }

    /** The most called ones. */
    public List<Usage.OfEndpoint> endpoints() {
        return usage.endpoints().subList(0, Math.min(usage.endpoints().size(), MOST_ENDPOINTS));
    }

    public int moreEndpoints() {
        return usage.endpoints().size() - endpoints().size();
    }

    /** What an endpoint is called here. */
    public static String name(Usage.OfEndpoint endpoint) {
        if (!endpoint.endpoint().isEmpty()) {
            return endpoint.endpoint();
        }
        return endpoint.allowed() > 0 ? "Endpoint not known" : "No endpoint";
    }

    /** Why calls were refused, such as "3 missing privilege, 1 no endpoint"; empty when none was. */
    public static String refusals(Usage.OfEndpoint endpoint) {
        return endpoint.calls().entrySet().stream()
                .filter(entry -> entry.getKey() != Outcome.ALLOWED)
                .map(entry -> Amounts.number(entry.getValue()) + " " + words(entry.getKey()))
                .collect(Collectors.joining(", "));
    }

    private static String words(Outcome outcome) {
        return switch (outcome) {
            case ALLOWED -> "allowed";
            case MISSING_PRIVILEGE -> "missing privilege";
            case NO_ENDPOINT -> "no endpoint";
            case DOUBTFUL_REQUEST -> "doubtful request";
            case OTHER -> "other reasons";
        };
    }
}
