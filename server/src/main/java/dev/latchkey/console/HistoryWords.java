package dev.latchkey.console;

import dev.latchkey.event.Attention;
import dev.latchkey.event.HistoryChange;
import dev.latchkey.event.LostChange.State;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Plain words for what the database has lost. */
public final class HistoryWords {
    private HistoryWords() {}

    public static String of(State state) {
        return switch (state) {
            case OPEN -> "Open";
            case ENDED_AGAIN -> "Ended again by Latchkey";
            case NOT_NEEDED -> "Not needed";
            case MADE_AGAIN -> "Made again by hand";
            case DONE -> "Done";
        };
    }

    /** What is known about a change of the history. */
    public static String of(HistoryChange change) {
        String noticed = noticed(change);
        return change.noticedBy().equals("restore")
                ? "A backup was restored on " + noticed + ". " + end(change) + " " + afterBackup(change.lost())
                : "On " + noticed + " a node noticed that the history of the database has changed. " + common(change)
                        + " " + lost(change.lost());
    }

    public static String noticed(HistoryChange change) {
        return Times.second(change.noticedAt());
    }

    private static String end(HistoryChange change) {
        Instant at = change.lastAt();
        return change.lastSequence() == 0
                ? "The backup has no events."
                : "The backup ends at event " + Amounts.number(change.lastSequence())
                        + (at == null ? "" : " of " + Times.second(at)) + ".";
    }

    private static String afterBackup(@Nullable Long lost) {
        return lost == null
                ? "Later changes are missing, and it is not known what they were."
                : lost == 0
                        ? "There were no later changes."
                        : "Later changes are missing, but a witness knows them: " + events(lost) + ".";
    }

    private static String common(HistoryChange change) {
        Instant at = change.lastAt();
        return change.lastSequence() == 0
                ? "No event is known to be in both."
                : "The last event in both is " + Amounts.number(change.lastSequence())
                        + (at == null ? "" : " (" + Times.second(at) + ")") + ".";
    }

    private static String lost(@Nullable Long lost) {
        return lost == null
                ? "It is not known what was lost."
                : events(lost) + (lost == 1 ? " was lost." : " were lost.");
    }

    private static String events(long number) {
        return Amounts.of(number, "event");
    }

    /** How many changes are open: the start of a sentence that ends with "open". */
    public static String open(Attention attention) {
        return openNumber(attention) + (attention.open() == 1 ? " is" : " are");
    }

    public static String openNumber(Attention attention) {
        return Amounts.number(attention.open()) + (attention.open() < Attention.COUNTED ? "" : " or more");
    }
}
