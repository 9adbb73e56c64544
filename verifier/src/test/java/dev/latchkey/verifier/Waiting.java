package dev.latchkey.verifier;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** The one place where tests wait: for something that happens, and not longer than a busy machine needs for it. */
final class Waiting {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private Waiting() {}

    /** Returns as soon as the condition holds. */
    static void until(BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("Waited " + PATIENCE.toSeconds() + " s in vain");
            }
            pause(Duration.ofMillis(10));
        }
    }

    /** How long a server that is slow takes, and nothing else. */
    static void pause(Duration pause) {
        try {
            Thread.sleep(pause.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
