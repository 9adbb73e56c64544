package dev.latchkey.bench;

import dev.latchkey.bench.Latchkey.Credentials;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What measuring costs: the same calls to a server that measures and to one that does not, in alternating rounds. What the JIT
 * compiler makes of the same code differs from start to start by more than measuring costs, so there are several pairs of
 * servers.
 */
final class MetricsCost {
    private static final int CONNECTIONS = 16;
    private static final int ROUNDS_EACH = 5;
    private static final int SECONDS = 1;

    private final List<String> command;
    private final Path folder;
    private final Generator generator;
    private final Load.Options options;
    private final Map<String, Cost> costs = new LinkedHashMap<>();

    /** The rounds of one call, those with and without metrics side by side. */
    record Cost(List<Sample> on, List<Sample> off) {}

    MetricsCost(List<String> command, Path folder, Generator generator, Load.Options options) {
        this.command = command;
        this.folder = folder;
        this.generator = generator;
        this.options = options;
    }

    /** A server, and what is called. */
    private record Side(Latchkey latchkey, List<Call> calls) {
        static Side of(Latchkey latchkey) {
            latchkey.registerApi();
            Credentials program = latchkey.createToken("\"role\":\"caller\"");
            return new Side(
                    latchkey, List.of(latchkey.gate(latchkey.accessTokenForApi(program)), latchkey.token(program)));
        }
    }

    /** By the name of the call. */
    Map<String, Cost> measured() {
        for (int pair = 0; pair < options.rounds(); pair++) {
            try (Latchkey measuring = started("measuring" + pair, "on");
                    Latchkey other = started("not-measuring" + pair, "off")) {
                measure(Side.of(measuring), Side.of(other));
            }
        }
        return costs;
    }

    private Latchkey started(String name, String metrics) {
        return Latchkey.start(command, folder.resolve(name), Map.of("LATCHKEY_METRICS", metrics));
    }

    private void measure(Side on, Side off) {
        for (int call = 0; call < on.calls().size(); call++) {
            if (options.warmUpSeconds() > 0) {
                round(on, call, options.warmUpSeconds());
                round(off, call, options.warmUpSeconds());
            }
            Cost cost = costs.computeIfAbsent(
                    on.calls().get(call).name(), name -> new Cost(new ArrayList<>(), new ArrayList<>()));
            // Many short rounds: some of them are undisturbed by what else the machine does.
            for (int round = 0; round < ROUNDS_EACH * options.rounds(); round++) {
                // Each goes first every other time.
                if (round % 2 == 0) {
                    cost.on().add(round(on, call, SECONDS));
                    cost.off().add(round(off, call, SECONDS));
                } else {
                    cost.off().add(round(off, call, SECONDS));
                    cost.on().add(round(on, call, SECONDS));
                }
            }
        }
    }

    private Sample round(Side side, int call, int seconds) {
        return generator.most(side.latchkey().served(), side.calls().get(call), CONNECTIONS, seconds, "");
    }
}
