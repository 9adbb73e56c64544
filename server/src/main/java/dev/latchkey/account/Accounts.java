package dev.latchkey.account;

import static dev.latchkey.access.ManagementApi.ACCOUNT_MANAGE;

import dev.latchkey.access.Caller;
import dev.latchkey.database.Database;
import dev.latchkey.event.Change;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventType;
import dev.latchkey.event.Target;
import dev.latchkey.event.TargetKind;
import dev.latchkey.management.ETag;
import dev.latchkey.problem.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The rules of the account: its name, and what applies to all its API tokens. */
public final class Accounts {
    /** No token may live longer. */
    private static final int MOST_DAYS = 3_653;

    private final Database database;
    private final EventLog log;
    private final AccountStore store = new AccountStore();

    public Accounts(Database database, EventLog log) {
        this.database = database;
        this.log = log;
    }

    /**
     * The account.
     *
     * @throws Problem 409 before it is set up
     */
    public Account get() {
        return database.read(this::get);
    }

    /** The account, inside a transaction. */
    public Account get(Handle handle) {
        return store.find(handle).orElseThrow(() -> Problem.conflict("no_account", "Set up the account first."));
    }

    /**
     * Changes the account, with one event that shows every difference. Existing tokens keep their expiry.
     *
     * @param change turns the current terms into the wanted ones, inside the transaction
     * @throws Problem 412 when it is no longer at the expected version, 422 for what is not valid
     */
    public Account edit(Caller caller, UnaryOperator<AccountTerms> change, ETag.@Nullable Expected expectedVersion) {
        caller.require(ACCOUNT_MANAGE);
        return database.write(transaction -> {
            Account old = get(transaction.handle());
            AccountTerms sent = change.apply(old.terms());
            AccountTerms wanted =
                    new AccountTerms(sent.name().strip(), sent.longestTokenDays(), sent.keyPolicy(), sent.limits());
            People.requireNone(
                    People.nameError("name", wanted.name()),
                    daysError("longestTokenDays", wanted.longestTokenDays()),
                    daysError("longestKeyDays", wanted.keyPolicy().longestDays()));
            List<Problem.FieldError> limitErrors = wanted.limits().errors("limits.");
            if (!limitErrors.isEmpty()) {
                throw Problem.invalid(limitErrors);
            }
            ETag.require(expectedVersion, old.version(), "The account");
            List<Change> changes = between(old.terms(), wanted);
            if (changes.isEmpty()) {
                return old;
            }
            store.update(transaction, wanted);
            Account changed = get(transaction.handle());
            log.append(
                    transaction,
                    caller.actingWith(ACCOUNT_MANAGE),
                    EventType.ACCOUNT_UPDATE,
                    new Target(TargetKind.ACCOUNT, changed.key(), changed.name()),
                    changes);
            return changed;
        });
    }

    private static List<Change> between(AccountTerms old, AccountTerms wanted) {
        List<Change> changes = new ArrayList<>();
        add(changes, "name", old.name(), wanted.name());
        add(
                changes,
                "longest life of a token, in days",
                limit(old.longestTokenDays()),
                limit(wanted.longestTokenDays()));
        KeyPolicy keys = wanted.keyPolicy();
        add(
                changes,
                "longest life of an API key, in days",
                limit(old.keyPolicy().longestDays()),
                limit(keys.longestDays()));
        add(
                changes,
                "API keys need addresses",
                yesOrNo(old.keyPolicy().needsAddresses()),
                yesOrNo(keys.needsAddresses()));
        add(changes, "limits", limits(old), limits(wanted));
        return changes;
    }

    private static String limits(AccountTerms terms) {
        return terms.limits().areNone() ? "none" : terms.limits().text();
    }

    private static void add(List<Change> changes, String field, String before, String after) {
        if (!before.equals(after)) {
            changes.add(Change.from(field, before, after));
        }
    }

    private static String yesOrNo(boolean value) {
        return value ? "yes" : "no";
    }

    private static Optional<Problem.FieldError> daysError(String field, @Nullable Integer days) {
        return days == null || (days >= 1 && days <= MOST_DAYS)
                ? Optional.empty()
                : Optional.of(
                        new Problem.FieldError(field, "Enter 1 to " + MOST_DAYS + " days, or nothing for no limit."));
    }

    private static String limit(@Nullable Integer days) {
        return days == null ? "none" : days.toString();
    }
}
