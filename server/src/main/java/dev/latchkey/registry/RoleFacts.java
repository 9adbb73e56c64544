package dev.latchkey.registry;

import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import dev.latchkey.event.Change;
import dev.latchkey.event.Target;
import dev.latchkey.event.TargetKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What the log says about a role: what has changed, from what to what. */
public final class RoleFacts {
    private RoleFacts() {}

    /** The role as the subject of an event. */
    static Target target(String name) {
        return Target.named(TargetKind.ROLE, name);
    }

    /** Everything that differs between two versions. */
    public static List<Change> between(Role old, Role role) {
        List<Change> changes = new ArrayList<>();
        if (!old.description().equals(role.description())) {
            changes.add(Change.from("description", textOrNull(old.description()), textOrNull(role.description())));
        }
        if (!old.limits().equals(role.limits())) {
            changes.add(Change.from(
                    "limits of each token",
                    textOrNull(old.limits().text()),
                    textOrNull(role.limits().text())));
        }
        SortedSet<Privilege> touched = new TreeSet<>(old.allowed());
        touched.addAll(old.denied());
        touched.addAll(role.allowed());
        touched.addAll(role.denied());
        for (Privilege privilege : touched) {
            String before = effect(old, privilege);
            String after = effect(role, privilege);
            if (!Objects.equals(before, after)) {
                changes.add(Change.from("privilege " + privilege, before, after));
            }
        }
        SortedSet<String> grants = new TreeSet<>(old.grantedRoles());
        grants.addAll(role.grantedRoles());
        for (String granted : grants) {
            boolean before = old.grantedRoles().contains(granted);
            boolean after = role.grantedRoles().contains(granted);
            if (before != after) {
                changes.add(Change.from("granted role", before ? granted : null, after ? granted : null));
            }
        }
        return changes;
    }

    private static @Nullable String textOrNull(String text) {
        return text.isEmpty() ? null : text;
    }

    private static @Nullable String effect(Role role, Privilege privilege) {
        return role.allowed().contains(privilege) ? "allow" : role.denied().contains(privilege) ? "deny" : null;
    }
}
