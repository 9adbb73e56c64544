package dev.latchkey;

import java.time.Duration;

/** The one place where tests wait: for something that happens, and not longer than a busy machine needs for it. */
public final class Waiting {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration PAUSE = Duration.ofMillis(10);

    private Waiting() {}

    /** A condition that may hold, or not yet. */
    public interface Condition {
        boolean holds() throws Exception;
    }

    /**
     * Returns as soon as the condition holds.
     *
     * @param what is waited for, as words that follow "Waited 30 s for"
     */
    public static void until(String what, Condition condition) {
        until(what, PATIENCE, condition);
    }

    /** The same with a different time limit. */
    public static void until(String what, Duration patience, Condition condition) {
        long end = System.nanoTime() + patience.toNanos();
        while (!holds(condition)) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("Waited " + patience.toSeconds() + " s for " + what);
            }
            pause(PAUSE);
        }
    }

    private static boolean holds(Condition condition) {
        try {
            return condition.holds();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Between two steps of a caller who is slow, or has to pause. It never replaces waiting for something. */
    public static void pause(Duration pause) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
