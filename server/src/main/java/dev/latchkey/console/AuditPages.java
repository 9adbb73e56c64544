package dev.latchkey.console;

import dev.latchkey.audit.AuditApi;
import dev.latchkey.event.Event;
import dev.latchkey.event.EventFilter;
import dev.latchkey.http.Paging;
import dev.latchkey.http.Parameters;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.problem.Page;
import dev.latchkey.problem.Problem;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The audit log: who did what to what, what changed, from where, when. */
final class AuditPages {
    private static final List<String> FILTERS = List.of("operation", "actor", "target", "from", "until");

    private final Pages pages;
    private final AuditApi audit;

    AuditPages(Pages pages, AuditApi audit) {
        this.pages = pages;
        this.audit = audit;
    }

    void addTo(Routes.Builder routes) {
        routes.add("GET", "/audit", pages.shown(this::listPage));
    }

    /** What is wrong with a filter is said beside it, and whatever was typed stays. */
    private Response listPage(Visit visit) {
        Parameters query = visit.request().query();
        Form form = Form.of(query);
        Page<Event> events = new Page<>(List.of(), null, null);
        boolean firstPage = true;
        try {
            Page.Request page = Paging.of(query, 1);
            firstPage = page.after() == null;
            events = audit.list(visit.caller(), filter(query), page);
        } catch (Problem problem) {
            if (problem.status() != 422) {
                throw problem;
            }
            form = Form.refused(query, problem);
        }
        return pages.page(
                visit,
                form.isRefused() ? 422 : 200,
                "Audit log",
                "audit",
                "audit",
                Map.of(
                        "events",
                        events,
                        "form",
                        form,
                        "firstPage",
                        firstPage,
                        "newest",
                        link(query, ""),
                        "next",
                        events.nextPageToken() == null ? "" : link(query, events.nextPageToken())));
    }

    private static EventFilter filter(Parameters query) {
        EventFilter plain = AuditApi.filter(query.without("from", "until"));
        return new EventFilter(
                plain.operation(),
                plain.actor(),
                plain.targetKind(),
                plain.targetId(),
                day(query, "from", 0),
                day(query, "until", 1));
    }

    /** A browser's date field gives a day; the last day counts whole. */
    private static @Nullable Instant day(Parameters query, String name, int plusDays) {
        try {
            return query.text(name)
                    .map(text -> LocalDate.parse(text)
                            .plusDays(plusDays)
                            .atStartOfDay(ZoneOffset.UTC)
                            .toInstant())
                    .orElse(null);
        } catch (DateTimeParseException e) {
            throw Problem.invalid(name, "Give a day such as 2026-01-31.");
        }
    }

    /** The page of what the filters find. */
    private static String link(Parameters query, String pageToken) {
        List<String> parts = new ArrayList<>();
        for (String name : FILTERS) {
            query.text(name)
                    .ifPresent(value -> parts.add(name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8)));
        }
        if (!pageToken.isEmpty()) {
            parts.add("pageToken=" + pageToken);
        }
        return parts.isEmpty() ? "/audit" : "/audit?" + String.join("&", parts);
    }
}
