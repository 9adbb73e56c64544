package dev.latchkey.console;

import dev.latchkey.access.AuditApi;
import dev.latchkey.event.EventFilter;
import dev.latchkey.http.Page;
import dev.latchkey.http.Parameters;
import dev.latchkey.http.Problem;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
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

    private Response listPage(Visit visit) {
        Parameters query = visit.request().query();
        Page.Request page = Page.Request.from(query, 1);
        var events = audit.list(visit.caller(), filter(query), page);
        return pages.page(
                visit,
                200,
                "Audit log",
                "audit",
                "audit",
                Map.of(
                        "events",
                        events,
                        "form",
                        Form.of(query),
                        "firstPage",
                        page.after() == null,
                        "next",
                        events.nextPageToken() == null ? "" : next(query, events.nextPageToken())));
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

    private static String next(Parameters query, String pageToken) {
        StringBuilder link = new StringBuilder("/audit?pageToken=").append(pageToken);
        for (String name : FILTERS) {
            query.text(name)
                    .ifPresent(value -> link.append('&')
                            .append(name)
                            .append('=')
                            .append(URLEncoder.encode(value, StandardCharsets.UTF_8)));
        }
        return link.toString();
    }
}
