package dev.latchkey.health;

import dev.latchkey.database.Database;
import dev.latchkey.database.Reason;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The nodes that share the database. This one gives a sign of life every minute, outside of all requests, and removes its entry when it
 * stops. No decision depends on any of this.
 */
public final class Nodes implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Nodes.class);

    /** Long enough for people to see which node was killed. */
    private static final Duration FORGOTTEN_AFTER = Duration.ofDays(1);

    /** Far more than there are, so that nodes that are killed again and again cannot fill the table. */
    private static final int MOST = 100;

    private final Database database;
    private final Clock clock;
    private final Self self;
    private final String id = UUID.randomUUID().toString();
    private final Instant startedAt;

    /** The newest migration that this node knows. A newer node may have changed the database's schema. */
    private final String schema;

    /** Whether this run of the node has its entry. */
    private boolean entered;

    private boolean gone;

    /**
     * What this node is.
     *
     * @param host the machine's name
     * @param place the machine and its data folder
     */
    public record Self(String host, String place, String version) {}

    public Nodes(Database database, Self self, Clock clock) {
        this.database = database;
        this.self = self;
        this.clock = clock;
        this.schema = Long.toString(Database.knownSchema().version());
        this.startedAt = clock.instant();
    }

    public String version() {
        return self.version();
    }

    /** The id of this run of the node. */
    public String id() {
        return id;
    }

    /** Says that this node lives. Called every minute, and when the node starts. */
    public synchronized void beat() {
        if (gone) {
            return;
        }
        boolean first = !entered;
        Duration ahead = database.clockAhead(clock).orElse(null);
        Node node =
                new Node(id, self.place(), self.host(), self.version(), schema, startedAt, databaseTime(ahead), ahead);
        database.change(transaction -> {
            NodeStore.save(transaction, node);
            if (first) {
                NodeStore.removeEarlier(transaction, node);
            }
            NodeStore.removeSilent(transaction, node.seenAt().minus(FORGOTTEN_AFTER), MOST);
        });
        entered = true;
    }

    /** The first sign of life, without waiting for it: a node also starts when nothing can be written. */
    public void begin() {
        Thread.ofPlatform().daemon().name("node").start(() -> {
            try {
                beat();
            } catch (RuntimeException e) {
                log.info("This node's entry cannot be written yet and will be in a minute ({})", Reason.of(e));
            }
        });
    }

    /** All nodes, those that were killed a short time ago included. */
    List<Node> all() {
        return database.read(NodeStore::all);
    }

    /** The time that the signs of life are in. */
    Instant databaseTime() {
        return databaseTime(database.clockAhead(clock).orElse(null));
    }

    private Instant databaseTime(@Nullable Duration ahead) {
        return ahead == null ? clock.instant() : clock.instant().minus(ahead);
    }

    /** Removes this node's entry, if the database accepts changes. */
    @Override
    public synchronized void close() {
        gone = true;
        if (!entered || database.trouble().isPresent()) {
            return;
        }
        try {
            database.change(transaction -> NodeStore.remove(transaction, id));
        } catch (RuntimeException e) {
            log.debug("This node's entry stays for a day", e);
        }
    }
}
