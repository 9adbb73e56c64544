package dev.latchkey.usage;

import static dev.latchkey.access.ManagementApi.TOKENS_READ;

import dev.latchkey.access.Caller;
import dev.latchkey.apitoken.ApiTokens;
import dev.latchkey.database.Database;
import dev.latchkey.problem.Problem;
import dev.latchkey.registry.Apis;
import dev.latchkey.registry.Roles;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** Reads what API tokens were used for. Calls of the last second may be missing. */
public final class UsageReader {
    /** Groups that are listed for a program. */
    static final int MOST_GROUPS = 1_000;

    private final Database database;
    private final ApiTokens apiTokens;
    private final Roles roles;
    private final Apis apis;
    private final Clock clock;
    private final UsageStore store = new UsageStore();
    private final UsageSumStore sums = new UsageSumStore();

    public UsageReader(Database database, ApiTokens apiTokens, Roles roles, Apis apis, Clock clock) {
        this.database = database;
        this.apiTokens = apiTokens;
        this.roles = roles;
        this.apis = apis;
        this.clock = clock;
    }

    Instant now() {
        return clock.instant();
    }

    /**
     * The usage in the last periods, the current one included.
     *
     * @param most how many groups are listed
     * @throws Problem as for {@link #of}
     */
    public Usage last(Caller caller, Selection selection, int periods, Step step, List<GroupBy> groupBy, int most) {
        return of(caller, selection, Span.last(periods, step, now()), groupBy, most);
    }

    /**
     * The usage in this time.
     *
     * @throws Problem 403 without {@code tokens:read}, and without the privilege to read the role or the API; 404 when the
     *     subject does not exist; 422 when there is more to read than can be read in time
     */
    Usage of(Caller caller, Selection selection, Span span, List<GroupBy> groupBy, int most) {
        requireMayRead(caller, selection);
        if (isKept(selection, span.step()) && groupBy.isEmpty()) {
            List<Usage.Point> points = database.read(handle -> sums.ofApi(handle, selection.name(), span));
            return new Usage(span, filled(span.starts(), points), List.of());
        }
        // A token's rows are found by their keys. Those of a role or an API may be most of the table.
        return selection.subject() == Selection.Subject.TOKEN
                ? database.read(handle -> read(handle, selection, span, groupBy, most))
                : database.search("by a shorter time", handle -> read(handle, selection, span, groupBy, most));
    }

    /** Whether sums are kept of the calls, however many these are. */
    public static boolean isKept(Selection selection, Step step) {
        return selection.subject() == Selection.Subject.API && selection.endpoint() == null && step == Step.DAY;
    }

    /**
     * The calls of some tokens on the last days, the current one included: few tokens, each with as many points as days. A token
     * without calls is absent.
     *
     * @throws Problem 403 without {@code tokens:read}
     */
    public Map<String, List<Usage.Point>> lastDays(Caller caller, List<String> clientIds, int days) {
        caller.require(TOKENS_READ);
        if (clientIds.isEmpty()) {
            return Map.of();
        }
        List<Instant> starts = Span.last(days, Step.DAY, now()).starts();
        Map<String, List<Usage.Point>> points = new HashMap<>();
        database.read(handle -> store.days(handle, clientIds, starts))
                .forEach((clientId, counted) -> points.put(clientId, filled(starts, counted)));
        return points;
    }

    private static List<Usage.Point> filled(List<Instant> starts, List<Usage.Point> counted) {
        Map<Instant, Usage.Point> known = new HashMap<>();
        counted.forEach(point -> known.put(point.at(), point));
        return starts.stream()
                .map(start -> known.getOrDefault(start, new Usage.Point(start, 0, 0)))
                .toList();
    }

    private void requireMayRead(Caller caller, Selection selection) {
        caller.require(TOKENS_READ);
        switch (selection.subject()) {
            case TOKEN -> apiTokens.find(caller, selection.name());
            case ROLE -> roles.find(caller, selection.name());
            case API -> apis.find(caller, selection.name());
        }
    }

    private Usage read(Handle handle, Selection selection, Span span, List<GroupBy> groupBy, int most) {
        List<Instant> starts = span.starts();
        UsageStore.Where where = store.where(handle, selection, starts);
        List<Usage.Point> points = filled(starts, store.points(handle, span.step(), where));
        List<Usage.Grouping> groupings = new ArrayList<>();
        for (GroupBy by : groupBy) {
            UsageStore.Top top = store.top(handle, span.step(), where, by, most);
            groupings.add(new Usage.Grouping(by, top.groups(), top.rest()));
        }
        return new Usage(span, points, groupings);
    }

    /**
     * The calls of all tokens in the last hours, the current one included. It reads a few rows for each hour, however many tokens
     * there are.
     *
     * @throws Problem 403 without {@code tokens:read}
     */
    public List<Usage.Point> ofAll(Caller caller, int hours) {
        caller.require(TOKENS_READ);
        Span span = Span.last(hours, Step.HOUR, now());
        return filled(span.starts(), database.read(handle -> sums.sums(handle, span)));
    }

    /**
     * Whether a program's call to a registered API was ever allowed, as far as it is known.
     *
     * @throws Problem 403 without {@code tokens:read}
     */
    public boolean hasGuardedCall(Caller caller) {
        caller.require(TOKENS_READ);
        return database.read(sums::hasGuardedCall);
    }
}
