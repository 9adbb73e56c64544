package dev.latchkey.console;

import dev.latchkey.audit.HistoryApi;
import dev.latchkey.event.LostChange.State;
import dev.latchkey.http.Paging;
import dev.latchkey.http.Parameters;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.problem.Problem;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The changes that the database has lost, and what was done about them. */
final class HistoryPages {
    private final Pages pages;
    private final HistoryApi history;

    HistoryPages(Pages pages, HistoryApi history) {
        this.pages = pages;
        this.history = history;
    }

    void addTo(Routes.Builder routes) {
        routes.add(
                        "GET",
                        Links.LOST_CHANGES,
                        pages.shown(visit -> page(visit, 200, visit.request().query(), Form.EMPTY)))
                .add("POST", Links.LOST_CHANGES + "/settle", pages.sent(this::settle))
                .add("POST", Links.LOST_CHANGES + "/confirm", pages.sent(this::confirm));
    }

    /** @param place the state that the list is narrowed to, and the token of its page */
    private Response page(Visit visit, int status, Parameters place, Form form) {
        @Nullable State state = HistoryApi.state(place);
        LostList list = new LostList(
                history.list(visit.caller(), state, Paging.bothWays(place, 2)),
                history.counts(visit.caller()),
                history.changes(visit.caller()),
                state,
                place.text("pageToken").orElse(""));
        return pages.page(visit, status, "Lost changes", "audit", "audit/lost", Map.of("list", list, "form", form));
    }

    /** Leads back to the row, or to the one that has moved into its place. */
    private Response settle(Visit visit) {
        try {
            history.settle(visit.caller(), visit.field("id"), visit.field("became"));
        } catch (Problem problem) {
            if (!problem.code().equals("settled")) {
                throw problem;
            }
            // Another person has settled it first.
            return page(visit, 409, visit.form(), Form.refused(visit.form(), problem));
        }
        return back(visit, Notice.LOST_SETTLED, "#row-" + visit.wholeNumber("row"));
    }

    private Response confirm(Visit visit) {
        history.confirm(visit.caller(), visit.field("id"));
        return back(visit, Notice.HISTORY_CONFIRMED, "");
    }

    private static Response back(Visit visit, Notice notice, String fragment) {
        return Response.seeOther(Links.local(notice.at(LostList.place(visit.form())) + fragment));
    }
}
