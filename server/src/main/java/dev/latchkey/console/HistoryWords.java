package dev.latchkey.console;

import dev.latchkey.event.Attention;
import dev.latchkey.event.HistoryChange;
import dev.latchkey.event.LostChange.State;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What the database has lost, in plain words. */
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

    /** What happened to the history, as far as it is known. */
    public static String of(HistoryChange change) {
        String noticed = noticed(change);
        return change.noticedBy().equals("restore")
                ? "A backup was restored on " + noticed + ". " + end(change) + " " + afterBackup(change.lost())
                : "On " + noticed + " a node noticed that the database has another history than before. "
                        + common(change) + " " + lost(change.lost());
    }

    public static String noticed(HistoryChange change) {
        return Times.second(change.noticedAt());
    }

    private static String end(HistoryChange change) {
        Instant at = change.lastAt();
        return change.lastSequence() == 0
                ? "It has no event."
                : "It ends at event " + number(change.lastSequence()) + (at == null ? "" : " of " + Times.second(at))
                        + ".";
    }

    private static String afterBackup(@Nullable Long lost) {
        return lost == null
                ? "What was changed after that is not in it, and nobody knows what it was."
                : lost == 0
                        ? "Nothing was changed after that."
                        : "What was changed after that is not in it, but a witness knows it: " + events(lost) + ".";
    }

    private static String common(HistoryChange change) {
        Instant at = change.lastAt();
        return change.lastSequence() == 0
                ? "They have no event in common, as far as is known."
                : "The last event that both have is " + number(change.lastSequence())
                        + (at == null ? "" : " (" + Times.second(at) + ")") + ".";
    }

    private static String lost(@Nullable Long lost) {
        return lost == null ? "Nobody knows what was lost." : events(lost) + (lost == 1 ? " was lost." : " were lost.");
    }

    private static String events(long number) {
        return number == 1 ? "1 event" : number(number) + " events";
    }

    /** How many changes are open, as the beginning of a sentence. */
    public static String open(Attention attention) {
        return openNumber(attention) + (attention.open() == 1 ? " is" : " are");
    }

    public static String openNumber(Attention attention) {
        return number(attention.open()) + (attention.open() < Attention.COUNTED ? "" : " or more");
    }

    /** With a comma at the thousands. */
    public static String number(long number) {
        return String.format(Locale.ENGLISH, "%,d", number);
    }
}
