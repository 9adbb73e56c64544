package dev.latchkey.apitoken;

import dev.latchkey.http.Parameters;
import dev.latchkey.problem.Problem;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which API tokens to list, in which order. A null part does not narrow the list.
 *
 * @param search part of a description or a client id, whatever the case
 * @param status whether they are revoked
 * @param state whether they work now; the active ones include those that expire soon
 * @param owner their owner: a user id, {@link #NONE} or {@link #DEPARTED}
 * @param traits each token has all of these
 */
public record ApiTokenQuery(
        @Nullable String search,
        ApiToken.@Nullable Status status,
        ApiToken.@Nullable State state,
        @Nullable String role,
        @Nullable String owner,
        Set<Trait> traits,
        Sort sort,
        boolean descending) {
    /** In place of an owner: tokens without one. */
    public static final String NONE = "none";

    /** In place of an owner: people who were disabled or removed. */
    public static final String DEPARTED = "departed";

    /** A reason to look twice at a token. */
    public enum Trait {
        NEVER_USED,
        /** Neither used nor created in the last {@link ApiTokens#idleDays} days. */
        IDLE,
        /** Its role may change who may do what. */
        POWERFUL,
        /** Revoked, and nevertheless presented in the last days, as far as the node knows. */
        STILL_USED,
        /** At least {@value LastWeek#OFTEN} refused calls in the last week, and more than a tenth of all. */
        REFUSED_OFTEN,
        /** Refused because of a limit in the last week. */
        LIMITED,
        /** Powerful, older than a week, and called at most {@value LastWeek#FEW_ENDPOINTS} endpoints in the last week. */
        POWERFUL_LITTLE_USED;

        /** Its name in addresses. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The sort key; the client id breaks ties. */
    public enum Sort {
        CREATED("created_at", true),
        LAST_ACCESS("coalesce(last_access_at, 0)", true),
        /** The calls of the last week, as of the last hour. */
        LAST_WEEK("week_calls", true),
        /** Tokens that never expire come last. */
        EXPIRES("coalesce(expires_at, 9223372036854775807)", true),
        DESCRIPTION("search_text", false),
        ROLE("role_name", false),
        STATUS("state", false),
        CLIENT_ID("client_id", false);

        private final String expression;
        private final boolean number;

        Sort(String expression, boolean number) {
            this.expression = expression;
            this.number = number;
        }

        String expression() {
            return expression;
        }

        boolean isNumber() {
            return number;
        }
    }

    /** The sort keys by their names in addresses. */
    private static final Map<String, Sort> SORTS = Map.of(
            "created", Sort.CREATED,
            "lastAccess", Sort.LAST_ACCESS,
            "lastWeek", Sort.LAST_WEEK,
            "expires", Sort.EXPIRES,
            "description", Sort.DESCRIPTION,
            "role", Sort.ROLE,
            "status", Sort.STATUS,
            "clientId", Sort.CLIENT_ID);

    private static final String TRAITS =
            Arrays.stream(Trait.values()).map(Trait::text).collect(Collectors.joining(", "));

    public static final ApiTokenQuery ALL = new ApiTokenQuery(null, null, null, null, Sort.CREATED, true);

    public ApiTokenQuery(
            @Nullable String search,
            ApiToken.@Nullable Status status,
            @Nullable String role,
            @Nullable String owner,
            Sort sort,
            boolean descending) {
        this(search, status, null, role, owner, Set.of(), sort, descending);
    }

    /** Whether it matters which roles are powerful. */
    boolean asksForPowerful() {
        return traits.contains(Trait.POWERFUL) || traits.contains(Trait.POWERFUL_LITTLE_USED);
    }

    /** The same list without revoked tokens. */
    public ApiTokenQuery notRevoked() {
        return new ApiTokenQuery(search, ApiToken.Status.ACTIVE, state, role, owner, traits, sort, descending);
    }

    /**
     * The list that the parameters of a query ask for.
     *
     * @throws Problem 422 for an unknown status, state, trait or order
     */
    public static ApiTokenQuery from(Parameters query) {
        String sort = query.text("sort").orElse("-created");
        boolean descending = sort.startsWith("-");
        Sort by = SORTS.get(descending ? sort.substring(1) : sort);
        if (by == null) {
            throw Problem.invalid(
                    "sort", "Send one of created, lastAccess, lastWeek, expires, description, role, status, clientId.");
        }
        ApiToken.Status status = query.text("status")
                .map(text -> named(ApiToken.Status.values(), ApiToken.Status::text, text)
                        .orElseThrow(() -> Problem.invalid("status", "Send active or revoked.")))
                .orElse(null);
        ApiToken.State state = query.text("state")
                .map(text -> named(ApiToken.State.values(), ApiToken.State::text, text)
                        .orElseThrow(() ->
                                Problem.invalid("state", "Send active, expiring, expired, not_yet_valid or revoked.")))
                .orElse(null);
        Set<Trait> traits = EnumSet.noneOf(Trait.class);
        for (String text : query.all("only")) {
            traits.add(named(Trait.values(), Trait::text, text)
                    .orElseThrow(() -> Problem.invalid("only", "Send one of " + TRAITS + ".")));
        }
        return new ApiTokenQuery(
                query.text("search").orElse(null),
                status,
                state,
                query.text("role").orElse(null),
                query.text("owner").orElse(null),
                traits,
                by,
                descending);
    }

    private static <T> Optional<T> named(T[] values, Function<T, String> name, String text) {
        return Arrays.stream(values)
                .filter(value -> name.apply(value).equals(text))
                .findFirst();
    }
}
