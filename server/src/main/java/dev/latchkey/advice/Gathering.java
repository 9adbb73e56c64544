package dev.latchkey.advice;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Api;
import dev.latchkey.access.Caller;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.TokensByRole;
import dev.latchkey.event.EventLog;
import dev.latchkey.registry.Roles;
import dev.latchkey.usage.UsageHistory;
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

/** Reads what {@link RoleReview} judges: the tokens of a role, and what is kept of their calls. It reads a bounded number of rows. */
final class Gathering {
    /** A role with more tokens gets no advice. */
    static final int MOST_TOKENS = 1_000;

    /** Nor does one with more rows of usage. */
    private static final long MOST_ROWS = 1_000_000;

    private static final int MOST_STEPS = 20;

    private final TokensByRole tokensByRole;
    private final UsageHistory usage;
    private final RoleHistory history;
    private final Api own;

    /** @param own Latchkey's own API */
    Gathering(TokensByRole tokensByRole, UsageHistory usage, EventLog events, Api own) {
        this.tokensByRole = tokensByRole;
        this.usage = usage;
        this.history = new RoleHistory(events);
        this.own = own;
    }

    /**
     * What a question is about: everything in it is read once, so that an answer is about one moment.
     *
     * @param first the first day that is looked at
     */
    record Asked(Caller caller, AccessPolicy policy, Window window, Instant moment, Instant first) {
        /** The day after the last one that is looked at. */
        Instant end() {
            return moment.truncatedTo(ChronoUnit.DAYS).plus(Duration.ofDays(1));
        }

        Role role(String name) {
            return Roles.existing(policy, name);
        }
    }

    /** What is judged. */
    record Gathered(Subject subject, Recorded recorded) {}

    /** @param above the role and those above it, if it matters when the role was granted to them */
    Gathered everything(Asked asked, Role role, Set<String> above, List<Holder> holders, List<Doubt> doubts) {
        Instant first = asked.first();
        List<Holder> askers = holders(asked, deciding(asked.policy()), doubts);
        Recorded recorded = recorded(holders, askers, asked, doubts);
        usage.lastWithoutToken(first, asked.moment())
                .ifPresent(day -> doubts.add(Doubt.until(day, Reason.COARSE_COUNT, "")));
        RoleHistory.Found found = history.of(role, above, first);
        doubts.addAll(found.doubts());
        return new Gathered(
                subject(asked, role, holders, askers, found.grantedAt(), doubts, since(asked, doubts)), recorded);
    }

    /** Only what the tokens of the role called, without what makes it doubtful. */
    Gathered calls(Asked asked, Role role, List<Holder> holders, List<Doubt> doubts) {
        Recorded recorded = recorded(holders, List.of(), asked, doubts);
        return new Gathered(subject(asked, role, holders, List.of(), Map.of(), doubts, asked.first()), recorded);
    }

    private Subject subject(
            Asked asked,
            Role role,
            List<Holder> holders,
            List<Holder> askers,
            Map<Privilege, Instant> grantedAt,
            List<Doubt> doubts,
            Instant since) {
        return new Subject(
                role, asked.policy(), own, holders, askers, grantedAt, doubts, asked.window(), asked.moment(), since);
    }

    /** The roles whose tokens can read policies or ask AuthZEN, and then decide on their own. */
    static Set<String> deciding(AccessPolicy now) {
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

    private Recorded recorded(List<Holder> holders, List<Holder> askers, Asked asked, List<Doubt> doubts) {
        Recorded recorded = new Recorded(asked.first(), Subject.from(asked.window(), asked.moment()));
        if (doubts.stream().anyMatch(doubt -> doubt.reason() == Reason.TOO_MANY_TOKENS)) {
            return recorded;
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
                return recorded;
            }
        }
        return recorded;
    }

    /** The tokens of these roles that were usable at some time since the first day. */
    List<Holder> holders(Asked asked, Set<String> of, List<Doubt> doubts) {
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

    static Holder holder(ApiToken apiToken, Instant moment) {
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
