package dev.latchkey.console;

import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Role;
import dev.latchkey.access.RoleTerms;
import dev.latchkey.advice.Advisor;
import dev.latchkey.advice.Doubt;
import dev.latchkey.advice.Evidence;
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
 */
public record RoleAdvicePart(
        String role, Window window, @Nullable RoleAdvice advice) {
    /** With more tokens, the page waits until someone asks: it reads a year of their calls. */
    private static final long MOST_AT_ONCE = 100;

    private static final int MOST_SHOWN = 60;

    private static final int MOST_NAMED = 5;

    /** Why the use of some privileges is not known. */
    public record Why(String privileges, String sentence) {}

    /** Null if the viewer may not see tokens. */
    static @Nullable RoleAdvicePart of(Visit visit, Role role, Advisor advisor, Roles roles) {
        if (!visit.caller().has(ManagementApi.TOKENS_READ)) {
            return null;
        }
        Optional<String> asked = visit.request().query().text("advice");
        Window window = Window.orUsual(asked.orElse(""));
        boolean now = asked.isPresent() || roles.usage(role.name()).tokens() <= MOST_AT_ONCE;
        return new RoleAdvicePart(role.name(), window, now ? advisor.on(visit.caller(), role.name(), window) : null);
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
        Evidence evidence = advice.evidence();
        return "It would have refused " + Amounts.number(evidence.refused()) + " of "
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
                .map(entry -> new Why(names(entry.getValue()), entry.getKey()))
                .toList();
    }

    /** What the proposed role lacks, in words. */
    public String removed() {
        return advice == null
                ? ""
                : names(advice.removed().stream().map(Object::toString).toList());
    }

    private static String names(List<String> names) {
        List<String> first = names.subList(0, Math.min(names.size(), MOST_NAMED));
        int more = names.size() - first.size();
        return String.join(", ", first) + (more > 0 ? " and " + more + " more" : "");
    }
}
