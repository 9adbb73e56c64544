package dev.latchkey.advice;

import static dev.latchkey.access.ManagementApi.ROLES_READ;
import static dev.latchkey.access.ManagementApi.TOKENS_READ;

import dev.latchkey.access.Api;
import dev.latchkey.access.Caller;
import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import dev.latchkey.advice.Gathering.Asked;
import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.ApiTokens;
import dev.latchkey.apitoken.TokensByRole;
import dev.latchkey.event.EventLog;
import dev.latchkey.problem.Problem;
import dev.latchkey.registry.CurrentPolicy;
import dev.latchkey.registry.RoleUsage;
import dev.latchkey.registry.Roles;
import dev.latchkey.usage.UsageHistory;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Answers what can be taken from a role, what a token used of its role, and what a role that is tried would have refused. */
public final class Advisor {
    /** With more tokens, a page waits until someone asks: advice reads a year of their calls. */
    private static final long MOST_AT_ONCE = 100;

    /** How many of the tokens that share a role are named. */
    private static final int MOST_SHARING = 10;

    /** Usage that is kept for longer is not looked at. */
    private static final Duration LONGEST = Duration.ofDays(400);

    private final Roles roles;
    private final ApiTokens apiTokens;
    private final CurrentPolicy policy;
    private final TokensByRole tokensByRole;
    private final Gathering gathering;
    private final Clock clock;

    /** @param own Latchkey's own API */
    public Advisor(
            Roles roles,
            ApiTokens apiTokens,
            CurrentPolicy policy,
            TokensByRole tokensByRole,
            UsageHistory usage,
            EventLog events,
            Api own,
            Clock clock) {
        this.roles = roles;
        this.apiTokens = apiTokens;
        this.policy = policy;
        this.tokensByRole = tokensByRole;
        this.gathering = new Gathering(tokensByRole, usage, events, own);
        this.clock = clock;
    }

    /**
     * What everyone needs who asks about the calls of a role's tokens.
     *
     * @throws Problem 403 without {@code roles:read} and {@code tokens:read}
     */
    static void requireReading(Caller caller) {
        caller.require(ROLES_READ);
        caller.require(TOKENS_READ);
    }

    private Asked asked(Caller caller, Window window) {
        return asked(caller, window, clock.instant().minus(LONGEST));
    }

    /** @param from in the first day that is looked at */
    private Asked asked(Caller caller, Window window, Instant from) {
        requireReading(caller);
        return new Asked(caller, policy.get(), window, clock.instant(), from.truncatedTo(ChronoUnit.DAYS));
    }

    /**
     * What can be taken from the role.
     *
     * @throws Problem 403 without {@code roles:read} and {@code tokens:read}; 404 when there is no such role
     */
    public RoleAdvice on(Caller caller, String name, Window window) {
        Asked asked = asked(caller, window);
        Role role = asked.role(name);
        Set<String> above = asked.policy().above(name);
        List<Doubt> doubts = doubtsOf(role);
        return review(asked, role, above, gathering.holders(asked, above, doubts), doubts);
    }

    /** What is doubtful about a role whatever its tokens called. */
    private List<Doubt> doubtsOf(Role role) {
        List<Doubt> doubts = new ArrayList<>();
        if (role.isPredefined()) {
            doubts.add(Doubt.always(Reason.PREDEFINED_ROLE, ""));
        }
        RoleUsage people = roles.usage(role.name());
        if (people.users() > 0) {
            doubts.add(Doubt.always(
                    Reason.USED_BY_PEOPLE, people.users() == 1 ? "One person has" : people.users() + " people have"));
        }
        return doubts;
    }

    private RoleAdvice review(Asked asked, Role role, Set<String> above, List<Holder> holders, List<Doubt> doubts) {
        Gathering.Gathered all = gathering.everything(asked, role, above, holders, doubts);
        return RoleReview.of(all.subject(), all.recorded());
    }

    /**
     * What became of the calls of a role's tokens since a trial of the role began, decided again without these privileges.
     *
     * @param without privileges that the role itself allows
     * @throws Problem 403 without {@code roles:read} and {@code tokens:read}; 404 when there is no such role
     */
    TrialFindings since(Caller caller, String name, Set<Privilege> without, Instant begun) {
        Asked asked = asked(caller, Window.covering(Duration.between(begun, clock.instant())), begun);
        Role role = asked.role(name);
        Set<String> above = asked.policy().above(name);
        List<Doubt> doubts = doubtsOf(role);
        Gathering.Gathered all =
                gathering.everything(asked, role, above, gathering.holders(asked, above, doubts), doubts);
        return TrialReview.of(all.subject(), all.recorded(), without, begun);
    }

    /** The same for what was called from a day on, without looking at what makes it doubtful. */
    TrialFindings lately(Caller caller, String name, Set<Privilege> without, Instant begun, Instant from) {
        Asked asked = asked(caller, Window.MONTH, from);
        Role role = asked.role(name);
        List<Doubt> doubts = new ArrayList<>();
        List<Holder> holders = gathering.holders(asked, asked.policy().above(name), doubts);
        Gathering.Gathered calls = gathering.calls(asked, role, holders, doubts);
        return TrialReview.of(calls.subject(), calls.recorded(), without, begun);
    }

    /**
     * What a token used of its role, which is judged as if no other token had it.
     *
     * @throws Problem 403 without {@code roles:read} and {@code tokens:read}; 404 when there is no such token or its role is gone
     */
    public TokenAdvice onToken(Caller caller, String clientId, Window window) {
        Asked asked = asked(caller, window);
        ApiToken apiToken = apiTokens.find(caller, clientId);
        Role role = asked.role(apiToken.role());
        List<Holder> self = List.of(Gathering.holder(apiToken, asked.moment()));
        RoleAdvice review = review(asked, role, Set.of(), self, new ArrayList<>());
        Predicate<ApiToken> shares =
                other -> works(other, asked.moment()) && !other.clientId().equals(clientId);
        List<TokenAdvice.Other> others =
                tokensByRole.step(caller, Set.of(role.name()), null, MOST_SHARING, shares).found().stream()
                        .map(other -> new TokenAdvice.Other(other.clientId(), other.description()))
                        .toList();
        long sharing = roles.usage(role.name()).directTokens() - (works(apiToken, asked.moment()) ? 1 : 0);
        return new TokenAdvice(clientId, review, others, Math.max(others.size(), sharing));
    }

    private static boolean works(ApiToken apiToken, Instant moment) {
        ApiToken.State state = apiToken.state(moment);
        return state == ApiToken.State.ACTIVE || state == ApiToken.State.EXPIRING;
    }

    /** Whether it is quick to find out what tokens used: few of them read policies or ask AuthZEN. */
    public boolean isQuick(Caller caller) {
        caller.require(ROLES_READ);
        Map<String, RoleUsage> usage = roles.usage();
        return Gathering.deciding(policy.get()).stream()
                        .mapToLong(
                                name -> usage.getOrDefault(name, RoleUsage.NONE).directTokens())
                        .sum()
                <= MOST_AT_ONCE;
    }

    /** Whether advice on a role with this usage is quick to find. */
    public static boolean isQuick(RoleUsage usage) {
        return usage.tokens() <= MOST_AT_ONCE;
    }
}
