package dev.latchkey;

import dev.latchkey.lane.Timetable;
import dev.latchkey.observe.Census;
import dev.latchkey.observe.Gauges;
import dev.latchkey.observe.NodeGauges;
import java.time.Duration;

/** Lists what the parts tell about themselves and the metrics show, apart from what the recorders record. */
final class Observed {
    private static final Duration CENSUS_EACH = Duration.ofMinutes(1);

    private Observed() {}

    static void show(Parts parts, Timetable timetable) {
        parts.metrics.show(gauges -> {
            lanes(parts, gauges);
            memory(parts, gauges);
            throttles(parts, gauges);
            parts.database.pools().forEach(gauges::pool);
            node(parts, gauges.node());
            count(parts.census, timetable);
            gauges.jvm();
        });
    }

    /** Handlers have further lanes and add them themselves. */
    private static void lanes(Parts parts, Gauges gauges) {
        parts.database.lanes().forEach(gauges::lane);
        parts.hashes.lanes().forEach(gauges::lane);
        parts.credentials.lanes().forEach(gauges::lane);
        gauges.lane(parts.signingKeys.current()::lane);
        gauges.lane(parts.documents::lane);
        gauges.lane(parts.tokenUpkeep::lane);
    }

    private static void memory(Parts parts, Gauges gauges) {
        parts.credentials.caches().forEach(gauges::cache);
        gauges.cache("access tokens", parts.accessTokens::cache);
        gauges.memory("used assertions", parts.usedAssertions::size);
        gauges.memory("used proofs", parts.usedProofs::size);
        gauges.memory("revoked access tokens", parts.revoked::size);
        gauges.memory("limits", parts.limiter::counted);
    }

    private static void throttles(Parts parts, Gauges gauges) {
        parts.signIn.throttles().forEach(gauges::throttle);
        parts.credentials.throttles().forEach(gauges::throttle);
        gauges.throttle("current password", parts.passwords::throttle);
    }

    private static void node(Parts parts, NodeGauges node) {
        node.build(Version.current(), parts.database.dialect().name());
        node.log(parts.events);
        node.database(parts.database);
        node.signingKeys(parts.signingKeys.current());
        node.census(parts.census);
    }

    private static void count(Census census, Timetable timetable) {
        timetable
                .every(CENSUS_EACH, "census", census::count, "What metrics show cannot be counted now; trying again")
                .soon();
    }
}
