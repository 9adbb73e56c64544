package dev.latchkey.access;

import dev.latchkey.database.Database;
import dev.latchkey.event.EventLog;
import java.util.List;

/** The newest policy. It follows the log, so that a changed role counts from the moment its change is answered. */
public final class CurrentPolicy {
    private final Database database;
    private final RoleStore store = new RoleStore();
    private volatile AccessPolicy policy;

    public CurrentPolicy(Database database, EventLog log) {
        this.database = database;
        // Following first: a change between the two lines is then loaded twice instead of missed.
        this.policy = new AccessPolicy(List.of());
        log.follow(event -> {
            if (event.target().kind().equals("role") || event.operation().equals("account.setup")) {
                load();
            }
        });
        load();
    }

    public AccessPolicy get() {
        return policy;
    }

    private synchronized void load() {
        policy = new AccessPolicy(database.read(store::all));
    }
}
