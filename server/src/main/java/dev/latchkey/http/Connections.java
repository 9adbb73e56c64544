package dev.latchkey.http;

import dev.latchkey.lane.Seldom;
import java.net.InetAddress;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Limits how many connections are open, on all ports together. One address (for IPv6, one /64 network) has a limit;
 * trusted proxies have none, because they carry everyone's requests. The limit for all together locks no one out: for a
 * new connection, idle ones are closed, first those of the network that has the most, and of these the ones that have
 * been idle for longest. Connections of proxies go last.
 */
public final class Connections {
    private static final Logger log = LoggerFactory.getLogger(Connections.class);

    /** How many connections one address may have unless the operator sets another limit. */
    public static final int MOST_OF_ONE_ADDRESS = 1_000;

    private static final int MOST = 10_000;
    /** The files that the process needs apart from connections: the database, its files, libraries, TLS files. */
    private static final int OTHER_FILES = 500;

    /** Bytes of answers that callers have not read yet. */
    private static final long MOST_HELD = 64 * 1024 * 1024;

    private static final long MOST_HELD_OF_ONE_ADDRESS = 8 * 1024 * 1024;
    private static final int LEAVING_AT_ONCE = 50;

    private static final Comparator<Candidate> WHO_LEAVES_FIRST = Comparator.comparing(Candidate::proxy)
            .thenComparing(Comparator.comparingInt(Candidate::siblings).reversed())
            .thenComparing(Comparator.comparingLong(Candidate::idleNanos).reversed());

    private final int most;
    private final Supplier<Integer> mostOfOneAddress;
    private final Supplier<List<AddressRange>> proxies;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Owner, Network> networks = new HashMap<>();
    private final Set<Place> open = new HashSet<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong held = new AtomicLong();
    private final LongAdder refused = new LongAdder();
    private final Seldom warning = new Seldom();

    /**
     * Uses the usual limit for all together, or a lower one when the process may not open that many files.
     *
     * @param mostOfOneAddress how many connections one address may have; those that it has stay when that becomes less
     * @param proxies the addresses to which that limit does not apply, for connections from now on
     */
    public Connections(Supplier<Integer> mostOfOneAddress, Supplier<List<AddressRange>> proxies) {
        this(Math.min(MOST, Math.max(1, OpenFiles.most() - OTHER_FILES)), mostOfOneAddress, proxies);
    }

    Connections(int most, int mostOfOneAddress, List<AddressRange> proxies) {
        this(most, () -> mostOfOneAddress, () -> proxies);
    }

    private Connections(int most, Supplier<Integer> mostOfOneAddress, Supplier<List<AddressRange>> proxies) {
        this.most = most;
        this.mostOfOneAddress = mostOfOneAddress;
        this.proxies = proxies;
    }

    private record Owner(String network, boolean proxy) {}

    /** The callers whose connections are counted together. */
    private static final class Network {
        private final Owner owner;
        private int connections;
        private final AtomicInteger waiting = new AtomicInteger();
        private final AtomicLong held = new AtomicLong();

        Network(Owner owner) {
            this.owner = owner;
        }
    }

    private record Candidate(Place place, boolean proxy, int siblings, long idleNanos) {}

    /** One open connection, and what it uses. */
    final class Place {
        private final Network network;
        private final AtomicInteger requests = new AtomicInteger();
        private volatile long idleSince = System.nanoTime();
        private volatile @Nullable Runnable closing;

        private Place(Network network) {
            this.network = network;
        }

        /** @param how closes the connection when it has to make room */
        void closeWith(Runnable how) {
            closing = how;
        }

        /** The connection was active until now, and has no request in progress. */
        void isIdleFromNowOn() {
            idleSince = System.nanoTime();
        }

        /** A request has arrived; the connection does not have to make room until it ends. */
        void requestBegins() {
            requests.incrementAndGet();
        }

        void requestEnds() {
            isIdleFromNowOn();
            requests.decrementAndGet();
        }

        boolean hasRequests() {
            return requests.get() > 0;
        }

        /**
         * Whether one more request may wait for the rest of its body. An HTTP/2 connection carries many, and each takes
         * memory while it waits, so they are limited like connections. If it may, {@link #stopsWaiting} must follow.
         */
        boolean mayWait() {
            int ofNetwork = network.waiting.incrementAndGet();
            int ofAll = waiting.incrementAndGet();
            if (ofAll <= most && (ofNetwork <= mostOfOneAddress.get() || network.owner.proxy())) {
                return true;
            }
            stopsWaiting();
            return false;
        }

        void stopsWaiting() {
            network.waiting.decrementAndGet();
            waiting.decrementAndGet();
        }

