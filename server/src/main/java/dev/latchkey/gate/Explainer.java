package dev.latchkey.gate;

import static dev.latchkey.access.ManagementApi.APIS_READ;
import static dev.latchkey.access.ManagementApi.ROLES_READ;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Api;
import dev.latchkey.access.Caller;
import dev.latchkey.access.Endpoint;
import dev.latchkey.access.Endpoint.Requirement;
import dev.latchkey.access.Explanation;
import dev.latchkey.access.Explanation.Need;
import dev.latchkey.access.Meaning;
import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.ApiTokens;
import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Text;
import dev.latchkey.registry.CurrentPolicy;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Answers "may this token, or a token with this role, make this request, and why?" as the {@link Gate} would decide. */
public final class Explainer {
    private final CurrentPolicy current;
    private final ApiTokens apiTokens;
    private final Api management;
    private final Clock clock;

    /** @param management Latchkey's own API */
    public Explainer(CurrentPolicy current, ApiTokens apiTokens, Api management, Clock clock) {
        this.current = current;
        this.apiTokens = apiTokens;
        this.management = management;
        this.clock = clock;
    }

    /**
     * A question about a client id or a role, not both.
     *
     * @param target the request's path, including the API's base path
     */
    public record Question(
            String api,
            String method,
            String target,
            @Nullable String clientId,
            @Nullable String role) {}

    /**
     * A decision with its reasons.
     *
     * @param apiToken null when a role was asked about
     * @param sentence the reason in one sentence
     */
    public record Answer(Explanation explanation, @Nullable ApiToken apiToken, boolean allowed, String sentence) {}

    /** All APIs that a question can name, Latchkey's own last. */
    public List<Api> apis() {
        return Stream.concat(current.get().apis().stream(), Stream.of(management))
                .toList();
    }

    /**
     * Explains the decision about a request.
     *
     * @throws Problem 422 when the question names something that does not exist
     */
    public Answer explain(Caller caller, Question question) {
        caller.require(ROLES_READ);
        caller.require(APIS_READ);
        if ((question.clientId() == null) == (question.role() == null)) {
            throw Problem.invalid("role", "Name a token or a role, but not both.");
        }
        AccessPolicy policy = current.get();
        Api api = apis().stream()
                .filter(one -> one.name().equals(question.api()))
                .findFirst()
                .orElseThrow(() -> Problem.invalid("api", "There is no API " + Text.quote(question.api()) + "."));
        ApiToken apiToken = question.clientId() == null ? null : token(caller, question.clientId());
        String role = apiToken == null ? String.valueOf(question.role()) : apiToken.role();
        if (apiToken == null && policy.role(role).isEmpty()) {
            throw Problem.invalid("role", "There is no role " + Text.quote(role) + ".");
        }
        Explanation explanation = Explanation.of(policy, api, role, question.method(), question.target());
        boolean isPublic = explanation.meaning() instanceof Endpoint endpoint
                && endpoint.requirement() instanceof Requirement.Nothing;
        if (apiToken != null && !isPublic) {
            String unusable = unusable(apiToken, api);
            if (unusable != null) {
                return new Answer(explanation, apiToken, false, unusable);
            }
        }
        return new Answer(explanation, apiToken, explanation.allowed(), sentence(explanation));
    }

    private ApiToken token(Caller caller, String clientId) {
        try {
            return apiTokens.find(caller, clientId);
        } catch (Problem problem) {
            throw problem.status() == 404 ? Problem.invalid("token", problem.detail()) : problem;
        }
    }

    /** Why the token opens nothing of the API, whatever its role; null when its role decides. */
    private @Nullable String unusable(ApiToken apiToken, Api api) {
        if (apiToken.status() == ApiToken.Status.REVOKED) {
            return "The API token was revoked, so none of its access tokens is valid.";
        }
        Instant now = clock.instant();
        if (apiToken.isExpired(now)) {
            return "The API token has expired, so none of its access tokens is valid.";
        }
        if (apiToken.isEarly(now)) {
            return "The API token is not valid yet.";
        }
        return apiToken.canBePresentedTo(api)
                ? null
                : "The API token authenticates with an API key, and this API takes no keys.";
    }

    private static String sentence(Explanation explanation) {
        return switch (explanation.meaning()) {
            case Meaning.NoEndpoint none ->
                "No endpoint of " + explanation.api().name()
                        + " matches this request, and a request that matches none is denied." + hint(explanation);
            case Meaning.Doubtful doubtful -> "The request is refused because " + doubtful.reason() + ".";
            case Endpoint endpoint ->
                switch (endpoint.requirement()) {
                    case Requirement.Nothing nothing -> endpoint.name() + " is public.";
                    case Requirement.AnyToken anyToken -> endpoint.name() + " is open to any token for this API.";
                    case Requirement.Holds holds -> sentence(explanation, endpoint, holds.names());
                };
        };
    }

    private static String sentence(Explanation explanation, Endpoint endpoint, List<String> privileges) {
        String needs = endpoint.name() + " needs " + joined(privileges);
        List<Need> missing = explanation.missing();
        if (privileges.size() == 1) {
            Need only = explanation.needs().getFirst();
            return missing.isEmpty()
                    ? needs + ", which " + give(only.givenBy()) + "."
                    : needs + ". " + refused(only, explanation.role()) + ".";
        }
        if (missing.isEmpty()) {
            return needs + ", " + (privileges.size() == 2 ? "both" : "all") + " of which the role " + explanation.role()
                    + " has.";
        }
        return needs + " together. "
                + missing.stream()
                        .map(need -> refused(need, explanation.role()) + ".")
                        .collect(Collectors.joining(" "));
    }

    /** A sentence without its full stop. */
    private static String refused(Need need, String role) {
        String privilege = need.privilege().name();
        if (need.deniedBy().isEmpty()) {
            return "The role " + role + " does not have " + privilege;
        }
        return "The " + verb(need.deniedBy(), "role ", "roles ") + joined(need.deniedBy()) + " "
                + verb(need.deniedBy(), "denies ", "deny ") + privilege
                + (need.givenBy().isEmpty() ? "" : ", and a deny wins over what " + give(need.givenBy()));
    }

    private static String give(Set<String> roles) {
        return joined(roles) + " " + verb(roles, "gives", "give");
    }

    private static String hint(Explanation explanation) {
        Api api = explanation.api();
        return !api.basePath().isEmpty() && !explanation.target().startsWith(api.basePath() + "/")
                ? " Its paths begin with " + api.basePath() + "."
                : "";
    }

    private static String joined(Collection<String> names) {
        return String.join(" and ", names);
    }

    private static String verb(Set<String> roles, String one, String many) {
        return roles.size() == 1 ? one : many;
    }
}
