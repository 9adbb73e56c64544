package dev.latchkey;

import dev.latchkey.lane.Timetable;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import sun.misc.Signal;

/** {@code latchkey serve}: runs the service until it is told to stop. */
final class Serve {
    private static final Duration FILE_CHECK = Duration.ofSeconds(1);

    private final SettingsSource source;
    private final LiveSettings settings;
    private final PrintStream out;
    private final CompletableFuture<Signal> toldToStop = new CompletableFuture<>();

    /** @param settings as they were read from the source */
    Serve(SettingsSource source, Settings settings, PrintStream out) {
        this.source = source;
        this.settings = new LiveSettings(settings);
        this.out = out;
    }

    int run() {
        SettingsReload reload = new SettingsReload(source, settings);
        on("HUP", signal -> reload.read());
        Server server = Server.start(settings);
        Timetable timetable = new Timetable();
        timetable.every(FILE_CHECK, "settings", reload::look, "The settings file cannot be checked for changes");
        out.println("Latchkey " + Version.current() + " is running at " + server.issuer());
        server.grpcPort().ifPresent(port -> out.println("Envoy can ask over gRPC on port " + port));
        server.metricsPort().ifPresent(port -> out.println("Metrics are on port " + port));
        server.setupUrl()
                .ifPresent(
                        url -> out.println("Create the account and its first administrator here (the link works once,"
                                + " for 24 hours):\n\n    " + url + "\n"));
        out.println("Stop it with Ctrl-C.");
        out.flush();
        on("TERM", this::stop);
        on("INT", this::stop);
        Signal told = toldToStop.join();
        timetable.close();
        // A person who presses Ctrl-C has no balancer, and is waiting.
        server.leave(told.getName().equals("INT") ? Duration.ZERO : settings.stopDelay());
        server.close();
        return 0;
    }

    /** The second signal stops it at once, which loses nothing that was acknowledged. */
    private void stop(Signal signal) {
        if (!toldToStop.complete(signal)) {
            Runtime.getRuntime().halt(128 + signal.getNumber());
        }
    }

    private static void on(String name, Consumer<Signal> action) {
        try {
            Signal.handle(new Signal(name), action::accept);
        } catch (IllegalArgumentException e) {
            // Not every system has every signal; then the default remains.
        }
    }
}
