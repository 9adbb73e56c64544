package dev.latchkey.console;

import dev.latchkey.audit.AuditApi;
import dev.latchkey.event.Event;
import dev.latchkey.event.EventFilter;
import dev.latchkey.event.EventLog;
import dev.latchkey.http.Paging;
import dev.latchkey.http.Parameters;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.problem.Page;
import dev.latchkey.problem.Problem;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The audit log: who changed what, when and from which address. */
final class AuditPages {
    private static final List<String> FILTERS = List.of("operation", "actor", "target", "from", "until");

    private final Pages pages;
    private final AuditApi audit;

    AuditPages(Pages pages, AuditApi audit) {
        this.pages = pages;
        this.audit = audit;
    }

    void addTo(Routes.Builder routes) {
        routes.add("GET", Links.AUDIT, pages.shown(this::listPage));
    }

    /** A wrong filter gets an error next to it and keeps what was typed. */
    private Response listPage(Visit visit) {
        Parameters query = visit.request().query();
        Form form = Form.of(query);
        List<Event> events = List.of();
        ListFoot foot = ListFoot.NOTHING;
        try {
            EventFilter filter = filter(query);
            Page<Event> page = audit.list(visit.caller(), filter, Paging.bothWays(query, 1));
            events = page.items();
            foot = ListFoot.of(page, total(visit, filter), token -> link(query, token));
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
                Map.of("events", events, "foot", foot, "form", form));
    }

    private String total(Visit visit, EventFilter filter) {
        OptionalLong number = audit.count(visit.caller(), filter);
        boolean narrowed = !filter.equals(EventFilter.ALL);
        return number.isPresent()
                ? ListFoot.total(
                        number.getAsLong(), narrowed ? EventLog.MOST_COUNTED : Long.MAX_VALUE, narrowed, "event")
                : "";
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

    /** The date field of a browser holds a day; the range includes all of its last day. */
    private static @Nullable Instant day(Parameters query, String name, int plusDays) {
        try {
            return query.text(name)
                    .map(text -> LocalDate.parse(text)
                            .plusDays(plusDays)
                            .atStartOfDay(ZoneOffset.UTC)
                            .toInstant())
                    .orElse(null);
        } catch (DateTimeParseException e) {
            throw Problem.invalid(name, "Enter a day such as 2026-01-31.");
        }
    }

    /** Another page of what the filters find. */
    private static String link(Parameters query, String pageToken) {
        Address address = Address.of(Links.AUDIT);
        for (String name : FILTERS) {
            address = address.with(name, query.text(name).orElse(""));
        }
        return address.with("pageToken", pageToken).text();
    }
}
