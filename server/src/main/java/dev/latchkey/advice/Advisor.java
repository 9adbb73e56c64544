package dev.latchkey.advice;

import static dev.latchkey.access.ManagementApi.ROLES_READ;
import static dev.latchkey.access.ManagementApi.TOKENS_READ;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Api;
import dev.latchkey.access.Caller;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Role;
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
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Collects what {@link RoleReview} judges: a role, its tokens, and what is kept of their calls. It reads a bounded number of rows. */
public final class Advisor {
    /** A role with more tokens gets no advice. */
    static final int MOST_TOKENS = 1_000;

    /** Nor does one with more rows of usage. */
    private static final long MOST_ROWS = 1_000_000;

    private static final int MOST_STEPS = 20;

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
    private final UsageHistory usage;
    private final RoleHistory history;
    private final Api own;
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
        this.usage = usage;
        this.history = new RoleHistory(events);
        this.own = own;
        this.clock = clock;
    }

    /** What a question is about: everything in it is read once, so that an answer is about one moment. */
    private record Asked(Caller caller, AccessPolicy policy, Window window, Instant moment) {
        /** The first day that is looked at. */
        Instant first() {
            return moment.truncatedTo(ChronoUnit.DAYS).minus(LONGEST);
        }

        /** The day after the last one that is looked at. */
        Instant end() {
            return moment.truncatedTo(ChronoUnit.DAYS).plus(Duration.ofDays(1));
        }

        Role role(String name) {
            return Roles.existing(policy, name);
        }
    }

    private Asked asked(Caller caller, Window window) {
        caller.require(ROLES_READ);
        caller.require(TOKENS_READ);
        return new Asked(caller, policy.get(), window, clock.instant());
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
        List<Doubt> doubts = new ArrayList<>();
        if (role.isPredefined()) {
            doubts.add(Doubt.always(Reason.PREDEFINED_ROLE, ""));
        }
        RoleUsage people = roles.usage(name);
        if (people.users() > 0) {
            doubts.add(Doubt.always(
                    Reason.USED_BY_PEOPLE, people.users() == 1 ? "One person has" : people.users() + " people have"));
        }
        return review(asked, role, above, holders(asked, above, doubts), doubts);
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
        List<Holder> self = List.of(holder(apiToken, asked.moment()));
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
        return deciding(policy.get()).stream()
                        .mapToLong(
                                name -> usage.getOrDefault(name, RoleUsage.NONE).directTokens())
                        .sum()
                <= MOST_AT_ONCE;
    }

    /** Whether advice on a role with this usage is quick to find. */
    public static boolean isQuick(RoleUsage usage) {
        return usage.tokens() <= MOST_AT_ONCE;
    }

    /** @param above the role and those above it, if it matters when the role was granted to them */
    private RoleAdvice review(Asked asked, Role role, Set<String> above, List<Holder> holders, List<Doubt> doubts) {
        Instant first = asked.first();
        Instant moment = asked.moment();
        List<Holder> askers = holders(asked, deciding(asked.policy()), doubts);
        Recorded recorded = new Recorded(first, Subject.from(asked.window(), moment));
        read(holders, askers, recorded, asked, doubts);
        usage.lastWithoutToken(first, moment).ifPresent(day -> doubts.add(Doubt.until(day, Reason.COARSE_COUNT, "")));
        RoleHistory.Found found = history.of(role, above, first);
        doubts.addAll(found.doubts());
        Subject subject = new Subject(
                role,
                asked.policy(),
                own,
                holders,
                askers,
                found.grantedAt(),
                doubts,
                asked.window(),
                moment,
                since(asked, doubts));
        return RoleReview.of(subject, recorded);
    }

    /** The roles whose tokens can read policies or ask AuthZEN, and then decide on their own. */
    private static Set<String> deciding(AccessPolicy now) {
        return now.roles().stream()
                .map(Role::name)
                .filter(role -> now.effective(role).has(ManagementApi.APIS_READ)
                        || now.effective(role).has(ManagementApi.DECISIONS_ASK))
                .collect(Collectors.toSet());
    }

    private Instant since(Asked asked, List<Doubt> doubts) {
        Instant since = usage.since().orElse(asked.end());
        return doubts.stream()
                .filter(doubt -> doubt.reason() == Reason.LOST_CHANGES)
                .map(Doubt::until)
                .reduce(since, (one, other) -> one.isAfter(other) ? one : other);
    }

    private void read(List<Holder> holders, List<Holder> askers, Recorded recorded, Asked asked, List<Doubt> doubts) {
        if (doubts.stream().anyMatch(doubt -> doubt.reason() == Reason.TOO_MANY_TOKENS)) {
            return;
        }
        List<String> ids = Stream.concat(holders.stream(), askers.stream())
                .map(Holder::clientId)
                .distinct()
                .toList();
        for (int i = 0; i < ids.size(); i += UsageHistory.AT_ONCE) {
            usage.each(
                    ids.subList(i, Math.min(ids.size(), i + UsageHistory.AT_ONCE)),
                    asked.first(),
                    asked.end(),
                    recorded::add);
            if (recorded.rows() > MOST_ROWS) {
                doubts.add(Doubt.always(Reason.TOO_MANY_TOKENS, ""));
                return;
            }
        }
    }

    /** The tokens of these roles that were usable at some time since the first day. */
    private List<Holder> holders(Asked asked, Set<String> of, List<Doubt> doubts) {
        List<Holder> holders = new ArrayList<>();
        Predicate<ApiToken> matters = apiToken -> !(apiToken.life() instanceof ApiToken.Draft)
                && (apiToken.revocation() == null
                        || Objects.requireNonNull(apiToken.revocation()).at().isAfter(asked.first()));
        TokensByRole.@Nullable Place place = null;
        for (int i = 0; i < MOST_STEPS; i++) {
            TokensByRole.Step step = tokensByRole.step(asked.caller(), of, place, MOST_TOKENS, matters);
            step.found().forEach(apiToken -> holders.add(holder(apiToken, asked.moment())));
            place = step.next();
            if (place == null && holders.size() <= MOST_TOKENS) {
                return holders;
            }
            if (place == null || holders.size() > MOST_TOKENS) {
                break;
            }
        }
        doubts.add(Doubt.always(Reason.TOO_MANY_TOKENS, ""));
        return holders;
    }

    private static Holder holder(ApiToken apiToken, Instant moment) {
        Instant notBefore = apiToken.limits().notBefore();
        Instant created = apiToken.createdAt();
        return new Holder(
                apiToken.clientId(),
                apiToken.description(),
                apiToken.role(),
                notBefore != null && notBefore.isAfter(created) ? notBefore : created,
                apiToken.isRevoked() || apiToken.isExpired(moment),
                apiToken.actsFor());
    }
}
