package dev.latchkey.apitoken;

import static dev.latchkey.access.ManagementApi.TOKENS_CREATE;
import static dev.latchkey.access.ManagementApi.TOKENS_READ;

import dev.latchkey.access.Caller;
import dev.latchkey.account.User;
import dev.latchkey.account.Users;
import dev.latchkey.apitoken.ApiToken.Owner;
import dev.latchkey.database.Database;
import dev.latchkey.database.Transaction;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventType;
import dev.latchkey.management.ETag;
import dev.latchkey.problem.Problem;
import dev.latchkey.registry.Roles;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Hands API tokens over to a new owner at once: all those of a person who leaves, or chosen ones. */
public final class Handover {
    /** At most this many are handed over in one transaction. */
    public static final int MOST = 1_000;

    /** At most this many can be named in one call. */
    public static final int MOST_NAMED = 100;

    private final Database database;
    private final EventLog log;
    private final Roles roles;
    private final Users users;
    private final int most;
    private final ApiTokenStore store = new ApiTokenStore();

    public Handover(Database database, EventLog log, Roles roles, Users users) {
        this(database, log, roles, users, MOST);
    }

    Handover(Database database, EventLog log, Roles roles, Users users, int most) {
        this.database = database;
        this.log = log;
        this.roles = roles;
        this.users = users;
        this.most = most;
    }

    /**
     * The result of a hand-over, or a preview of it.
     *
     * @param tokens the number of active tokens
     * @param more whether there are more than those
     */
    public record Outcome(int tokens, boolean more) {}

    /** How many active tokens the person owns. */
    public Outcome answeredFor(Caller caller, String userId) {
        caller.require(TOKENS_READ);
        long found = database.read(handle -> store.countActiveOf(handle, userId, most));
        return new Outcome((int) Math.min(found, most), found > most);
    }

    /**
     * Makes another person the owner of someone's active tokens, in one transaction with an event for each.
     *
     * @throws Problem 403 unless the caller may assign the roles of all of them, 422 when that person cannot own tokens
     */
    public Outcome handOver(Caller caller, String from, String to) {
        caller.require(TOKENS_CREATE);
        return database.write(transaction -> handOver(transaction, caller, from, to));
    }

    /**
     * Makes a person the owner of these tokens, in one transaction with an event for each. Tokens that are revoked, or that the
     * person owns already, stay as they are.
     *
     * @param clientIds 1 to {@value #MOST_NAMED}
     * @param to a user id or an email address
     * @throws Problem 403 unless the caller may assign the roles of all of them, 404 when one does not exist, 422 when that person
     *     cannot own tokens
     */
    public Outcome handOver(Caller caller, List<String> clientIds, String to) {
        caller.require(TOKENS_CREATE);
        if (clientIds.isEmpty() || clientIds.size() > MOST_NAMED) {
            throw Problem.invalid("clientIds", "Send 1 to " + MOST_NAMED + " client ids.");
        }
        return database.write(transaction -> {
            User heir = users.answerableNamed(transaction.handle(), caller, to, "to");
            List<ApiToken> going = clientIds.stream()
                    .distinct()
                    .map(clientId ->
                            store.find(transaction.handle(), clientId).orElseThrow(() -> ApiTokens.missing(clientId)))
                    .filter(apiToken -> !apiToken.isRevoked() && !isOwnedBy(apiToken, heir))
                    .toList();
            handOver(transaction, caller, going, heir);
            return new Outcome(going.size(), false);
        });
    }

    private static boolean isOwnedBy(ApiToken apiToken, User user) {
        Owner owner = apiToken.owner();
        return owner != null && owner.id().equals(user.id());
    }

    /** Disables a person and hands their tokens over if an heir is named: both, or neither. */
    public User disable(Caller caller, String userId, @Nullable String heir, ETag.@Nullable Expected expectedVersion) {
        return users.disable(
                caller, userId, expectedVersion, transaction -> handOverAll(transaction, caller, userId, heir));
    }

    /** Removes a person and hands their tokens over if an heir is named: both, or neither. */
    public void remove(Caller caller, String userId, @Nullable String heir, ETag.@Nullable Expected expectedVersion) {
        users.remove(caller, userId, expectedVersion, transaction -> handOverAll(transaction, caller, userId, heir));
    }

    private void handOverAll(Transaction transaction, Caller caller, String from, @Nullable String heir) {
        if (heir != null && handOver(transaction, caller, from, heir).more()) {
            throw Problem.conflict(
                    "too_many_tokens",
                    "This person owns more than " + most
                            + " active tokens. Hand these over first, " + most + " at a time, with"
                            + " POST /tokens/hand-over of the API.");
        }
    }

    private Outcome handOver(Transaction transaction, Caller caller, String from, String to) {
        caller.require(TOKENS_CREATE);
        User heir = users.answerable(transaction.handle(), caller, to, "to");
        if (heir.id().equals(from)) {
            throw Problem.invalid("to", "Choose another person.");
        }
        List<ApiToken> found = store.activeOf(transaction.handle(), from, most + 1);
        List<ApiToken> going = found.subList(0, Math.min(found.size(), most));
        handOver(transaction, caller, going, heir);
        return new Outcome(going.size(), found.size() > most);
    }

    private void handOver(Transaction transaction, Caller caller, List<ApiToken> going, User heir) {
        // As with every edit: people decide by the owner which token to revoke.
        Set<String> assigned = new TreeSet<>();
        going.forEach(apiToken -> assigned.add(apiToken.role()));
        assigned.forEach(role -> roles.requireAssignable(transaction, caller, role, "role"));
        for (ApiToken old : going) {
            ApiToken changed = old.on(old.terms(), new Owner(heir.id(), heir.email()));
            store.update(transaction, old, changed);
            log.append(
                    transaction,
                    caller.actingWith(TOKENS_CREATE),
                    EventType.API_TOKEN_UPDATE,
                    old.target(),
                    ApiTokenFacts.between(old, changed));
        }
    }
}
