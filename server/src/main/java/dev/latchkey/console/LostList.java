package dev.latchkey.console;

import dev.latchkey.event.HistoryChange;
import dev.latchkey.event.LostChange;
import dev.latchkey.event.LostChange.State;
import dev.latchkey.http.Parameters;
import dev.latchkey.problem.Page;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the page of lost changes shows.
 *
 * @param counts how many lost changes have each state that any has
 * @param changes the changes of the history, the newest first
 * @param state the state to which the list is narrowed; null for all
 * @param pageToken where the page begins; empty for the first one
 */
public record LostList(
        Page<LostChange> page,
        Map<State, Long> counts,
        List<HistoryChange> changes,
        @Nullable State state,
        String pageToken) {
    private static final DateTimeFormatter SECOND =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss", Locale.ENGLISH);

    static final String PATH = "/audit/lost";
    static final String REVOKE_PATH = PATH + "/revoke";

    /** The place in the list of whoever sent a form or followed a link. */
    static String place(Parameters values) {
        String state = values.text("state").orElse("");
        String pageToken = values.text("pageToken").orElse("");
        return link(state) + (pageToken.isEmpty() ? "" : (state.isEmpty() ? "?" : "&") + "pageToken=" + pageToken);
    }

    private static String link(String state) {
        return PATH + (state.isEmpty() ? "" : "?state=" + state);
    }

    /** The first page of the changes in this state; null for all. */
    public String link(@Nullable State of) {
        return link(of == null ? "" : of.text());
    }

    /** Where the tokens are counted and ended of which nobody knows what was revoked since this change of the history. */
    public static String revokeLink(HistoryChange change) {
        Instant since = change.lastAt();
        // To the second: rounded down, so that none is left out.
        return since == null
                ? REVOKE_PATH
                : REVOKE_PATH + "?since="
                        + SECOND.format(since.truncatedTo(ChronoUnit.SECONDS).atOffset(ZoneOffset.UTC));
    }

    public String next() {
        return page.nextPageToken() == null
                ? ""
                : link(state) + (state == null ? "?" : "&") + "pageToken=" + page.nextPageToken();
    }

    public boolean isFirstPage() {
        return pageToken.isEmpty();
    }

    public long count(State of) {
        return counts.getOrDefault(of, 0L);
    }

    public long all() {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    public List<HistoryChange> unconfirmed() {
        return changes.stream().filter(change -> change.confirmedAt() == null).toList();
    }

    public List<HistoryChange> confirmed() {
        return changes.stream().filter(change -> change.confirmedAt() != null).toList();
    }
}
