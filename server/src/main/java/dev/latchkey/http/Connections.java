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
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may open how many connections, on all ports together. One address (of IPv6, one network of 64 bits) has a limit;
 * trusted proxies have none, because they carry everybody's. There is a limit for all, and it shuts nobody out: for a
 * newcomer those leave that are only kept open, of whoever has most of them the ones that have been idle for longest.
 * Proxies' own come last.
 */
public final class Connections {
    private static final Logger log = LoggerFactory.getLogger(Connections.class);

    /** How many one address may have unless the operator decides otherwise. */
    public static final int MOST_OF_ONE_ADDRESS = 1_000;

    private static final int MOST = 10_000;
    /** What the process needs beside connections: the database, its files, libraries, TLS files. */
    private static final int OTHER_FILES = 500;

    /** Of answers that are not fetched yet. */
    private static final long MOST_HELD = 64 * 1024 * 1024;

    private static final long MOST_HELD_OF_ONE_ADDRESS = 8 * 1024 * 1024;
    private static final int LEAVING_AT_ONCE = 50;

    private static final Comparator<Candidate> WHO_LEAVES_FIRST = Comparator.comparing(Candidate::proxy)
            .thenComparing(Comparator.comparingInt(Candidate::siblings).reversed())
            .thenComparing(Comparator.comparingLong(Candidate::idleNanos).reversed());

    private final int most;
    private final int mostOfOneAddress;
    private final List<AddressRange> proxies;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Owner, Network> networks = new HashMap<>();
    private final Set<Place> open = new HashSet<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong held = new AtomicLong();
    private final Seldom warning = new Seldom();

    /**
     * With the usual limit for all, or fewer when the process may not open so many files.
     *
     * @param mostOfOneAddress how many one address may have
     * @param proxies whose connections are not counted so
     */
    public Connections(int mostOfOneAddress, List<AddressRange> proxies) {
        this(Math.min(MOST, Math.max(1, OpenFiles.most() - OTHER_FILES)), mostOfOneAddress, proxies);
    }

    Connections(int most, int mostOfOneAddress, List<AddressRange> proxies) {
        this.most = most;
        this.mostOfOneAddress = mostOfOneAddress;
        this.proxies = List.copyOf(proxies);
    }

    private record Owner(String network, boolean proxy) {}

    /** Those whose connections count together. */
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

    /** One open connection, as it counts. */
    final class Place {
        private final Network network;
        private final AtomicInteger requests = new AtomicInteger();
        private volatile long idleSince = System.nanoTime();
        private volatile @Nullable Runnable closing;

        private Place(Network network) {
            this.network = network;
        }

        /** @param how closes the connection, when it has to make room */
        void closeWith(Runnable how) {
            closing = how;
        }

        /** It did something, and has nothing in work now. */
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
         * Whether one more request may wait for the rest of its body. An HTTP/2 connection has many, and each takes memory
         * while it waits: so they count like connections. To be given back with {@link #stopsWaiting}.
         */
        boolean mayWait() {
            int ofNetwork = network.waiting.incrementAndGet();
            int ofAll = waiting.incrementAndGet();
            if (ofAll <= most && (ofNetwork <= mostOfOneAddress || network.owner.proxy())) {
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
         * Whether an answer of so many bytes may lie here until it is fetched. Whoever asks and does not listen would fill the
         * memory with answers. To be given back with {@link #stopsHolding}.
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

        /** The connection is closed. Only the first call counts. */
        void leave() {
            lock.lock();
            try {
                forget(this);
            } finally {
                lock.unlock();
            }
        }
    }

    /** Takes a new connection in; empty when it has to be refused. */
    Optional<Place> admit(InetAddress address) {
        InetAddress peer = AddressRange.withoutZone(address);
        boolean proxy = proxies.stream().anyMatch(range -> range.contains(peer));
        Owner owner = new Owner(Throttle.network(peer.getHostAddress()), proxy);
        List<Place> leaving = List.of();
        lock.lock();
        try {
            Network network = networks.get(owner);
            if (network != null && !proxy && network.connections >= mostOfOneAddress) {
                warn(
                        "{} has {} connections, as many as one address may have, and gets no more. If it is a proxy or"
                                + " a gateway, name it in trusted-proxies; otherwise see max-connections-per-address.",
                        peer.getHostAddress(),
                        mostOfOneAddress);
                return Optional.empty();
            }
            if (open.size() >= most) {
                leaving = chooseLeaving();
                if (open.size() >= most) {
                    warn("All {} connections are at work, and nobody gets another one.", most);
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

    /** Lets some leave that are only kept open, because the system has no room for more. */
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

    /** How many bytes of answers are not fetched yet. */
    long heldBytes() {
        return held.get();
    }

    /** How many networks have any. */
    int networkCount() {
        lock.lock();
        try {
            return networks.size();
        } finally {
            lock.unlock();
        }
    }

    /** Several at once, since they are looked for among all. They count no more from now on. */
    private List<Place> chooseLeaving() {
        int enough = Math.max(1, Math.min(LEAVING_AT_ONCE, most / 100));
        long now = System.nanoTime();
        // Ordered by what was true when each was looked at: a connection may begin to work at any moment.
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
                    log.warn("A connection did not close in order: {}", e.toString());
                }
            }
        }
    }

    /** At most once a minute, because whoever causes it can cause it often. */
    private void warn(String text, Object... values) {
        if (warning.isDue()) {
            log.warn(text, values);
        }
    }
}
