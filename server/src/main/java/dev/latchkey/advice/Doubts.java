package dev.latchkey.advice;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Collects the doubts that matter to a window: those about everything, and those about the privileges of one API. */
final class Doubts {
    private final Instant from;
    private final Map<Reason, Same> general = new EnumMap<>(Reason.class);
    private final Map<String, Map<Reason, Same>> byApi = new HashMap<>();

    /** The doubts with one reason, of which people are told the newest. */
    private static final class Same {
        private final Set<String> causes = new HashSet<>();
        private Doubt newest;

        Same(Doubt first) {
            newest = first;
        }

        void add(Doubt doubt) {
            causes.add(doubt.about());
            if (doubt.until().isAfter(newest.until())) {
                newest = doubt;
            }
        }

        Doubt told() {
            return newest.with(causes.size() - 1L);
        }
    }

    /** @param from when the window begins */
    Doubts(Instant from) {
        this.from = from;
    }

    /** Adds a doubt unless it ended before the window. */
    void add(Doubt doubt) {
        if (doubt.matters(from)) {
            add(general, doubt);
        }
    }

    void add(String api, Doubt doubt) {
        if (doubt.matters(from)) {
            keep(api, doubt);
        }
    }

    /** Adds a doubt whenever it ended. */
    void keep(String api, Doubt doubt) {
        add(byApi.computeIfAbsent(api, unused -> new EnumMap<>(Reason.class)), doubt);
    }

    private static void add(Map<Reason, Same> to, Doubt doubt) {
        to.computeIfAbsent(doubt.reason(), unused -> new Same(doubt)).add(doubt);
    }

    List<Doubt> general() {
        return told(general);
    }

    List<Doubt> of(String api) {
        return told(byApi.getOrDefault(api, Map.of()));
    }

    private static List<Doubt> told(Map<Reason, Same> doubts) {
        List<Doubt> told = new ArrayList<>();
        doubts.values().forEach(same -> told.add(same.told()));
        return told;
    }
}