        /**
         * Whether an answer of this size may be kept until the caller has read it. A caller who sends requests and
         * reads no answers would fill the memory. If it may, {@link #stopsHolding} must follow.
         */
        boolean mayHold(long bytes) {
            long ofNetwork = network.held.addAndGet(bytes);
            long ofAll = held.addAndGet(bytes);
            if (ofAll <= MOST_HELD && (ofNetwork <= MOST_HELD_OF_ONE_ADDRESS || network.owner.proxy())) {
                return true;
            }
            stopsHolding(bytes);
            return false;
        }

        void stopsHolding(long bytes) {
            network.held.addAndGet(-bytes);
            held.addAndGet(-bytes);
        }

        /** Notes that the connection is closed. Further calls have no effect. */
        void leave() {
            lock.lock();
            try {
                forget(this);
            } finally {
                lock.unlock();
            }
        }
    }

    /** Admits a new connection; empty when it must be refused. */
    Optional<Place> admit(InetAddress address) {
        Optional<Place> place = placeFor(address);
        if (place.isEmpty()) {
            refused.increment();
        }
        return place;
    }

    /** How many connections were refused. */
    public long refused() {
        return refused.sum();
    }

    private Optional<Place> placeFor(InetAddress address) {
        InetAddress peer = AddressRange.withoutZone(address);
        boolean proxy = proxies.get().stream().anyMatch(range -> range.contains(peer));
        Owner owner = new Owner(Throttle.network(peer.getHostAddress()), proxy);
        List<Place> leaving = List.of();
        lock.lock();
        try {
            Network network = networks.get(owner);
            if (network != null && !proxy && network.connections >= mostOfOneAddress.get()) {
                warn(
                        "{} has {} connections, the most that one address may have; further ones are refused. If it is a"
                                + " proxy or a gateway, add it to trusted-proxies; otherwise see"
                                + " max-connections-per-address.",
                        peer.getHostAddress(),
                        mostOfOneAddress.get());
                return Optional.empty();
            }
            if (open.size() >= most) {
                leaving = chooseLeaving();
                if (open.size() >= most) {
                    warn("All {} connections have requests in progress; further connections are refused.", most);
                    return Optional.empty();
                }
            }
            Place place = new Place(networks.computeIfAbsent(owner, Network::new));
            place.network.connections++;
            open.add(place);
            return Optional.of(place);
        } finally {
            lock.unlock();
            close(leaving);
        }
    }

    /** Closes some idle connections, because the system has no room for more. */
    void makeRoom() {
        List<Place> leaving;
        lock.lock();
        try {
            leaving = chooseLeaving();
        } finally {
            lock.unlock();
        }
        close(leaving);
    }

    /** How many are open. */
    int count() {
        lock.lock();
        try {
            return open.size();
        } finally {
            lock.unlock();
        }
    }

    /** How many requests wait for the rest of their bodies. */
    int waitingCount() {
        return waiting.get();
    }

    /** How many bytes of answers callers have not read yet. */
    long heldBytes() {
        return held.get();
    }

    /** How many networks have open connections. */
    int networkCount() {
        lock.lock();
        try {
            return networks.size();
        } finally {
            lock.unlock();
        }
    }

    /** Chooses several at once, because each choice looks at all connections. The chosen ones are no longer counted. */
    private List<Place> chooseLeaving() {
        int enough = Math.max(1, Math.min(LEAVING_AT_ONCE, most / 100));
        long now = System.nanoTime();
        // Ordered by a snapshot of each: a connection may become active at any moment.
        PriorityQueue<Candidate> chosen = new PriorityQueue<>(enough + 1, WHO_LEAVES_FIRST.reversed());
        for (Place place : open) {
            if (place.closing != null && !place.hasRequests()) {
                Network network = place.network;
                chosen.add(new Candidate(place, network.owner.proxy(), network.connections, now - place.idleSince));
                if (chosen.size() > enough) {
                    chosen.poll();
                }
            }
        }
        List<Place> leaving = chosen.stream().map(Candidate::place).toList();
        leaving.forEach(this::forget);
        return leaving;
    }

    private void forget(Place place) {
        if (open.remove(place)) {
            Network network = place.network;
            network.connections--;
            if (network.connections == 0) {
                networks.remove(network.owner);
            }
        }
    }

    private static void close(List<Place> leaving) {
        for (Place place : leaving) {
            Runnable closing = place.closing;
            if (closing != null) {
                try {
                    closing.run();
                } catch (RuntimeException e) {
                    log.warn("A connection could not be closed cleanly: {}", e.toString());
                }
            }
        }
    }

    /** Logs at most once a minute, because callers can cause this as often as they like. */
    private void warn(String text, Object... values) {
        if (warning.isDue()) {
            log.warn(text, values);
        }
    }
}
