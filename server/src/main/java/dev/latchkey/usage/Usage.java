package dev.latchkey.usage;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * The calls of some time: how many in each period, and by whom or to what.
 *
 * @param points one for each period, those without calls included
 * @param groupings the same calls, summed in different ways
 */
public record Usage(Span span, List<Point> points, List<Grouping> groupings) {

    /** The calls of one period. */
    public record Point(Instant at, long allowed, long refused) {
        public long calls() {
            return allowed + refused;
        }
    }

    /**
     * The calls, summed by something.
     *
     * @param groups the most called first
     * @param rest what the groups leave out
     */
    public record Grouping(GroupBy groupBy, List<Group> groups, Rest rest) {}

    /**
     * The groups that are not listed.
     *
     * @param groups how many they are
     */
    public record Rest(long groups, long allowed, long refused) {}

    /**
     * What a group's calls have in common. A text is empty where the calls are not summed by it, or where it is not known.
     *
     * @param description the token's, like its role
     * @param endpoint empty as well if the calls met no endpoint
     * @param address the caller's, or "others" for all further ones
     */
    public record Key(String clientId, String description, String role, String api, String endpoint, String address) {

        static Key token(String clientId, String description, String role) {
            return new Key(clientId, description, role, "", "", "");
        }

        static Key address(String address) {
            return new Key("", "", "", "", "", address);
        }

        /** Whether these are the calls from all addresses that are not told apart. */
        public boolean isOfOtherAddresses() {
            return address.equals(CalledFrom.OTHERS);
        }
    }

    /**
     * Calls that have something in common.
     *
     * @param calls how many had each outcome
     */
    public record Group(Key key, Map<Outcome, Long> calls, Instant firstAt, Instant lastAt) {

        public long allowed() {
            return calls.getOrDefault(Outcome.ALLOWED, 0L);
        }

        public long refused() {
            return calls.values().stream().mapToLong(Long::longValue).sum() - allowed();
        }
    }

    public long allowed() {
        return points.stream().mapToLong(Point::allowed).sum();
    }

    public long refused() {
        return points.stream().mapToLong(Point::refused).sum();
    }

    /** The calls as summed by this. */
    public Grouping by(GroupBy groupBy) {
        return groupings.stream()
                .filter(grouping -> grouping.groupBy() == groupBy)
                .findFirst()
                .orElseThrow();
    }
}
