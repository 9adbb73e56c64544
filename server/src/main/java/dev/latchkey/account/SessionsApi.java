package dev.latchkey.account;

import dev.latchkey.access.Caller;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.management.Operation;
import dev.latchkey.management.Tag;
import java.time.Instant;
import java.util.List;

/** The management API's calls for the caller's own sessions. A program has none: its list is empty. */
public final class SessionsApi {
    private final Sessions sessions;

    public SessionsApi(Sessions sessions) {
        this.sessions = sessions;
    }

    /** One browser in which the caller is signed in. */
    public record SessionReply(
            String id, Instant createdAt, Instant lastSeenAt, Instant expiresAt, String address, String userAgent) {}

    /** All sessions of the caller. */
    public record SessionList(List<SessionReply> items) {}

    public List<Operation> operations() {
        return List.of(
                Operation.get("/me/sessions")
                        .id("listSessions")
                        .tag(Tag.ME)
                        .needsNoPrivilege()
                        .summary("List your own sessions")
                        .description("The most recently used first. A program has no sessions.")
                        .answers(SessionList.class)
                        .by(this::list),
                Operation.delete("/me/sessions/{sessionId}")
                        .id("endSession")
                        .tag(Tag.ME)
                        .needsNoPrivilege()
                        .summary("End one of your own sessions")
                        .answersNothing()
                        .by(this::end));
    }

    private Response list(Caller caller, Request request) {
        return Response.json(
                200,
                new SessionList(sessions.list(caller).stream()
                        .map(session -> new SessionReply(
                                session.id(),
                                session.createdAt(),
                                session.lastSeenAt(),
                                session.expiresAt(),
                                session.address(),
                                session.userAgent()))
                        .toList()));
    }

    private Response end(Caller caller, Request request) {
        sessions.end(caller, request.pathParameter("sessionId"));
        return Response.noContent();
    }
}
