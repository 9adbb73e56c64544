package dev.latchkey.account;

import dev.latchkey.crypto.MasterKey;
import dev.latchkey.database.Database;
import dev.latchkey.event.Actor;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventType;
import dev.latchkey.problem.Problem;
import java.time.Clock;
import java.util.List;

/**
 * The way back for a person whom no one can help in the console, such as the only administrator: an operator with access to
 * the machine and the master key makes them a link to choose a password.
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
     * Makes a link and returns its secret.
     *
     * @throws Problem 404 when no user has the email, 409 when the user is disabled
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
                        user.email() + " is disabled. Make a link for another administrator, who can enable them.");
            }
            log.append(
                    transaction,
                    new Actor.System("admin reset-link", null),
                    EventType.USER_LINK,
                    UserFacts.target(user),
                    List.of());
            return links.make(transaction, user);
        });
    }
}
