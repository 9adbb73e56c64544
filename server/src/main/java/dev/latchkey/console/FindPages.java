package dev.latchkey.console;

import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import java.util.Map;

/** Finding anything: as a page, and as the choices of the dialog that Ctrl K opens. */
final class FindPages {
    private static final int ON_A_PAGE = 20;
    private static final int IN_THE_DIALOG = 6;

    private final Pages pages;
    private final Finder finder;

    FindPages(Pages pages, Finder finder) {
        this.pages = pages;
        this.finder = finder;
    }

    void addTo(Routes.Builder routes) {
        routes.add("GET", Links.FIND, pages.shown(visit -> page(visit, "find", ON_A_PAGE)))
                .add("GET", Links.FIND + "/choices", pages.shown(visit -> page(visit, "find-choices", IN_THE_DIALOG)));
    }

    private Response page(Visit visit, String template, int most) {
        String search = visit.request().query().text("search").orElse("").strip();
        return pages.page(
                visit, 200, "Find", "find", template, Map.of("found", finder.find(visit.caller(), search, most)));
    }
}
