package dev.latchkey.bench;

import dev.latchkey.bench.Disturbance.Scene;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Processor usage by process: in seconds, or in processors on average.
 *
 * @param atNanos the time of the measurement
 * @param server the server under load
 * @param database the database server's processes
 * @param generator the bench itself
 * @param all everything on this machine, and others that share its hardware as far as that is known
 */
record Usage(long atNanos, double server, double database, double generator, double all) {
    static Usage now(Scene scene) {
        return new Usage(
                System.nanoTime(),
                scene.latchkey().served().cpuSeconds(),
                Served.cpuSeconds(scene.ground().processes()),
                Served.cpuSeconds(Stream.of(ProcessHandle.current())),
                everybody());
    }

    /** The first line's numbers: user, nice, system, idle, waiting for disks, interrupts (twice), stolen, and parts of these. */
    private static double everybody() {
        try {
            String[] numbers =
                    Files.readAllLines(Path.of("/proc/stat")).getFirst().split(" +", -1);
            double ticks = 0;
            for (int i = 1; i <= 8; i++) {
                ticks += i == 4 || i == 5 ? 0 : Double.parseDouble(numbers[i]);
            }
            return ticks / Served.TICKS_PER_SECOND;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How many processors each kept busy since then. */
    Usage since(Usage before) {
        double seconds = (atNanos - before.atNanos) / 1e9;
        return new Usage(
                atNanos,
                (server - before.server) / seconds,
                (database - before.database) / seconds,
                (generator - before.generator) / seconds,
                (all - before.all) / seconds);
    }

    /** Server, database, generator, and others, which should be near zero. */
    String text() {
        double others = Math.max(0, all - server - database - generator);
        return Report.number(server) + ", " + Report.number(database) + ", " + Report.number(generator) + ", "
                + Report.number(others);
    }
}
