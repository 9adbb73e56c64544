package dev.latchkey.advice;

import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import dev.latchkey.event.Change;
import dev.latchkey.event.Event;
import dev.latchkey.event.EventFilter;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventType;
import dev.latchkey.event.TargetKind;
import dev.latchkey.problem.Page;
import dev.latchkey.registry.RoleFacts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the log says about a role: since when it has what it has, and whether counted calls were lost. */
final class RoleHistory {
    private static final Page.Request MANY = new Page.Request(Page.MAX_SIZE, null);

    /** With more roles above it, it is not asked when it was granted to each. */
    private static final int MOST_ROLES = 50;

    private final EventLog events;

    RoleHistory(EventLog events) {
        this.events = events;
    }

    /** @param grantedAt when the role got a privilege; it had those that are absent before */
    record Found(Map<Privilege, Instant> grantedAt, List<Doubt> doubts) {}

    /**
     * What the log says since the first day.
     *
     * @param above the role and those above it
     */
    Found of(Role role, Set<String> above, Instant first) {
        Map<Privilege, Instant> grantedAt = new HashMap<>();
        List<Doubt> doubts = new ArrayList<>();
        Page<Event> ofRole = about(role.name(), first);
        for (Event event : ofRole.items().reversed()) {
            for (Change change : event.changes()) {
                if (change.field().startsWith(RoleFacts.PRIVILEGE)
                        && (RoleFacts.ALLOW.equals(change.after()) || RoleFacts.DENY.equals(change.before()))) {
                    role.allowed().stream()
                            .filter(privilege -> change.field().equals(RoleFacts.PRIVILEGE + privilege))
                            .forEach(privilege -> grantedAt.put(privilege, event.at()));
                }
            }
        }
        // What is older than the oldest listed event was granted before it.
        Instant oldest = ofRole.nextPageToken() == null
                ? role.createdAt()
                : ofRole.items().getLast().at();
        role.allowed().forEach(privilege -> grantedAt.putIfAbsent(privilege, oldest));
        if (above.size() <= MOST_ROLES) {
            above.stream()
                    .filter(name -> !name.equals(role.name()))
                    .forEach(name -> addLinks(name, above, first, doubts));
        }
        events.list(new EventFilter(EventType.HISTORY_CHANGE.text(), null, null, null, first, null), MANY)
                .items()
                .forEach(event -> doubts.add(Doubt.until(event.at(), Reason.LOST_CHANGES, "")));
        return new Found(grantedAt, doubts);
    }

    private void addLinks(String name, Set<String> above, Instant first, List<Doubt> doubts) {
        for (Event event : about(name, first).items()) {
            for (Change change : event.changes()) {
                String granted = change.after();
                if (event.type() == EventType.ROLE_UPDATE
                        && change.field().equals(RoleFacts.GRANTED_ROLE)
                        && granted != null
                        && above.contains(granted)) {
                    doubts.add(Doubt.until(event.at(), Reason.LINKED_ROLE, name));
                }
            }
        }
    }

    private Page<Event> about(String role, Instant first) {
        return events.list(new EventFilter(null, null, TargetKind.ROLE, role, first, null), MANY);
    }
}
