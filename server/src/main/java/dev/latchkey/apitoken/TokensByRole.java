package dev.latchkey.apitoken;

import static dev.latchkey.access.ManagementApi.TOKENS_READ;

import dev.latchkey.access.Caller;
import dev.latchkey.database.Database;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Walks through the API tokens of some roles, however many there are: each step reads a bounded number of rows along an index,
 * leaps over the tokens of other roles, and says where the next step begins.
 */
public final class TokensByRole {
    /** So many rows are looked at in one step, whether or not they fit. */
    static final int MOST_READ = 1_000;

    private static final int READ_AT_ONCE = 200;

    private final Database database;

    public TokensByRole(Database database) {
        this.database = database;
    }

    /**
     * The token behind which a step begins.
     *
     * @param clientId empty when it begins behind all tokens of the role
     */
    public record Place(String role, String clientId) {}

    /**
     * What a step found.
     *
     * @param next where the next one begins; null at the end
     */
    public record Step(List<ApiToken> found, @Nullable Place next) {}

    /**
     * Walks on from a place.
     *
     * @param roles whose tokens are wanted
     * @param from null for the beginning
     * @param most how many tokens to find at most
     * @param fits which of them are wanted
     */
    public Step step(Caller caller, Set<String> roles, @Nullable Place from, int most, Predicate<ApiToken> fits) {
        caller.require(TOKENS_READ);
        Place start = from == null ? new Place("", "") : from;
        return database.read(handle -> step(handle, roles, start, most, fits));
    }

    private static Step step(Handle handle, Set<String> roles, Place start, int most, Predicate<ApiToken> fits) {
        List<ApiToken> found = new ArrayList<>();
        Place place = start;
        int looked = 0;
        while (looked < MOST_READ) {
            boolean leap = place.clientId().isEmpty();
            // Behind a leap there may be another role that is not wanted: one row tells.
            int wanted = leap ? 1 : Math.min(READ_AT_ONCE, MOST_READ - looked);
            List<ApiToken> rows = leap
                    ? TokensByRoleStore.behindRole(handle, place.role(), wanted)
                    : TokensByRoleStore.behind(handle, place.role(), place.clientId(), wanted);
            for (ApiToken apiToken : rows) {
                looked++;
                if (!roles.contains(apiToken.role())) {
                    place = new Place(apiToken.role(), "");
                    break;
                }
                if (fits.test(apiToken)) {
                    if (found.size() == most) {
                        return new Step(found, place);
                    }
                    found.add(apiToken);
                }
                place = new Place(apiToken.role(), apiToken.clientId());
            }
            if (rows.size() < wanted && !place.clientId().isEmpty() || rows.isEmpty()) {
                return new Step(found, null);
            }
        }
        return new Step(found, place);
    }
}
