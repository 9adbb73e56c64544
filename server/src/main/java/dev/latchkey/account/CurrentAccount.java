package dev.latchkey.account;

import dev.latchkey.event.EventLog;
import dev.latchkey.event.Target;
import dev.latchkey.event.TargetKind;
import dev.latchkey.limit.CallLimits;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What of the account every call needs. It follows the log, so that a change applies from the moment it is answered. */
public final class CurrentAccount {
    private final EventLog log;
    private final AccountStore store = new AccountStore();
    private volatile @Nullable Account account;

    public CurrentAccount(EventLog log) {
        this.log = log;
        // Follows before it loads: a change in between is then loaded twice instead of missed.
        log.follow(
                event -> {
                    if (event.mayConcern(TargetKind.ACCOUNT)) {
                        load();
                    }
                },
                this::load);
        load();
    }

    /** How much may be called, with all its API tokens together. */
    public CallLimits limits() {
        Account known = account;
        return known == null ? CallLimits.NONE : known.limits();
    }

    /** The account as the subject of an event. */
    public Target target() {
        Account known = account;
        return known == null
                ? Target.named(TargetKind.ACCOUNT, "account")
                : new Target(TargetKind.ACCOUNT, known.key(), known.name());
    }

    private synchronized void load() {
        account = log.<Optional<Account>>read(store::find).orElse(null);
    }
}
