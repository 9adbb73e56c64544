package dev.latchkey.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Which CPUs run what: a server with a number of processors gets as many CPUs for itself, and the rest of the bench gets what is
 * left. If nothing is left, they share all.
 *
 * @param number the number with which the server is configured
 * @param ofServer the CPUs that it gets, which are fewer when the machine has fewer
 * @param ofOthers the CPUs of the load generator and of the database server
 */
record Processors(int number, List<Integer> ofServer, List<Integer> ofOthers) {
    static Processors share(int number, List<Integer> all) {
        int given = Math.min(number, all.size());
        return new Processors(number, all.subList(0, given), given < all.size() ? all.subList(given, all.size()) : all);
    }

    /** The CPUs that this process may use. */
    static List<Integer> all() {
        String list = field(Path.of("/proc/self/status"), "Cpus_allowed_list:");
        List<Integer> all = new ArrayList<>();
        for (String part : list.split(",", -1)) {
            String[] ends = part.split("-", -1);
            IntStream.rangeClosed(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]))
                    .forEach(all::add);
        }
        return List.copyOf(all);
    }

    private static String field(Path file, String name) {
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> line.startsWith(name))
                    .findFirst()
                    .orElseThrow()
                    .substring(name.length())
                    .strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The prefix of a server's command. */
    List<String> prefix() {
        return List.of("taskset", "-c", list(ofServer));
    }

    /** The JVM option for their number. */
    String option() {
        return "-XX:ActiveProcessorCount=" + number;
    }

    /** Moves a process, with all its threads, to where the server is not. */
    void moveAway(long process) {
        move(process, ofOthers);
    }

    static void move(long process, List<Integer> to) {
        Generator.run(List.of("taskset", "-a", "-c", "-p", list(to), Long.toString(process)));
    }

    /** Whether the server shares its CPUs with the generator. */
    boolean shared() {
        return ofServer.equals(ofOthers);
    }

    String text() {
        String cpus = ofServer.size() == number ? "" : " on " + ofServer.size() + " CPUs";
        return number + cpus + (shared() ? ", shared" : "");
    }

    private static String list(List<Integer> cpus) {
        return cpus.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
}
