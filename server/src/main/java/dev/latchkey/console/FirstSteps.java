package dev.latchkey.console;

import dev.latchkey.access.Caller;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.ApiTokenQuery;
import dev.latchkey.apitoken.ApiTokens;
import dev.latchkey.apitoken.Surroundings;
import dev.latchkey.console.Overview.FirstStep;
import dev.latchkey.problem.Page;
import dev.latchkey.usage.UsageReader;
import java.time.Duration;
import java.util.List;

/** The way to the first guarded call of a fresh installation. Each step is taken when the database says so. */
final class FirstSteps {
    /** Older installations with tokens know their way. */
    private static final Duration FRESH = Duration.ofDays(14);

    private static final Page.Request NEWEST = new Page.Request(1, null);

    private final ApiTokens apiTokens;
    private final UsageReader usage;
    private final Surroundings around;

    FirstSteps(ApiTokens apiTokens, UsageReader usage, Surroundings around) {
        this.apiTokens = apiTokens;
        this.usage = usage;
        this.around = around;
    }

    /** Empty when all are taken, when the installation is not fresh, and for people who may not see whether they are taken. */
    List<FirstStep> of(Caller caller) {
        if (!caller.has(ManagementApi.ROLES_READ)
                || !caller.has(ManagementApi.APIS_READ)
                || !caller.has(ManagementApi.TOKENS_READ)) {
            return List.of();
        }
        List<ApiToken> tokens = newest(caller, ApiTokenQuery.Sort.CREATED);
        boolean isFresh = around.accounts()
                .get()
                .createdAt()
                .plus(FRESH)
                .isAfter(around.clock().instant());
        if (!isFresh && !tokens.isEmpty()) {
            return List.of();
        }
        List<FirstStep> steps = steps(caller, !tokens.isEmpty());
        return steps.stream().allMatch(FirstStep::isDone) ? List.of() : steps;
    }

    private List<FirstStep> steps(Caller caller, boolean hasToken) {
        var policy = around.policy().get();
        return List.of(
                new FirstStep(
                        "Register an API",
                        "The API that you want to protect, with its endpoints. An OpenAPI document is enough.",
                        place(caller, ManagementApi.APIS_MANAGE, Links.APIS),
                        !policy.apis().isEmpty()),
                new FirstStep(
                        "Create a role",
                        "A named set of privileges: which endpoints its programs may call.",
                        place(caller, ManagementApi.ROLES_MANAGE, Links.ROLES),
                        policy.roles().stream().anyMatch(role -> !role.isPredefined() && !isEmpty(role))),
                new FirstStep(
                        "Generate a token",
                        "One for each program, with the role. Its secret is shown once.",
                        place(caller, ManagementApi.TOKENS_CREATE, Links.TOKENS),
                        hasToken),
                new FirstStep(
                        "Ask for an access token",
                        "The program exchanges its client ID and secret for one that lasts ten minutes. An API key is used as it is.",
                        "/quick-start",
                        newest(caller, ApiTokenQuery.Sort.LAST_ACCESS).stream()
                                .anyMatch(token -> token.lastAccess() != null)),
                new FirstStep(
                        "Make a guarded call",
                        "Put a gateway in front of the API, or let the API ask. The page of the API shows how.",
                        Links.APIS,
                        usage.hasGuardedCall(caller)));
    }

    private static boolean isEmpty(Role role) {
        return role.allowed().isEmpty() && role.grantedRoles().isEmpty();
    }

    /** The form for people who may send it, the list for others. */
    private static String place(Caller caller, Privilege privilege, String list) {
        return caller.has(privilege) ? list + "/new" : list;
    }

    private List<ApiToken> newest(Caller caller, ApiTokenQuery.Sort sort) {
        return apiTokens
                .list(caller, new ApiTokenQuery(null, null, null, null, sort, true), NEWEST)
                .items();
    }
}
