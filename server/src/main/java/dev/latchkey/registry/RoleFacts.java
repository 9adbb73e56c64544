package dev.latchkey.registry;

import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import dev.latchkey.access.RoleTerms;
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
    /** A change of a privilege is named by this and the privilege. */
    public static final String PRIVILEGE = "privilege ";

    public static final String GRANTED_ROLE = "granted role";

    /** What a role does with a privilege, where it does anything. */
    public static final String ALLOW = "allow";

    public static final String DENY = "deny";

    private static final String DESCRIPTION = "description";

    private RoleFacts() {}

    /** The role as the subject of an event. */
    public static Target target(String name) {
        return Target.named(TargetKind.ROLE, name);
    }

    /** Everything that differs between two versions. */
    public static List<Change> between(Role old, Role role) {
        List<Change> changes = new ArrayList<>();
        if (!old.description().equals(role.description())) {
            changes.add(Change.from(DESCRIPTION, textOrNull(old.description()), textOrNull(role.description())));
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
                changes.add(Change.from(PRIVILEGE + privilege, before, after));
            }
        }
        SortedSet<String> grants = new TreeSet<>(old.grantedRoles());
        grants.addAll(role.grantedRoles());
        for (String granted : grants) {
            boolean before = old.grantedRoles().contains(granted);
            boolean after = role.grantedRoles().contains(granted);
            if (before != after) {
                changes.add(Change.from(GRANTED_ROLE, before ? granted : null, after ? granted : null));
            }
        }
        return changes;
    }

    /** The terms as they were before these changes, which led to those given: the reverse of {@link #between}. */
    public static RoleTerms before(RoleTerms now, List<Change> changes) {
        RoleTerms terms = now;
        for (Change change : changes) {
            String before = change.before();
            String after = change.after();
            Privilege privilege = privilege(change);
            if (privilege != null) {
                terms = before == null
                        ? terms.without(privilege)
                        : before.equals(ALLOW) ? terms.allowing(privilege) : terms.denying(privilege);
            } else if (change.field().equals(GRANTED_ROLE) && before != null) {
                terms = terms.granting(before);
            } else if (change.field().equals(GRANTED_ROLE) && after != null) {
                terms = terms.notGranting(after);
            } else if (change.field().equals(DESCRIPTION)) {
                terms = terms.describedAs(before == null ? "" : before);
            }
        }
        return terms;
    }

    /** The privilege that the change is about; null when it is about something else. */
    public static @Nullable Privilege privilege(Change change) {
        String field = change.field();
        int slash = field.indexOf('/');
        return field.startsWith(PRIVILEGE) && slash > 0
                ? new Privilege(field.substring(PRIVILEGE.length(), slash), field.substring(slash + 1))
                : null;
    }

    private static @Nullable String textOrNull(String text) {
        return text.isEmpty() ? null : text;
    }

    private static @Nullable String effect(Role role, Privilege privilege) {
        return role.allowed().contains(privilege) ? ALLOW : role.denied().contains(privilege) ? DENY : null;
    }
}
