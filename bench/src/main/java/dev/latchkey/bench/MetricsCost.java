package dev.latchkey.bench;

import dev.latchkey.bench.Latchkey.Credentials;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What measuring costs: the same calls to a server that measures and to one that does not, in alternating rounds. What the JIT
 * compiler makes of the same code differs from start to start by more than measuring costs, so there are several pairs.
 */
final class MetricsCost {
    private static final int CONNECTIONS = 16;

    private final List<String> command;
    private final Path folder;
    private final Generator generator;
    private final Load.Options options;
    private final Map<String, List<Sample>> samples = new LinkedHashMap<>();

    MetricsCost(List<String> command, Path folder, Generator generator, Load.Options options) {
        this.command = command;
        this.folder = folder;
        this.generator = generator;
        this.options = options;
    }

    /** A server, and the calls that are made to it. */
    private record Side(String name, Latchkey latchkey, List<Call> calls) {
        static Side of(String name, Latchkey latchkey) {
            latchkey.registerApi();
            Credentials program = latchkey.createToken("\"role\":\"caller\"");
            return new Side(
                    name, latchkey, List.of(latchkey.gate(latchkey.accessTokenForApi(program)), latchkey.token(program)));
        }
    }

    /** The samples of each call, with and without metrics. */
    Map<String, List<Sample>> measured() {
        for (int pair = 0; pair < options.rounds(); pair++) {
            try (Latchkey measuring = started("measuring" + pair, "on");
                    Latchkey other = started("not-measuring" + pair, "off")) {
                // In turn, because the second one to be warmed up could be at an advantage.
                Side on = Side.of("metrics on", measuring);
                Side off = Side.of("metrics off", other);
                pair(pair % 2 == 0 ? List.of(on, off) : List.of(off, on));
            }
        }
        return samples;
    }

    private Latchkey started(String name, String metrics) {
        return Latchkey.start(command, folder.resolve(name), Map.of("LATCHKEY_METRICS", metrics));
    }

    private void pair(List<Side> sides) {
        if (options.warmUpSeconds() > 0) {
            each(sides, (side, call) -> generator.most(side.latchkey().served(), call, CONNECTIONS, options.warmUpSeconds(), ""));
        }
        for (int round = 0; round < options.rounds(); round++) {
            each(sides, (side, call) -> samples.computeIfAbsent(call.name() + ", " + side.name(), unused -> new ArrayList<>())
                    .add(generator.most(side.latchkey().served(), call, CONNECTIONS, options.seconds(), "")));
        }
    }

    private interface Measured {
        void of(Side side, Call call);
    }

    private static void each(List<Side> sides, Measured measured) {
        for (int i = 0; i < sides.getFirst().calls().size(); i++) {
            for (Side side : sides) {
                measured.of(side, side.calls().get(i));
            }
        }
    }
}
