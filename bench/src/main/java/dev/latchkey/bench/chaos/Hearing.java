package dev.latchkey.bench.chaos;

import dev.latchkey.bench.chaos.Break.Cause;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a node can have learned by when, given the breaks. */
final class Hearing {
    private final List<Break> breaks;
    private final Bounds bounds;
    private final Map<String, List<Break>> byNode = new HashMap<>();

    Hearing(List<Break> breaks, Bounds bounds) {
        this.breaks =
                breaks.stream().sorted(Comparator.comparingLong(Break::ordered)).toList();
        this.bounds = bounds;
    }

    private List<Break> breaks(String node) {
        return byNode.computeIfAbsent(
                node,
                unused -> breaks.stream().filter(each -> each.concerns(node)).toList());
    }

    /**
     * By when a node must know the state at a moment: it needs this long without a break, and longer after one.
     *
     * @param afresh whether the moment itself ends a break
     */
    long knownBy(String node, long moment, boolean afresh) {
        long from = moment;
        boolean broken = afresh;
        for (Break each : breaks(node)) {
            if (each.over() <= from) {
                continue;
            }
            long known = from + (broken ? bounds.backAtMost() : bounds.elsewhereAtMost());
            if (known <= each.ordered()) {
                return known;
            }
            from = each.over();
            broken = true;
        }
        return from == Long.MAX_VALUE ? from : from + (broken ? bounds.backAtMost() : bounds.elsewhereAtMost());
    }

    /** The last moment, not after the given one, at which the node can have learned anything. */
    long lastHeard(String node, long moment) {
        long last = moment;
        for (Break each : breaks(node).reversed()) {
            if (each.inForce() <= last && last <= each.over()) {
                last = each.inForce();
            }
        }
        return last;
    }

    /** The earliest time at which a call that began then was decided: a frozen process decides nothing. */
    long firstDecision(String node, long begin) {
        long first = begin;
        for (Break each : breaks(node)) {
            if (each.cause() == Cause.FROZEN && each.inForce() <= first && first < each.lifted()) {
                first = each.lifted();
            }
        }
        return first;
    }

    /** Whether the node was undisturbed all the time, and long enough before to know everything. */
    boolean isUndisturbed(String node, Span time) {
        return breaks(node).stream()
                .noneMatch(each -> each.ordered() <= time.end() && each.over() >= time.begin() - bounds.backAtMost());
    }

    /** The breaks around a call, for display with it. */
    List<Break> around(String node, Span time) {
        return breaks(node).stream()
                .filter(each -> each.ordered() <= time.end() && each.over() >= time.begin() - 2 * bounds.lease())
                .toList();
    }
}
