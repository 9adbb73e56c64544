package dev.latchkey.advice;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Api;
import dev.latchkey.access.Endpoint;
import dev.latchkey.access.Endpoint.Requirement.Holds;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import dev.latchkey.access.RoleTerms;
import dev.latchkey.gate.Foresight;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Judges what of a role was not used. It knows neither a clock nor a database: everything that it judges is in its input.
 *
 * <p>A privilege is proposed to go only if no call that is kept needed it, and if there is no doubt that such a call would have
 * been counted. Then all recorded calls are decided again with the proposed role, by the code that decides about calls.
 */
public final class RoleReview {
    /** Use on so few days of the window is rare. */
    private static final int RARE_DAYS = 2;

    private final Subject subject;
    private final Recorded recorded;
    private final Reading reading;
    private final Doubts doubts;
    private final SortedMap<Privilege, Use> uses = new TreeMap<>();
    private final List<Made> made = new ArrayList<>();

    /** What each token's calls needed. */
    private final Map<String, Set<Privilege>> needed = new HashMap<>();

    private RoleReview(Subject subject, Recorded recorded) {
        this.subject = subject;
        this.recorded = recorded;
        this.reading = new Reading(subject.policy(), subject.own());
        this.doubts = new Doubts(subject.from());
    }

    /** How a privilege was used. */
    private static final class Use {
        private final BitSet daysInWindow = new BitSet();
        private final Set<String> tokensInWindow = new HashSet<>();
        private final Recorded.Total sum = new Recorded.Total();
    }

    public static RoleAdvice of(Subject subject, Recorded recorded) {
        return collected(subject, recorded).advice();
    }

    static RoleReview collected(Subject subject, Recorded recorded) {
        RoleReview review = new RoleReview(subject, recorded);
        review.collect();
        return review;
    }

    List<Made> made() {
        return made;
    }

    /** Everything that is doubtful about the use of these privileges. */
    Set<Doubt> doubts(Set<Privilege> privileges) {
        noteIfPowerful(subject.policy().effective(subject.role().name()).all());
        Set<Doubt> all = new LinkedHashSet<>(doubts.general());
        privileges.forEach(privilege -> all.addAll(doubtsOf(privilege)));
        return all;
    }

    private void collect() {
        subject.doubts().forEach(doubts::add);
        if (subject.since().isAfter(subject.from())) {
            doubts.add(Doubt.until(subject.since(), Reason.SHORT_HISTORY, countedSince()));
        }
        if (subject.holders().isEmpty()) {
            doubts.add(Doubt.always(Reason.NO_TOKENS, ""));
        }
        TokenDoubts ofTokens = new TokenDoubts(subject, recorded, doubts);
        for (Holder holder : subject.holders()) {
            ofTokens.add(holder);
            recorded.of(holder.clientId())
                    .allowed
                    .forEach((called, total) -> collect(holder, called.endpoint(), reading.of(called), total));
        }
        subject.askers().forEach(ofTokens::addAsker);
    }

    /** On the first day, of which perhaps not all calls are counted, the first whole day is yet to come. */
    private String countedSince() {
        return subject.since().isAfter(subject.now()) ? "today" : Doubt.day(subject.since());
    }

    private void collect(Holder holder, String name, Reading.Call call, Recorded.Total total) {
        var until = recorded.end(total.days.length() - 1);
        switch (call) {
            case Reading.Call.To(Api api, Endpoint endpoint, Reading.Reach reach) -> {
                note(holder, api, endpoint, total);
                switch (reach) {
                    case EXACT -> {}
                    case OWN -> doubts.add(ManagementApi.NAME, Doubt.until(until, Reason.OWN_CALLS, holder.name()));
                    case EVERYTHING -> doubts.add(Doubt.until(until, Reason.HANDS_OUT, holder.name()));
                }
            }
            case Reading.Call.Issuing(Api api, Endpoint scope) -> {
                if (scope != null) {
                    note(holder, api, scope, total);
                }
            }
            case Reading.Call.Renamed(Api api, Endpoint now) -> {
                note(holder, api, now, total);
                doubts.add(api.name(), Doubt.until(until, Reason.UNKNOWN_ENDPOINT, name));
            }
            case Reading.Call.Removed(Api api) ->
                doubts.add(api.name(), Doubt.until(until, Reason.UNKNOWN_ENDPOINT, name));
            case Reading.Call.Unclear(String api, Reason reason) ->
                doubts.add(api, Doubt.until(until, reason, holder.name()));
            case Reading.Call.Coarse() -> doubts.add(Doubt.until(until, Reason.COARSE_COUNT, ""));
            case Reading.Call.Gone() -> {
                // Whatever it needed, there is nothing to call any more.
            }
        }
    }

    private void note(Holder holder, Api api, Endpoint endpoint, Recorded.Total total) {
        made.add(new Made(holder, api, endpoint, total.calls, total.lastAt));
        if (endpoint.requirement() instanceof Holds holds) {
            needed.computeIfAbsent(holder.clientId(), unused -> new HashSet<>()).addAll(holds.privileges());
            for (Privilege privilege : holds.privileges()) {
                Use use = uses.computeIfAbsent(privilege, unused -> new Use());
                BitSet inWindow = (BitSet) total.days.clone();
                inWindow.clear(0, Math.max(0, recorded.day(subject.from())));
                use.daysInWindow.or(inWindow);
                if (!inWindow.isEmpty()) {
                    use.tokensInWindow.add(holder.clientId());
                }
                use.sum.calls += total.calls;
                use.sum.inWindow += total.inWindow;
                use.sum.lastAt = total.lastAt.isAfter(use.sum.lastAt) ? total.lastAt : use.sum.lastAt;
            }
        }
    }

