package dev.latchkey;

import dev.latchkey.console.Amounts;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.database.Database;
import dev.latchkey.event.Event;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.HistoryChange;
import dev.latchkey.event.LostChange;
import dev.latchkey.event.LostChange.State;
import dev.latchkey.event.LostChanges;
import dev.latchkey.problem.Page;
import java.io.PrintStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code latchkey audit lost}: prints the changes that the database has lost; the service may be running. */
final class AuditLost {
    private final Settings settings;
    private final boolean all;
    private final PrintStream out;

    /** @param all whether to print settled changes too */
    AuditLost(Settings settings, boolean all, PrintStream out) {
        this.settings = settings;
        this.all = all;
        this.out = out;
    }

    /** Exits 0 when nothing needs attention, 1 when a lost change is open or a changed history is not confirmed. */
    int run() {
        Storage storage = new Storage(settings);
        try (Database database = Database.open(storage.readable())) {
            MasterKey masterKey = storage.masterKey(database);
            try (EventLog log = new EventLog(database, masterKey, SystemClock.UTC)) {
                LostChanges lost = new LostChanges(database, log, SystemClock.UTC);
                lost.changes().forEach(this::print);
                print(lost);
                long open = lost.count(State.OPEN);
                out.println(
                        open == 0
                                ? "No lost changes are open."
                                : Amounts.of(open, "lost change is", "lost changes are")
                                        + " open. Settle " + (open == 1 ? "it" : "them")
                                        + " in the console: Audit log, Lost changes.");
                return open == 0 && lost.unconfirmed() == 0 ? 0 : 1;
            }
        }
    }

    private void print(HistoryChange change) {
        out.println(change.noticedAt()
                + (change.noticedBy().equals("restore")
                        ? ": a backup was restored that ends at event "
                        : ": a node noticed a different history; the last event that both have is ")
                + change.lastSequence()
                + (change.lastAt() == null ? "" : " of " + change.lastAt())
                + (change.lost() == null ? "; it is not known what was lost" : "; lost events: " + change.lost())
                + (change.confirmedAt() == null ? "; not confirmed yet" : "; confirmed by " + change.confirmedBy()));
    }

    private void print(LostChanges lost) {
        @Nullable State state = all ? null : State.OPEN;
        Page.Request request = new Page.Request(Page.MAX_SIZE, null);
        while (true) {
            Page<LostChange> page = lost.list(state, request);
            page.items().forEach(this::print);
            if (page.nextPageToken() == null) {
                return;
            }
            LostChange last = page.items().getLast();
            request = new Page.Request(
                    Page.MAX_SIZE, List.of(Long.toString(last.event().sequence()), last.id()));
        }
    }

    private void print(LostChange lost) {
        Event event = lost.event();
        out.println("%s  %s  event %d  %s  %s  by %s  %s"
                .formatted(
                        lost.state().text(),
                        event.at(),
                        event.sequence(),
                        event.type().text(),
                        event.target().name(),
                        event.actor().name(),
                        lost.id()));
    }
}
