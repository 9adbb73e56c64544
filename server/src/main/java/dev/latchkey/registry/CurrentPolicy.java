package dev.latchkey.registry;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.TargetKind;
import java.util.List;

/** The current policy. It follows the log, so that a changed role applies from the moment its change is answered. */
public final class CurrentPolicy {
    private final EventLog log;
    private final RoleStore roles = new RoleStore();
    private final ApiStore apis = new ApiStore();
    private volatile AccessPolicy policy;

    public CurrentPolicy(EventLog log) {
        this.log = log;
        // Follows before it loads: a change in between is then loaded twice instead of missed.
        this.policy = new AccessPolicy(List.of(), List.of());
        log.follow(
                event -> {
                    if (event.mayConcern(TargetKind.API)) {
                        load();
                    } else if (event.mayConcern(TargetKind.ROLE) || event.mayConcern(TargetKind.ACCOUNT)) {
                        loadRoles();
                    }
                },
                this::load);
        load();
    }

    public AccessPolicy get() {
        return policy;
    }

    private synchronized void load() {
        policy = log.read(handle -> new AccessPolicy(roles.all(handle), apis.all(handle)));
    }

    /** Roles change more often than APIs, which can have thousands of endpoints. */
    private synchronized void loadRoles() {
        policy = new AccessPolicy(log.read(roles::all), policy.apis());
    }
}
