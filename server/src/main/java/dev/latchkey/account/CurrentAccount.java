package dev.latchkey.account;

import dev.latchkey.event.EventLog;
import dev.latchkey.event.TargetKind;
import dev.latchkey.limit.CallLimits;

/** What of the account every call needs. It follows the log, so that a change applies from the moment it is answered. */
public final class CurrentAccount {
    private final EventLog log;
    private final AccountStore store = new AccountStore();
    private volatile CallLimits limits = CallLimits.NONE;

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
        return limits;
    }

    private synchronized void load() {
        limits = log.read(store::find).map(Account::limits).orElse(CallLimits.NONE);
    }
}
