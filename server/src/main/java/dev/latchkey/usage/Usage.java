package dev.latchkey.usage;

import java.time.Instant;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an API token was used for in some time.
 *
 * @param points one for each period, those without calls included
 * @param endpoints the most called first
 */
public record Usage(Span span, List<Point> points, List<OfEndpoint> endpoints) {

    /** The calls of one period. */
    public record Point(Instant at, long allowed, long refused) {
        Point plus(Row row) {
            boolean isAllowed = row.outcome() == Outcome.ALLOWED;
            return new Point(at, allowed + (isAllowed ? row.calls() : 0), refused + (isAllowed ? 0 : row.calls()));
        }
    }

    /**
     * The calls of one endpoint.
     *
     * @param api empty where it is not known
     * @param endpoint empty where it is not known, or where the calls met none
     * @param calls how many had each outcome
     */
    public record OfEndpoint(String api, String endpoint, Map<Outcome, Long> calls, Instant firstAt, Instant lastAt) {

        public long allowed() {
            return calls.getOrDefault(Outcome.ALLOWED, 0L);
        }

        public long refused() {
            return total() - allowed();
        }

        long total() {
            return calls.values().stream().mapToLong(Long::longValue).sum();
        }

        private OfEndpoint plus(OfEndpoint other) {
            Map<Outcome, Long> sum = new EnumMap<>(calls);
            other.calls.forEach((outcome, number) -> sum.merge(outcome, number, Long::sum));
            return new OfEndpoint(
                    api,
                    endpoint,
                    sum,
                    firstAt.isBefore(other.firstAt) ? firstAt : other.firstAt,
                    lastAt.isAfter(other.lastAt) ? lastAt : other.lastAt);
        }
    }

    /** One row of the store. */
    record Row(Instant at, String api, String endpoint, Outcome outcome, long calls, Instant firstAt, Instant lastAt) {

        private OfEndpoint ofEndpoint() {
            return new OfEndpoint(api, endpoint, Map.of(outcome, calls), firstAt, lastAt);
        }
    }

    static Usage of(Span span, List<Row> rows) {
        Map<Instant, Point> points = new LinkedHashMap<>();
        span.starts().forEach(start -> points.put(start, new Point(start, 0, 0)));
        Map<String, OfEndpoint> endpoints = new TreeMap<>();
        for (Row row : rows) {
            points.computeIfPresent(row.at(), (start, point) -> point.plus(row));
            endpoints.merge(row.api() + " " + row.endpoint(), row.ofEndpoint(), OfEndpoint::plus);
        }
        return new Usage(
                span,
                List.copyOf(points.values()),
                endpoints.values().stream()
                        .sorted(Comparator.comparingLong(OfEndpoint::total).reversed())
                        .toList());
    }

    public long allowed() {
        return points.stream().mapToLong(Point::allowed).sum();
    }

    public long refused() {
        return points.stream().mapToLong(Point::refused).sum();
    }
}
