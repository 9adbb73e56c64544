package dev.latchkey;

import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import sun.misc.Signal;

/** {@code latchkey serve}: runs until it is told to stop. */
final class Serve {
    private final Settings settings;
    private final PrintStream out;
    private final CompletableFuture<Signal> toldToStop = new CompletableFuture<>();

    Serve(Settings settings, PrintStream out) {
        this.settings = settings;
        this.out = out;
    }

    int run() {
        // Told that its terminal is gone, or to read its settings again, as other services are. It has no use for
        // either.
        on("HUP", signal -> {});
        Server server = Server.start(settings);
        out.println("Latchkey " + Version.current() + " is running at " + server.issuer());
        server.grpcPort().ifPresent(port -> out.println("Envoy may ask over gRPC at port " + port));
        server.setupUrl()
                .ifPresent(
                        url -> out.println("Create the account and its first administrator here (the link works once,"
                                + " for 24 hours):\n\n    " + url + "\n"));
        out.println("Stop it with Ctrl-C.");
        out.flush();
        on("TERM", this::stop);
        on("INT", this::stop);
        Signal told = toldToStop.join();
        // Whoever presses Ctrl-C has no balancer, and waits.
        server.leave(told.getName().equals("INT") ? Duration.ZERO : settings.stopDelay());
        server.close();
        return 0;
    }

    /** Asked twice, it does not finish anything: nothing that was answered is lost by that. */
    private void stop(Signal signal) {
        if (!toldToStop.complete(signal)) {
            Runtime.getRuntime().halt(128 + signal.getNumber());
        }
    }

    private static void on(String name, Consumer<Signal> action) {
        try {
            Signal.handle(new Signal(name), action::accept);
        } catch (IllegalArgumentException e) {
            // Not every system has every signal; what it does then is the usual.
        }
    }
}
