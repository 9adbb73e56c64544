package dev.latchkey.bench.chaos;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What to do, for how long, and with which seed.
 *
 * @param slack for machines that are too busy for the promised times; see {@link Bounds}
 */
record ChaosOptions(Engine engine, Duration time, long seed, Duration slack) {
    enum Engine {
        SQLITE,
        POSTGRESQL;

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static final String HELP = """
            bench/chaos --engine postgresql|sqlite [--minutes N] [--seed S] [--slack MILLISECONDS]
              --engine    three nodes on a primary and a standby, or one node on a file
              --minutes   for how long things are broken; 5 by default, at most 1440
              --seed      determines what is broken when; random by default
              --slack     added to the promised times, for a machine that is too busy for them; 0 by default""";

    private static final List<String> KNOWN = List.of("--engine", "--minutes", "--seconds", "--seed", "--slack");
    private static final int MOST_MINUTES = 1_440;

    /** @throws IllegalArgumentException with what is wrong */
    static ChaosOptions parse(List<String> arguments) {
        Engine engine = null;
        Duration time = Duration.ofMinutes(5);
        long seed = ThreadLocalRandom.current().nextLong(1_000_000);
        Duration slack = Duration.ZERO;
        for (int i = 0; i < arguments.size(); i++) {
            String[] parts = arguments.get(i).split("=", 2);
            if (!KNOWN.contains(parts[0])) {
                throw new IllegalArgumentException("unknown: " + parts[0]);
            }
            if (parts.length == 1 && i + 1 == arguments.size()) {
                throw new IllegalArgumentException(parts[0] + " needs a value");
            }
            String value = parts.length == 2 ? parts[1] : arguments.get(++i);
            switch (parts[0]) {
                case "--engine" -> engine = engine(value);
                case "--minutes" -> time = Duration.ofMinutes(number(parts[0], value, 1, MOST_MINUTES));
                case "--seconds" -> time = Duration.ofSeconds(number(parts[0], value, 1, MOST_MINUTES * 60L));
                case "--seed" -> seed = number(parts[0], value, 0, Long.MAX_VALUE);
                default -> slack = Duration.ofMillis(number(parts[0], value, 0, 60_000));
            }
        }
        if (engine == null) {
            throw new IllegalArgumentException("--engine is missing");
        }
        return new ChaosOptions(engine, time, seed, slack);
    }

    private static Engine engine(String text) {
        for (Engine engine : Engine.values()) {
            if (engine.text().equals(text)) {
                return engine;
            }
        }
        throw new IllegalArgumentException("--engine is postgresql or sqlite, not " + text);
    }

    private static long number(String name, String text, long least, long most) {
        try {
            long number = Long.parseLong(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Reported below.
        }
        throw new IllegalArgumentException(name + " is a number from " + least + " to " + most + ", not " + text);
    }
}
