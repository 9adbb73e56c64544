package dev.latchkey.advice;

import static dev.latchkey.access.ManagementApi.ROLES_READ;
import static dev.latchkey.access.ManagementApi.TOKENS_READ;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Api;
import dev.latchkey.access.Caller;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Role;
import dev.latchkey.apitoken.ApiToken;
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

    /** Usage that is kept for longer is not looked at. */
    private static final Duration LONGEST = Duration.ofDays(400);

    private final Roles roles;
    private final CurrentPolicy policy;
    private final TokensByRole tokensByRole;
    private final UsageHistory usage;
    private final RoleHistory history;
    private final Api own;
    private final Clock clock;

    /** @param own Latchkey's own API */
    public Advisor(
            Roles roles,
            CurrentPolicy policy,
            TokensByRole tokensByRole,
            UsageHistory usage,
            EventLog events,
            Api own,
            Clock clock) {
        this.roles = roles;
        this.policy = policy;
        this.tokensByRole = tokensByRole;
        this.usage = usage;
        this.history = new RoleHistory(events);
        this.own = own;
        this.clock = clock;
    }

    /**
     * What can be taken from the role.
     *
     * @throws Problem 403 without {@code roles:read} and {@code tokens:read}; 404 when there is no such role
     */
    public RoleAdvice on(Caller caller, String name, Window window) {
        caller.require(ROLES_READ);
        caller.require(TOKENS_READ);
        Role role = roles.find(caller, name);
        AccessPolicy now = policy.get();
        Instant moment = clock.instant();
        Instant first = moment.truncatedTo(ChronoUnit.DAYS).minus(LONGEST);
        Set<String> above = now.above(name);
        List<Doubt> doubts = new ArrayList<>();
        if (role.isPredefined()) {
            doubts.add(Doubt.always(Reason.PREDEFINED_ROLE, ""));
        }
        RoleUsage people = roles.usage(name);
        if (people.users() > 0) {
            doubts.add(Doubt.always(
                    Reason.USED_BY_PEOPLE, people.users() == 1 ? "One person has" : people.users() + " people have"));
        }

        List<Holder> holders = holders(caller, above, first, moment, doubts);
        List<Holder> askers = holders(caller, deciding(now), first, moment, doubts);
        Recorded recorded = new Recorded(first, Subject.from(window, moment));
        read(holders, askers, recorded, first, moment, doubts);
        usage.lastWithoutToken(first, moment).ifPresent(day -> doubts.add(Doubt.until(day, Reason.COARSE_COUNT, "")));
        RoleHistory.Found found = history.of(role, above, first);
        doubts.addAll(found.doubts());
        Subject subject = new Subject(
                role, now, own, holders, askers, found.grantedAt(), doubts, window, moment, since(moment, doubts));
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

    private Instant since(Instant moment, List<Doubt> doubts) {
        Instant tomorrow = moment.truncatedTo(ChronoUnit.DAYS).plus(Duration.ofDays(1));
        Instant since = usage.since().orElse(tomorrow);
        return doubts.stream()
                .filter(doubt -> doubt.reason() == Reason.LOST_CHANGES)
                .map(Doubt::until)
                .reduce(since, (one, other) -> one.isAfter(other) ? one : other);
    }

    private void read(
            List<Holder> holders,
            List<Holder> askers,
            Recorded recorded,
            Instant first,
            Instant moment,
            List<Doubt> doubts) {
        if (doubts.stream().anyMatch(doubt -> doubt.reason() == Reason.TOO_MANY_TOKENS)) {
            return;
        }
        List<String> ids = Stream.concat(holders.stream(), askers.stream())
                .map(Holder::clientId)
                .distinct()
                .toList();
        Instant end = moment.truncatedTo(ChronoUnit.DAYS).plus(Duration.ofDays(1));
        for (int i = 0; i < ids.size(); i += UsageHistory.AT_ONCE) {
            usage.each(ids.subList(i, Math.min(ids.size(), i + UsageHistory.AT_ONCE)), first, end, recorded::add);
            if (recorded.rows() > MOST_ROWS) {
                doubts.add(Doubt.always(Reason.TOO_MANY_TOKENS, ""));
                return;
            }
        }
    }

    /** The tokens of these roles that were usable at some time since the first day. */
    private List<Holder> holders(Caller caller, Set<String> of, Instant first, Instant moment, List<Doubt> doubts) {
        List<Holder> holders = new ArrayList<>();
        Predicate<ApiToken> matters = apiToken -> !(apiToken.life() instanceof ApiToken.Draft)
                && (apiToken.revocation() == null
                        || Objects.requireNonNull(apiToken.revocation()).at().isAfter(first));
        TokensByRole.@Nullable Place place = null;
        for (int i = 0; i < MOST_STEPS; i++) {
            TokensByRole.Step step = tokensByRole.step(caller, of, place, MOST_TOKENS, matters);
            step.found().forEach(apiToken -> holders.add(holder(apiToken, moment)));
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
