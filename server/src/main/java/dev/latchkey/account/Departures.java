package dev.latchkey.account;

import dev.latchkey.account.User.Status;
import dev.latchkey.database.Transaction;
import dev.latchkey.event.Change;
import dev.latchkey.event.Event;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.LostChanges;
import java.time.Clock;
import java.util.List;

/**
 * What ends when a person is disabled or removed: their sessions and links, and their way back in. It ends again when the
 * database has lost the change that ended it ({@link LostChanges}).
 */
public final class Departures {
    private final EventLog log;
    private final UserRules rules;
    private final Sessions sessions;
    private final Clock clock;
    private final UserStore store = new UserStore();

    Departures(EventLog log, UserRules rules, Sessions sessions, Clock clock) {
        this.log = log;
        this.rules = rules;
        this.sessions = sessions;
        this.clock = clock;
    }

    /** Disables the person, inside the transaction of a change. */
    void disable(Transaction transaction, User user) {
        store.setDisabled(transaction, user.id(), clock.instant());
        store.deleteInvitations(transaction, user.id());
        sessions.endAll(transaction, user.id(), "");
        rules.requireAnAdministrator(transaction.handle());
    }

    /** Removes the person, inside the transaction of a change. */
    void remove(Transaction transaction, User user) {
        sessions.endAll(transaction, user.id(), "");
        store.setRemoved(transaction, user.id(), clock.instant());
        rules.requireAnAdministrator(transaction.handle());
    }

    /** Disables a person again when the database has lost that they were disabled. */
    public boolean disableAgain(Transaction transaction, Event lost) {
        store.byId(transaction.handle(), lost.target().id())
                .map(UserStore.Credentials::user)
                .filter(User::isEnabled)
                .ifPresent(user -> {
                    disable(transaction, user);
                    append(transaction, user, lost, Status.DISABLED);
                });
        return true;
    }

    /** Removes a person again when the database has lost that they were removed. */
    public boolean removeAgain(Transaction transaction, Event lost) {
        store.byId(transaction.handle(), lost.target().id())
                .map(UserStore.Credentials::user)
                .filter(user -> user.status() != Status.REMOVED)
                .ifPresent(user -> {
                    remove(transaction, user);
                    append(transaction, user, lost, Status.REMOVED);
                });
        return true;
    }

    /** Ends the links and sessions again that a lost change of a password had ended; the password itself is lost. */
    public boolean endAccessAgain(Transaction transaction, Event lost) {
        store.deleteInvitations(transaction, lost.target().id());
        sessions.endAll(transaction, lost.target().id(), "");
        return false;
    }

    private void append(Transaction transaction, User user, Event lost, Status now) {
        store.touch(transaction, user.id());
        List<Change> changes = List.of(UserFacts.status(user.status(), now), LostChanges.naming(lost));
        log.append(transaction, LostChanges.ACTOR, lost.type(), UserFacts.target(user), changes);
    }
}
