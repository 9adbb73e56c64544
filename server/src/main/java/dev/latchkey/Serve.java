package dev.latchkey;

import java.io.PrintStream;
import java.util.concurrent.CountDownLatch;

/** {@code latchkey serve}: runs until it is told to stop. */
final class Serve {
    private final Settings settings;
    private final PrintStream out;

    Serve(Settings settings, PrintStream out) {
        this.settings = settings;
        this.out = out;
    }

    int run() {
        Server server = Server.start(settings);
        // Halting inside the hook is what makes SIGTERM and Ctrl-C exit 0 instead of 143 and 130.
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("shutdown").unstarted(() -> {
                    server.close();
                    Runtime.getRuntime().halt(0);
                }));
        out.println("Latchkey " + Version.current() + " is running at " + server.issuer());
        server.grpcPort().ifPresent(port -> out.println("Envoy may ask over gRPC at port " + port));
        server.setupUrl()
                .ifPresent(
                        url -> out.println("Create the account and its first administrator here (the link works once,"
                                + " for 24 hours):\n\n    " + url + "\n"));
        out.println("Stop it with Ctrl-C.");
        out.flush();
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return 0;
    }
}
