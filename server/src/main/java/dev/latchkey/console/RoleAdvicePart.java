package dev.latchkey.console;

import dev.latchkey.access.AccessDifference;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Role;
import dev.latchkey.access.RoleTerms;
import dev.latchkey.advice.Advisor;
import dev.latchkey.advice.AppliedAdvice;
import dev.latchkey.advice.Doubt;
import dev.latchkey.advice.Evidence;
import dev.latchkey.advice.Half;
import dev.latchkey.advice.Holder;
import dev.latchkey.advice.PrivilegeAdvice;
import dev.latchkey.advice.RoleAdvice;
import dev.latchkey.advice.Verdict;
import dev.latchkey.advice.Window;
import dev.latchkey.registry.Roles;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a role's page says about what can be removed from the role.
 *
 * @param advice null as long as it was not asked for
 * @param difference what applying it would open and close; null when nothing is proposed
 */
public record RoleAdvicePart(
        String role,
        Window window,
        @Nullable RoleAdvice advice,
        @Nullable AccessDifference difference) {
    private static final int MOST_SHOWN = 60;

    private static final int MOST_NAMED = 5;

    /** What someone is about to remove is named as far as a page can hold it. */
    static final int MOST_REMOVED = 30;

    /** The field of the form that says which advice is applied. */
    static final String WINDOW = "window";

    /** Why the use of some privileges is not known. */
    public record Why(String privileges, String sentence) {}

    /** Null if the viewer may not see tokens. */
    static @Nullable RoleAdvicePart of(
            Visit visit, Role role, Advisor advisor, Roles roles, EndpointCatalogue endpoints) {
        if (!visit.caller().has(ManagementApi.TOKENS_READ)) {
            return null;
        }
        Optional<String> asked =
                visit.request().query().text("advice").or(() -> visit.form().text(WINDOW));
        Window window = Window.orUsual(asked.orElse(""));
        if (asked.isEmpty() && !Advisor.isQuick(roles.usage(role.name()))) {
            return new RoleAdvicePart(role.name(), window, null, null);
        }
        RoleAdvice advice = advisor.on(visit.caller(), role.name(), window);
        return new RoleAdvicePart(
                role.name(),
                window,
                advice,
                advice.hasProposal()
                        ? roles.preview(visit.caller(), role.name(), advice.terms(), List.of(endpoints.management()))
                        : null);
    }

    /** The terms that the form begins with when someone wants the proposed role. */
    RoleTerms terms(Role current) {
        return advice == null ? current.terms() : advice.terms();
    }

    /** What can go first, then what is not known, then what is used. */
    public List<PrivilegeAdvice> rows() {
        return sorted().subList(0, Math.min(sorted().size(), MOST_SHOWN));
    }

    public int moreRows() {
        return sorted().size() - rows().size();
    }

    private List<PrivilegeAdvice> sorted() {
        return advice == null
                ? List.of()
                : advice.privileges().stream()
                        .sorted(Comparator.comparingInt(each -> order(each.verdict())))
                        .toList();
    }

    private static int order(Verdict verdict) {
        return switch (verdict) {
            case NEVER_USED -> 0;
            case NOT_KNOWN -> 1;
            case RARELY_USED -> 2;
            case USED -> 3;
        };
    }

    public static String words(Verdict verdict) {
        return switch (verdict) {
            case NEVER_USED -> "Never used";
            case NOT_KNOWN -> "Not known";
            case RARELY_USED -> "Rarely used";
            case USED -> "Used";
        };
    }

    /** The look of a verdict. */
    public static String badge(Verdict verdict) {
        return switch (verdict) {
            case NEVER_USED -> "warn";
            case NOT_KNOWN, RARELY_USED -> "off";
            case USED -> "ok";
        };
    }

    /** "0 of 41,203 counted calls of 12 tokens since 30 Aug 2026 would have been refused". */
    public String evidence() {
        if (advice == null) {
            return "";
        }
        return "It would" + refusals(advice);
    }

    private static String refusals(RoleAdvice advice) {
        Evidence evidence = advice.evidence();
        return " have refused " + Amounts.number(evidence.refused()) + " of "
                + Amounts.of(evidence.calls(), "counted call") + " of " + Amounts.of(evidence.tokens(), "token")
                + " since " + Times.day(evidence.since()) + ".";
    }

    /** Why the use of some privileges is not known, each reason once. */
    public List<Why> reasons() {
        Map<String, List<String>> named = new LinkedHashMap<>();
        for (PrivilegeAdvice each : sorted()) {
            for (Doubt doubt : each.doubts()) {
                named.computeIfAbsent(doubt.sentence(), unused -> new ArrayList<>())
                        .add(each.privilege().toString());
            }
        }
        return named.entrySet().stream()
                .map(entry -> new Why(names(entry.getValue(), MOST_NAMED), entry.getKey()))
                .toList();
    }

    public boolean hasProposal() {
        return advice != null && advice.hasProposal();
    }

    /** The advice in a few words. */
    public String summary() {
        if (advice == null) {
            return "Not looked at";
        }
        if (advice.hasProposal()) {
            return "Could lose " + Amounts.of(advice.removed().size(), "privilege");
        }
        return isCertain(advice) ? "Nothing to remove" : "Not certain";
    }

    /** The look of the summary. */
    public String badge() {
        return hasProposal() ? "warn" : advice != null && isCertain(advice) ? "ok" : "off";
    }

    /** Why the advice is what it is, in a sentence or two. */
    public String why() {
        if (advice == null) {
            return "It has many tokens. Open the role to look at what they called.";
        }
        if (advice.hasProposal()) {
            return "Never used: " + removed() + ". Without that, the role would" + refusals(advice);
        }
        if (isCertain(advice)) {
            return "Everything that the role itself allows was used.";
        }
        return advice.doubts().isEmpty()
                ? reasons().getFirst().sentence()
                : advice.doubts().getFirst().sentence();
    }

    private static boolean isCertain(RoleAdvice advice) {
        return advice.doubts().isEmpty() && advice.count(Verdict.NOT_KNOWN) == 0;
    }

    /** What the proposed role lacks, in words. */
    public String removed() {
        return advice == null ? "" : names(List.copyOf(advice.removed()), MOST_REMOVED);
    }

    /** What was removed, in words. */
    public static String removed(AppliedAdvice applied) {
        return names(applied.removed(), MOST_REMOVED);
    }

    /** Two groups of tokens that use different parts of the role; empty for none. */
    public List<Half> halves() {
        return advice == null ? List.of() : advice.halves();
    }

    public static String tokens(Half half) {
        return names(half.tokens().stream().map(Holder::name).toList(), MOST_NAMED);
    }

    public static String needs(Half half) {
        return names(List.copyOf(half.privileges()), MOST_REMOVED);
    }

    public static String lacks(Half half) {
        return names(List.copyOf(half.without()), MOST_REMOVED);
    }

    static <T> String names(List<T> all, int most) {
        List<String> names = all.stream().map(Object::toString).toList();
        List<String> first = names.subList(0, Math.min(names.size(), most));
        int more = names.size() - first.size();
        return String.join(", ", first) + (more > 0 ? " and " + more + " more" : "");
    }
}
