package dev.latchkey.bench;

import dev.latchkey.bench.Disturbance.Size;
import dev.latchkey.bench.Ground.Engine;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What to measure for the rough table.
 *
 * @param processors how many the server has, one number after the other
 * @param beside what goes on beside the measured load
 * @param seconds how long each row lasts
 * @param warmUpSeconds before the most of a server is measured; with 0 nothing is warm
 * @param load which part of its most each of the two is asked for, in percent
 */
record RoughOptions(
        List<Integer> processors,
        List<Engine> engines,
        List<Disturbance> beside,
        int seconds,
        int warmUpSeconds,
        int load,
        Size size,
        boolean built) {
    static final String HELP = """
            bench/load --rough[=1,2,4] [--rough-engines=sqlite,postgresql] [--rough-beside=quiet,...] [--seconds=8]
              --rough          another table: how calls fare while people do heavy work, on so many processors
              --rough-engines  on which databases
              --rough-beside   which rows; quiet is always among them: quiet, sign-ins, searches, import, write-lock,
                               row-locks, idle
              --rough-load     percent of its most at which each of token endpoint and gate is called; 30
              --seconds, --warm-up, --built, --smoke as above""";

    static boolean areWanted(List<String> arguments) {
        return arguments.stream().anyMatch(argument -> argument.equals("--rough") || argument.startsWith("--rough="));
    }

    static RoughOptions parse(List<String> arguments) {
        boolean smoke = arguments.contains("--smoke");
        List<String> beside = words(
                arguments,
                "rough-beside",
                String.join(",", Disturbance.ALL.stream().map(Disturbance::name).toList()));
        List<String> known = Disturbance.ALL.stream().map(Disturbance::name).toList();
        if (!known.containsAll(beside)) {
            throw new IllegalArgumentException("--rough-beside knows " + String.join(", ", known));
        }
        return new RoughOptions(
                words(arguments, "rough", "1,2,4").stream()
                        .map(Integer::valueOf)
                        .toList(),
                words(arguments, "rough-engines", "sqlite,postgresql").stream()
                        .map(name -> Engine.valueOf(name.toUpperCase(Locale.ROOT)))
                        .toList(),
                Disturbance.ALL.stream()
                        .filter(each -> each instanceof Disturbance.Quiet || beside.contains(each.name()))
                        .toList(),
                Load.Options.number(arguments, "seconds", smoke ? 1 : 8),
                Load.Options.number(arguments, "warm-up", smoke ? 0 : 5),
                Load.Options.number(arguments, "rough-load", 30),
                smoke ? Size.SMALL : Size.FULL,
                arguments.contains("--built"));
    }

    /** For answers that are still to come when the last request was due. */
    Duration patience() {
        return Duration.ofSeconds(Math.min(10, 4 * seconds));
    }

    /** How long a server may take to be as it was before, when a disturbance is over. */
    Duration recovery() {
        return Duration.ofSeconds(Math.min(30, 4 * seconds));
    }

    private static List<String> words(List<String> arguments, String name, String otherwise) {
        return Arrays.asList(Load.Options.text(arguments, name, otherwise).split(",", -1));
    }
}
