package dev.latchkey.account;

import dev.latchkey.crypto.MasterKey;
import dev.latchkey.database.Database;
import dev.latchkey.event.Actor;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventType;
import dev.latchkey.event.Target;
import dev.latchkey.event.TargetKind;
import dev.latchkey.problem.Problem;
import java.time.Clock;
import java.util.List;

/**
 * The way back for somebody whom nobody in the console can help, such as the only administrator: whoever has the machine and
 * the master key makes them a link to choose a password.
 */
public final class ResetLink {
    private final Database database;
    private final EventLog log;
    private final Links links;
    private final UserStore store = new UserStore();

    public ResetLink(Database database, EventLog log, MasterKey masterKey, Clock clock) {
        this.database = database;
        this.log = log;
        this.links = new Links(masterKey, clock);
    }

    /**
     * The secret of the link.
     *
     * @throws Problem 404 when nobody has the email, 409 when they are disabled
     */
    public String make(String email) {
        String normalized = Email.normalized(email);
        return database.write(transaction -> {
            User user = store.byEmail(transaction.handle(), normalized)
                    .map(UserStore.Credentials::user)
                    .orElseThrow(() -> Problem.notFound("There is no user with the email " + normalized + "."));
            if (user.status() == User.Status.DISABLED) {
                throw Problem.conflict(
                        "user_disabled",
                        user.email() + " is disabled. Another administrator can enable them; make a link for one.");
            }
            log.append(
                    transaction,
                    new Actor.System("admin reset-link", null),
                    EventType.USER_LINK,
                    new Target(TargetKind.USER, user.id(), user.email()),
                    List.of());
            return links.make(transaction, user);
        });
    }
}
