package dev.latchkey.bench.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A command that runs until it ends. */
record Command(List<String> words, Map<String, String> environment) {
    /**
     * How it ended.
     *
     * @param said its output
     */
    record Result(int status, String said) {}

    static Command of(String... words) {
        return new Command(List.of(words), Map.of());
    }

    /** The same, run as a different user. */
    Command as(List<String> prefix) {
        List<String> all = new ArrayList<>(prefix);
        all.addAll(words);
        return new Command(all, environment);
    }

    Result result() {
        ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
        // Settings are strict: a variable of this process that is meant for something else would be refused.
        builder.environment().keySet().removeIf(each -> each.startsWith("LATCHKEY_"));
        builder.environment().putAll(environment);
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Result(process.waitFor(), said);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Its output; it must succeed. */
    String run() {
        Result result = result();
        if (result.status() != 0) {
            throw new IllegalStateException(
                    String.join(" ", words) + " ended with " + result.status() + ":\n" + result.said());
        }
        return result.said();
    }
}
