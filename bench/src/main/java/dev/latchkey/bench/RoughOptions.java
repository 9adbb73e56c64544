package dev.latchkey.bench;

import dev.latchkey.bench.Disturbance.Size;
import dev.latchkey.bench.Ground.Engine;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The options of the rough table.
 *
 * @param processors how many the server has, for each part of the run
 * @param during what happens during the measured load
 * @param seconds how long each row lasts
 * @param warmUpSeconds before the maximum of a server is measured; with 0 nothing is warm
 * @param load the rate of each of the two, in percent of its maximum
 */
record RoughOptions(
        List<Integer> processors,
        List<Engine> engines,
        List<Disturbance> during,
        int seconds,
        int warmUpSeconds,
        int load,
        Size size,
        boolean built) {
    static final String HELP = """
            bench/load --rough[=1,2,4] [--rough-engines=sqlite,postgresql] [--rough-during=quiet,...] [--seconds=8]
              --rough          another table: how calls fare while people do heavy work, on these numbers of processors
              --rough-engines  on which databases
              --rough-during   which rows; quiet is always among them: quiet, sign-ins, searches, import, write-lock,
                               row-locks, idle
              --rough-load     rate of token endpoint and gate, in percent of their maximum; 30
              --seconds, --warm-up, --built, --smoke as above""";

    static boolean areWanted(List<String> arguments) {
        return arguments.stream().anyMatch(argument -> argument.equals("--rough") || argument.startsWith("--rough="));
    }

    static RoughOptions parse(List<String> arguments) {
        boolean smoke = arguments.contains("--smoke");
        List<String> during = words(
                arguments,
                "rough-during",
                String.join(",", Disturbance.ALL.stream().map(Disturbance::name).toList()));
        List<String> known = Disturbance.ALL.stream().map(Disturbance::name).toList();
        if (!known.containsAll(during)) {
            throw new IllegalArgumentException("--rough-during accepts only " + String.join(", ", known));
        }
        return new RoughOptions(
                words(arguments, "rough", "1,2,4").stream()
                        .map(Integer::valueOf)
                        .toList(),
                words(arguments, "rough-engines", "sqlite,postgresql").stream()
                        .map(name -> Engine.valueOf(name.toUpperCase(Locale.ROOT)))
                        .toList(),
                Disturbance.ALL.stream()
                        .filter(each -> each instanceof Disturbance.Quiet || during.contains(each.name()))
                        .toList(),
                Load.Options.number(arguments, "seconds", smoke ? 1 : 8),
                Load.Options.number(arguments, "warm-up", smoke ? 0 : 5),
                Load.Options.number(arguments, "rough-load", 30),
                smoke ? Size.SMALL : Size.FULL,
                arguments.contains("--built"));
    }

    /** How long to wait for replies after the last request was due. */
    Duration patience() {
        return Duration.ofSeconds(Math.min(10, 4 * seconds));
    }

    /** How long a server may take to recover after a disturbance. */
    Duration recovery() {
        return Duration.ofSeconds(Math.min(30, 4 * seconds));
    }

    private static List<String> words(List<String> arguments, String name, String otherwise) {
        return Arrays.asList(Load.Options.text(arguments, name, otherwise).split(",", -1));
    }
}
