package dev.latchkey.account;

import dev.latchkey.account.User.Status;
import dev.latchkey.event.Change;
import dev.latchkey.event.Target;
import dev.latchkey.event.TargetKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the log says about a person: everything when they are invited, and later what has changed. */
final class UserFacts {
    private static final String NAME = "name";
    private static final String ROLE = "role";

    private UserFacts() {}

    /** The person as the subject of an event. */
    static Target target(User user) {
        return new Target(TargetKind.USER, user.id(), user.email());
    }

    static List<Change> invited(User user) {
        List<Change> changes = new ArrayList<>();
        changes.add(Change.set("email", user.email()));
        changes.add(Change.set(NAME, user.name()));
        user.roles().forEach(role -> changes.add(Change.set(ROLE, role)));
        return changes;
    }

    /** What an edit to these terms changes. */
    static List<Change> between(User old, UserTerms terms) {
        List<Change> changes = new ArrayList<>();
        if (!old.name().equals(terms.name())) {
            changes.add(Change.from(NAME, old.name(), terms.name()));
        }
        terms.rolesBeyond(old.roles()).forEach(role -> changes.add(Change.set(ROLE, role)));
        old.terms().rolesBeyond(terms.roles()).forEach(role -> changes.add(Change.from(ROLE, role, null)));
        return changes;
    }

    /** What removing the person changes. */
    static List<Change> removed(User user) {
        List<Change> changes = new ArrayList<>();
        changes.add(status(user.status(), Status.REMOVED));
        user.roles().forEach(role -> changes.add(Change.from(ROLE, role, null)));
        return changes;
    }

    static Change status(Status before, Status after) {
        return Change.from("status", word(before), word(after));
    }

    private static String word(Status status) {
        return status.name().toLowerCase(Locale.ROOT);
    }
}
