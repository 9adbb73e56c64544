package dev.latchkey;

import dev.latchkey.lane.Timetable;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The running service: its {@link Parts} and {@link Handlers}, what time brings, and the ports where it listens. */
final class Server implements AutoCloseable {
    private final Addresses addresses;
    private final Parts parts;
    private final Readiness readiness;
    private final Housekeeping housekeeping;
    private final Doors doors;
    private final OpenParts open;

    private Server(
            Addresses addresses,
            Parts parts,
            Readiness readiness,
            Housekeeping housekeeping,
            Doors doors,
            OpenParts open) {
        this.addresses = addresses;
        this.parts = parts;
        this.readiness = readiness;
        this.housekeeping = housekeeping;
        this.doors = doors;
        this.open = open;
    }

    static Server start(Settings settings) {
        return start(settings, Clock.systemUTC());
    }

    static Server start(Settings settings, Clock clock) {
        OpenParts open = new OpenParts();
        try {
            return start(settings, clock, open);
        } catch (RuntimeException | Error e) {
            open.close();
            throw e;
        }
    }

    private static Server start(Settings settings, Clock clock, OpenParts open) {
        Addresses addresses = Addresses.of(settings);
        Parts parts = new Parts(settings, addresses, clock, open);
        parts.events.begin(parts.historyRecovery);
        Readiness readiness = new Readiness(parts.database, parts.events);
        Handlers handlers = Handlers.of(parts, addresses, readiness, settings, open);
        new UnattendedSetUp(parts.setup, parts.drafts, parts.database).run(settings);
        Housekeeping housekeeping = timetable(parts, open);
        Doors doors = Doors.open(settings, addresses, handlers, parts.gate, open);
        return new Server(addresses, parts, readiness, housekeeping, doors, open);
    }

    /** What happens because time passes. The log ({@code EventLog}) and the certificates ({@code HttpServer}) look by themselves. */
    private static Housekeeping timetable(Parts parts, OpenParts open) {
        Housekeeping housekeeping = new Housekeeping(List.of(
                parts.database::keepReserve,
                parts.keptBeside::keepUpBeside,
                parts.sessions::deleteExpired,
                parts.drafts::deleteStale,
                parts.revoked::deleteExpired,
                parts.signingKeys::keepUp,
                parts.database::keepStatistics));
        Timetable timetable = open.add(new Timetable());
        parts.refused.addTo(timetable);
        parts.lastAccess.addTo(timetable);
        housekeeping.addTo(timetable);
        // These two do not wait for the first minute to pass.
        Thread.ofPlatform().daemon().name("reserve").start(parts.database::keepReserve);
        parts.keptBeside.keepUpBeside();
        return housekeeping;
    }

    String issuer() {
        return addresses.issuer();
    }

    int port() {
        return doors.port();
    }

    /** Where Envoy may ask over gRPC; empty when nowhere. */
    Optional<Integer> grpcPort() {
        return Optional.ofNullable(doors.grpcPort());
    }

    /** What the demo fills, and stands before its API. */
    Parts parts() {
        return parts;
    }

    /** Does now what is done every minute anyway. */
    void keepHouse() {
        housekeeping.run();
    }

    /** Where to create the account; empty when there is one. */
    Optional<String> setupUrl() {
        return parts.setup.openLink().map(secret -> addresses.issuer() + "/setup/" + secret);
    }

    /**
     * Stops so that nobody loses a request: readiness says no at once, and after the delay no connection is taken in any
     * more. {@link #close} comes afterwards.
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
