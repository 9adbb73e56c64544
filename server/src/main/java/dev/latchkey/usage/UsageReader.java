package dev.latchkey.usage;

import static dev.latchkey.access.ManagementApi.TOKENS_READ;

import dev.latchkey.access.Caller;
import dev.latchkey.apitoken.ApiTokens;
import dev.latchkey.database.Database;
import dev.latchkey.problem.Problem;
import java.time.Clock;
import java.time.Instant;
import java.util.List;

/** Reads what API tokens were used for. Calls of the last second may be missing. */
public final class UsageReader {
    private final Database database;
    private final ApiTokens apiTokens;
    private final Clock clock;
    private final UsageStore store = new UsageStore();

    public UsageReader(Database database, ApiTokens apiTokens, Clock clock) {
        this.database = database;
        this.apiTokens = apiTokens;
        this.clock = clock;
    }

    Instant now() {
        return clock.instant();
    }

    /** The usage in the last periods, the current one included. */
    public Usage last(Caller caller, String clientId, int periods, Step step) {
        return of(caller, clientId, Span.last(periods, step, now()));
    }

    /**
     * The calls of all tokens in the last hours, the current one included. It reads a few rows for each hour, however many tokens
     * there are.
     *
     * @throws Problem 403 without {@code tokens:read}
     */
    public Usage ofAll(Caller caller, int hours) {
        caller.require(TOKENS_READ);
        Span span = Span.last(hours, Step.HOUR, now());
        return Usage.of(span, database.read(handle -> store.sums(handle, span)));
    }

    /**
     * Whether a program's call to a registered API was ever allowed, as far as it is known.
     *
     * @throws Problem 403 without {@code tokens:read}
     */
    public boolean hasGuardedCall(Caller caller) {
        caller.require(TOKENS_READ);
        return database.read(store::hasGuardedCall);
    }

    /** @throws Problem 403 without {@code tokens:read}; 404 when there is no such token */
    public Usage of(Caller caller, String clientId, Span span) {
        String id = apiTokens.find(caller, clientId).clientId();
        List<Usage.Row> rows = database.read(handle -> store.of(handle, span.step(), id, span.starts()));
        return Usage.of(span, rows);
    }
}
