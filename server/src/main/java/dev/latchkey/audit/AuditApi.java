package dev.latchkey.audit;

import static dev.latchkey.access.ManagementApi.AUDIT_READ;

import dev.latchkey.access.Caller;
import dev.latchkey.event.Event;
import dev.latchkey.event.EventFilter;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.Origin;
import dev.latchkey.event.TargetKind;
import dev.latchkey.http.Paging;
import dev.latchkey.http.Parameters;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.management.Doc;
import dev.latchkey.management.Operation;
import dev.latchkey.management.Tag;
import dev.latchkey.problem.Page;
import dev.latchkey.problem.Problem;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The audit log: reading it requires {@code audit:read}, and no call writes it. */
public final class AuditApi {
    private final EventLog log;

    public AuditApi(EventLog log) {
        this.log = log;
    }

    /** Who acted. */
    public record ActorReply(
            @Doc("person, program or system") String kind,
            String id,
            String name,
            @Doc("The role that it acted with") @Nullable String role) {}

    /** What an actor acted on. */
    public record TargetReply(
            @Doc("Such as api_token, role or user") String kind, String id, String name) {}

    /** One thing that changed. */
    public record ChangeReply(
            String field, @Nullable String before, @Nullable String after) {}

    /** One event. */
    public record EventReply(
            @Doc("1, 2, 3, ... without gaps") long sequence,
            Instant at,
            @Doc("Such as api_token.revoke") String operation,
            ActorReply actor,
            TargetReply target,
            List<ChangeReply> changes,
            @Nullable String address,
            @Nullable String userAgent,

            @Doc("The request that made the change; its lines in the server's log have the same id") @Nullable String requestId) {

        public static EventReply of(Event event) {
            Origin origin = event.actor().origin();
            return new EventReply(
                    event.sequence(),
                    event.at(),
                    event.type().text(),
                    new ActorReply(
                            event.actor().kind().text(),
                            event.actor().id(),
                            event.actor().name(),
                            event.actor().role()),
                    new TargetReply(
                            event.target().kind().text(),
                            event.target().id(),
                            event.target().name()),
                    event.changes().stream()
                            .map(change -> new ChangeReply(change.field(), change.before(), change.after()))
                            .toList(),
                    origin == null ? null : origin.address(),
                    origin == null || origin.userAgent().isEmpty() ? null : origin.userAgent(),
                    event.requestId());
        }
    }

    /** A page of events. */
    public record EventPage(
            List<EventReply> items, @Nullable String nextPageToken) {

        public static EventPage of(Page<Event> page) {
            return new EventPage(page.items().stream().map(EventReply::of).toList(), page.nextPageToken());
        }
    }

    public List<Operation> operations() {
        return List.of(Operation.get("/events")
                .id("listEvents")
                .tag(Tag.AUDIT_LOG)
                .needs(AUDIT_READ)
                .summary("List events")
                .description("Newest first.")
                .query("operation", "An operation such as role.create, or a kind of target such as role")
                .query("actor", "An actor's complete id or name")
                .query("target", "A target as kind:id, such as role:reader")
                .query("from", "The earliest time, inclusive (RFC 3339)")
                .query("until", "The latest time, exclusive (RFC 3339)")
                .paged()
                .answers(EventPage.class)
                .by(this::list));
    }

    /** The newest events first. */
    public Page<Event> list(Caller caller, EventFilter filter, Page.Request page) {
        caller.require(AUDIT_READ);
        return log.list(filter, page);
    }

    /** How many events the list has, if that can be counted quickly; see {@link EventLog#count}. */
    public OptionalLong count(Caller caller, EventFilter filter) {
        caller.require(AUDIT_READ);
        return log.count(filter);
    }

    /** The filter that the parameters of a query ask for. */
    public static EventFilter filter(Parameters query) {
        String target = query.text("target").orElse(null);
        int colon = target == null ? -1 : target.indexOf(':');
        if (target != null && colon < 1) {
            throw Problem.invalid("target", "Write the target as kind:id, such as role:reader.");
        }
        return new EventFilter(
                query.text("operation").orElse(null),
                query.text("actor").orElse(null),
                target == null ? null : TargetKind.of(target.substring(0, colon)),
                target == null ? null : target.substring(colon + 1),
                time(query, "from"),
                time(query, "until"));
    }

    private Response list(Caller caller, Request request) {
        return Response.json(200, EventPage.of(list(caller, filter(request.query()), Paging.of(request.query(), 1))));
    }

    /**
     * A time of a query; null when it is absent.
     *
     * @throws Problem 422 when it is not a time
     */
    public static @Nullable Instant time(Parameters query, String name) {
        try {
            return query.text(name).map(Instant::parse).orElse(null);
        } catch (DateTimeParseException e) {
            throw Problem.invalid(name, "Write a time such as 2026-01-31T12:00:00Z.");
        }
    }
}
