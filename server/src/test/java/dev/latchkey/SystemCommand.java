package dev.latchkey;

import java.io.IOException;

/** A command of the system, such as {@code mount}, which only root may: where it fails, a test is skipped. */
public final class SystemCommand {
    private SystemCommand() {}

    /** Whether it was there and ended with 0. */
    public static boolean succeeds(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
