package dev.latchkey.console;

import dev.latchkey.event.HistoryChange;
import dev.latchkey.event.LostChange;
import dev.latchkey.event.LostChange.State;
import dev.latchkey.http.Parameters;
import dev.latchkey.problem.Page;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the page of lost changes shows.
 *
 * @param counts how many lost changes are in each state; states without any are absent
 * @param changes the changes of the history, the newest first
 * @param state the state that the list is narrowed to; null for all
 * @param pageToken where the page begins; empty for the first page
 */
public record LostList(
        Page<LostChange> page,
        Map<State, Long> counts,
        List<HistoryChange> changes,
        @Nullable State state,
        String pageToken) {

    /** The address of the page of the list that a form was sent from. */
    static String place(Parameters values) {
        return Address.of(Links.LOST_CHANGES)
                .with("state", values.text("state").orElse(""))
                .with("pageToken", values.text("pageToken").orElse(""))
                .text();
    }

    /** The first page of the changes in this state; of all for null. */
    public String link(@Nullable State of) {
        return Links.lostChanges(of).text();
    }

    /** Where tokens are ended because it is not known which of them were revoked after this change of the history. */
    public static String revokeLink(HistoryChange change) {
        return Links.endTokens(change.lastAt());
    }

    public ListFoot foot() {
        long number = state == null ? all() : count(state);
        return ListFoot.of(
                page,
                ListFoot.total(number, Long.MAX_VALUE, state != null, "lost change"),
                token -> Links.lostChanges(state).with("pageToken", token).text());
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
