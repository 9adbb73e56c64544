package dev.latchkey.audit;

import static dev.latchkey.access.ManagementApi.ACCOUNT_MANAGE;
import static dev.latchkey.access.ManagementApi.AUDIT_READ;

import dev.latchkey.access.Caller;
import dev.latchkey.audit.AuditApi.EventReply;
import dev.latchkey.event.Attention;
import dev.latchkey.event.HistoryChange;
import dev.latchkey.event.LostChange;
import dev.latchkey.event.LostChange.State;
import dev.latchkey.event.LostChanges;
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
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the database has lost: the changes of its history, and the changes that were lost with each. */
public final class HistoryApi {
    private static final String STATES = "open, ended_again, not_needed, made_again or done";

    private final LostChanges lost;

    public HistoryApi(LostChanges lost) {
        this.lost = lost;
    }

    /** A change that was answered and that the database no longer has. */
    public record LostChangeReply(
            @Doc("The hash of the lost event") String id,
            @Doc(STATES) String state,
            Instant noticedAt,
            @Nullable Instant settledAt,

            @Doc("Who settled it; history when it was Latchkey itself") @Nullable String settledBy,

            @Doc("The lost event. Its sequence may belong to another event now")
            EventReply event) {

        static LostChangeReply of(LostChange lost) {
            return new LostChangeReply(
                    lost.id(),
                    lost.state().text(),
                    lost.noticedAt(),
                    lost.settledAt(),
                    lost.settledBy(),
                    EventReply.of(lost.event()));
        }
    }

    /** A page of lost changes. */
    public record LostChangePage(
            List<LostChangeReply> items,

            @Doc("How many have this state, or how many there are in all")
            long total,

            @Doc("How many still need a decision") long open,
            @Nullable String nextPageToken) {}

    /** What became of a lost change. */
    public record SettleLostChange(
            @Doc("made_again when you made the change again, done when there is nothing to do")
            String state) {}

    /** One change of the history: one occasion on which it differed from what was known before. */
    public record HistoryChangeReply(
            String id,
            Instant noticedAt,

            @Doc("node when a running node noticed, restore when a backup was restored")
            String noticedBy,

            @Doc("The last event that both histories have; 0 for none")
            long lastSequence,

            @Doc("When that event was written, or the backup was made") @Nullable Instant lastAt,

            @Doc("How many events were lost; absent when that is unknown") @Nullable Long lost,

            @Nullable Instant confirmedAt,
            @Nullable String confirmedBy) {

        static HistoryChangeReply of(HistoryChange change) {
            return new HistoryChangeReply(
                    change.id(),
                    change.noticedAt(),
                    change.noticedBy(),
                    change.lastSequence(),
                    change.lastAt(),
                    change.lost(),
                    change.confirmedAt(),
                    change.confirmedBy());
        }
    }

    /** The newest hundred. */
    public record HistoryChangeList(List<HistoryChangeReply> items) {}

    public List<Operation> operations() {
        return List.of(
                Operation.get("/events/lost")
                        .id("listLostChanges")
                        .tag(Tag.AUDIT_LOG)
                        .needs(AUDIT_READ)
                        .summary("List lost changes")
                        .description(
                                "Changes that were answered but that the database no longer has, because it was failed over or"
                                        + " restored. What they had ended has been ended again; the others need a decision.")
                        .query("state", STATES + "; all when absent")
                        .paged()
                        .answers(LostChangePage.class)
                        .by(this::list),
                Operation.post("/events/lost/{lostChangeId}/settle")
                        .id("settleLostChange")
                        .tag(Tag.AUDIT_LOG)
                        .needs(ACCOUNT_MANAGE)
                        .summary("Settle a lost change")
                        .description("Records that an administrator has dealt with it. This changes nothing else.")
                        .takes(SettleLostChange.class)
                        .answers(LostChangeReply.class)
                        .by(this::settle),
                Operation.get("/events/history")
                        .id("listHistoryChanges")
                        .tag(Tag.AUDIT_LOG)
                        .needs(AUDIT_READ)
                        .summary("List changes of the history")
                        .description(
                                "The occasions on which the database's history differed from the one known before, newest first.")
                        .answers(HistoryChangeList.class)
                        .by((caller, request) -> Response.json(
                                200,
                                new HistoryChangeList(changes(caller).stream()
                                        .map(HistoryChangeReply::of)
                                        .toList()))),
                Operation.post("/events/history/{historyChangeId}/confirm")
                        .id("confirmHistoryChange")
                        .tag(Tag.AUDIT_LOG)
                        .needs(ACCOUNT_MANAGE)
                        .summary("Confirm a change of the history")
                        .description("Records that an administrator has seen it, so that the console stops warning.")
                        .answersNothing()
                        .by(this::confirm));
    }

    /** The newest first; the state null for all. */
    public Page<LostChange> list(Caller caller, @Nullable State state, Page.Request page) {
        caller.require(AUDIT_READ);
        return lost.list(state, page);
    }

    /** How many lost changes have this state; null for all. */
    public long count(Caller caller, @Nullable State state) {
        caller.require(AUDIT_READ);
        return lost.count(state);
    }

    /** How many lost changes have each state that any has. */
    public Map<State, Long> counts(Caller caller) {
        caller.require(AUDIT_READ);
        return lost.counts();
    }

    /** What needs attention, for callers who may see it; nothing for others. */
    public Attention attention(Caller caller) {
        return caller.has(AUDIT_READ) || caller.has(ACCOUNT_MANAGE) ? lost.attention() : Attention.NONE;
    }

    /** The newest changes of the history, the newest first. */
    public List<HistoryChange> changes(Caller caller) {
        caller.require(AUDIT_READ);
        return lost.changes();
    }

    /**
     * Records that an administrator has dealt with a lost change.
     *
     * @param state {@code made_again} or {@code done}
     * @throws Problem 422 for any other state, 404 when there is no such lost change, 409 when it is settled already
     */
    public LostChange settle(Caller caller, String id, String state) {
        caller.require(ACCOUNT_MANAGE);
        State wanted = State.of(state)
                .filter(known -> known == State.MADE_AGAIN || known == State.DONE)
                .orElseThrow(() -> Problem.invalid("state", "Send made_again or done."));
        return lost.settle(caller.actingWith(ACCOUNT_MANAGE), id, wanted);
    }

    /** Records that an administrator has seen a change of the history. */
    public void confirm(Caller caller, String id) {
        caller.require(ACCOUNT_MANAGE);
        lost.confirm(caller.actingWith(ACCOUNT_MANAGE), id);
    }

    /** The state that a query asks for; null for all. */
    public static @Nullable State state(Parameters query) {
        return query.text("state")
                .map(text -> State.of(text).orElseThrow(() -> Problem.invalid("state", "Send " + STATES + ".")))
                .orElse(null);
    }

    private Response list(Caller caller, Request request) {
        State state = state(request.query());
        Page<LostChange> page = list(caller, state, Paging.of(request.query(), 2));
        return Response.json(
                200,
                new LostChangePage(
                        page.items().stream().map(LostChangeReply::of).toList(),
                        count(caller, state),
                        count(caller, State.OPEN),
                        page.nextPageToken()));
    }

    private Response settle(Caller caller, Request request) {
        return Response.json(
                200,
                LostChangeReply.of(settle(
                        caller,
                        request.pathParameter("lostChangeId"),
                        request.json(SettleLostChange.class).state())));
    }

    private Response confirm(Caller caller, Request request) {
        confirm(caller, request.pathParameter("historyChangeId"));
        return Response.noContent();
    }
}