    private RoleAdvice advice() {
        Set<Privilege> spared = new HashSet<>();
        List<PrivilegeAdvice> privileges = privileges(spared);
        // The calls have the last word: what one of them would miss stays, whatever was concluded from their endpoints.
        for (Made missed : missed(proposed(privileges))) {
            if (missed.endpoint().requirement() instanceof Holds holds) {
                spared.addAll(holds.privileges());
            }
        }
        if (!spared.isEmpty()) {
            privileges = privileges(spared);
        }
        RoleTerms terms = proposed(privileges);
        Halves halves = new Halves(terms, needed);
        return new RoleAdvice(
                subject.role().name(),
                subject.role().version(),
                subject.window(),
                subject.from(),
                privileges,
                doubts.general(),
                terms,
                evidence(missed(terms)),
                doubts.general().isEmpty()
                        ? halves.of(
                                subject,
                                made,
                                this::missed,
                                each -> doubtsOf(each).isEmpty())
                        : List.of());
    }

    private Evidence evidence(List<Made> missed) {
        return new Evidence(
                made.stream().mapToLong(Made::calls).sum(),
                missed.stream().mapToLong(Made::calls).sum(),
                (int) made.stream().map(Made::clientId).distinct().count(),
                subject.since().isAfter(subject.now()) ? subject.now() : subject.since());
    }

    /** The recorded calls that a role with these terms would refuse, and the current one would not. */
    List<Made> missed(RoleTerms terms) {
        AccessPolicy before = subject.policy();
        AccessPolicy after = before.with(subject.role().changedTo(terms));
        return made.stream()
                .filter(call -> Foresight.allows(before, call.holder().role(), call.api(), call.endpoint())
                        && !Foresight.allows(after, call.holder().role(), call.api(), call.endpoint()))
                .toList();
    }

    private RoleTerms proposed(List<PrivilegeAdvice> privileges) {
        return subject.role()
                .terms()
                .without(privileges.stream()
                        .filter(PrivilegeAdvice::isToGo)
                        .map(PrivilegeAdvice::privilege)
                        .toList());
    }

    private List<PrivilegeAdvice> privileges(Set<Privilege> spared) {
        Role role = subject.role();
        SortedMap<Privilege, Set<String>> sources =
                subject.policy().effective(role.name()).sources();
        SortedSet<Privilege> all = new TreeSet<>(sources.keySet());
        all.addAll(role.allowed());
        noteIfPowerful(all);
        return all.stream()
                .map(privilege -> advice(privilege, sources, spared.contains(privilege)))
                .toList();
    }

    private void noteIfPowerful(Set<Privilege> all) {
        boolean powerful = all.contains(ManagementApi.SECURITY_MANAGE)
                || subject.holders().stream()
                        .anyMatch(holder -> subject.policy().isPowerful(holder.role()));
        if (powerful) {
            doubts.add(ManagementApi.NAME, Doubt.always(Reason.INCLUDES_EVERYTHING, ""));
        }
    }

    private PrivilegeAdvice advice(Privilege privilege, Map<Privilege, Set<String>> sources, boolean spared) {
        Use use = uses.getOrDefault(privilege, new Use());
        Set<String> through = new TreeSet<>(sources.getOrDefault(privilege, Set.of()));
        through.remove(subject.role().name());
        List<Doubt> why = use.sum.calls > 0 || spared ? List.of() : doubtsOf(privilege);
        return new PrivilegeAdvice(
                privilege,
                subject.role().allowed().contains(privilege),
                through,
                spared ? Verdict.USED : verdict(use, why),
                use.sum.inWindow,
                use.tokensInWindow.size(),
                use.sum.calls > 0 ? use.sum.lastAt : null,
                why);
    }

    private Verdict verdict(Use use, List<Doubt> why) {
        if (use.sum.calls > 0) {
            return use.daysInWindow.cardinality() > RARE_DAYS ? Verdict.USED : Verdict.RARELY_USED;
        }
        return why.isEmpty() && doubts.general().isEmpty() ? Verdict.NEVER_USED : Verdict.NOT_KNOWN;
    }

    private List<Doubt> doubtsOf(Privilege privilege) {
        List<Doubt> why = new ArrayList<>(doubts.of(privilege.api()));
        var granted = subject.grantedAt().get(privilege);
        if (granted != null && granted.isAfter(subject.from())) {
            why.add(Doubt.until(granted, Reason.NEWLY_GRANTED, ""));
        }
        boolean isOwn = privilege.api().equals(ManagementApi.NAME);
        if (!isOwn
                && subject.policy()
                        .api(privilege.api())
                        .filter(api -> !api.needing(privilege.name()).isEmpty())
                        .isEmpty()) {
            why.add(Doubt.always(Reason.NO_ENDPOINT, ""));
        }
        return why;
    }
}
