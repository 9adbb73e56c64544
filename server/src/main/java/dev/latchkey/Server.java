package dev.latchkey;

import dev.latchkey.lane.Timetable;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The running service: its {@link Parts} and {@link Handlers}, its timetable, and the ports on which it listens. */
final class Server implements AutoCloseable {
    private final Addresses addresses;
    private final Parts parts;
    private final Readiness readiness;
    private final Housekeeping housekeeping;
    private final Optional<String> setupSecret;
    private final Doors doors;
    private final OpenParts open;

    private Server(
            Addresses addresses,
            Parts parts,
            Readiness readiness,
            Housekeeping housekeeping,
            Optional<String> setupSecret,
            Doors doors,
            OpenParts open) {
        this.addresses = addresses;
        this.parts = parts;
        this.readiness = readiness;
        this.housekeeping = housekeeping;
        this.setupSecret = setupSecret;
        this.doors = doors;
        this.open = open;
    }

    static Server start(Settings settings) {
        return start(settings, SystemClock.UTC);
    }

    static Server start(Settings settings, Clock clock) {
        return start(new LiveSettings(settings), clock);
    }

    static Server start(LiveSettings settings) {
        return start(settings, SystemClock.UTC);
    }

    static Server start(LiveSettings settings, Clock clock) {
        OpenParts open = new OpenParts();
        try {
            return start(settings, clock, open);
        } catch (RuntimeException | Error e) {
            open.close();
            throw e;
        }
    }

    private static Server start(LiveSettings live, Clock clock, OpenParts open) {
        Settings settings = live.atStart();
        Addresses addresses = Addresses.of(settings);
        Parts parts = new Parts(live, addresses, SystemClock.ticking(clock), open);
        parts.events.begin(parts.historyRecovery);
        Readiness readiness = new Readiness(parts.database, parts.events);
        Handlers handlers = Handlers.of(parts, addresses, readiness, settings, open);
        new UnattendedSetup(parts.setup, parts.drafts, parts.database).run(settings);
        // Read before the ports open: what needs the database belongs to the start, which may fail because of it.
        Optional<String> setupSecret = parts.setup.openLink();
        Housekeeping housekeeping = timetable(parts, handlers, open);
        Doors doors = Doors.open(live, addresses, handlers, parts, open);
        return new Server(addresses, parts, readiness, housekeeping, setupSecret, doors, open);
    }

    /**
     * Schedules what happens at intervals. {@code EventLog} and {@code HttpServer}, for its certificates, have schedules of
     * their own.
     */
    private static Housekeeping timetable(Parts parts, Handlers handlers, OpenParts open) {
        Housekeeping housekeeping = new Housekeeping(List.of(
                parts.database::keepReserve,
                parts.tokenUpkeep::keepUpInBackground,
                parts.sessions::deleteExpired,
                parts.drafts::deleteStale,
                parts.revoked::deleteExpired,
                parts.signingKeys::keepUp,
                parts.usageRetention::deleteOld,
                parts.leases::keepUp,
                parts.database::keepStatistics,
                parts.nodes::beat,
                handlers.lanes()::look,
                handlers.trials()::keepUp,
                parts.lastWeeks::keepUp));
        Timetable timetable = open.add(new Timetable());
        parts.refused.addTo(timetable);
        parts.lastAccess.addTo(timetable);
        parts.usageCounter.addTo(timetable);
        parts.leases.addTo(timetable);
        housekeeping.addTo(timetable);
        Observed.show(parts, timetable);
        // These do not wait for the first minute to pass.
        Thread.ofPlatform().daemon().name("reserve").start(parts.database::keepReserve);
        parts.tokenUpkeep.keepUpInBackground();
        parts.nodes.begin();
        return housekeeping;
    }

    String issuer() {
        return addresses.issuer();
    }

    int port() {
        return doors.port();
    }

    /** The port for Envoy's gRPC checks; empty for none. */
    Optional<Integer> grpcPort() {
        return Optional.ofNullable(doors.grpcPort());
    }

    /** The port for metrics; empty for none. */
    Optional<Integer> metricsPort() {
        return Optional.ofNullable(doors.metricsPort());
    }

    /** For the demo, which fills them with data and uses the gate. */
    Parts parts() {
        return parts;
    }

    /** Runs now what runs every minute anyway. */
    void keepHouse() {
        housekeeping.run();
    }

    /** The link for creating the account; empty when there is one already. */
    Optional<String> setupUrl() {
        return setupSecret.map(secret -> addresses.issuer() + "/setup/" + secret);
    }

    /**
     * Stops without losing a request: readiness answers 503 at once, and after the delay no new connections are accepted.
     * Call {@link #close} afterwards.
     */
    void leave(Duration delay) {
        readiness.stop();
        doors.leave(delay);
    }

    /** Finishes the requests in flight, writes what is still in memory, and closes everything. */
    @Override
    public void close() {
        open.close();
    }
}
