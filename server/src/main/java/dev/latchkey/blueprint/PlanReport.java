package dev.latchkey.blueprint;

import dev.latchkey.access.AccessDifference;
import dev.latchkey.access.Privilege;
import dev.latchkey.blueprint.Step.Verb;
import dev.latchkey.event.Change;
import dev.latchkey.problem.Json;
import dev.latchkey.problem.Text;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Prints a plan: for people, or as JSON for programs. */
record PlanReport(PrintStream out) {
    private static final int MAX_LINES = 40;

    void print(Plan plan) {
        plan.notes().forEach(note -> out.println("! " + note));
        if (plan.isEmpty()) {
            out.println("Nothing to do: everything is as the blueprint says.");
            return;
        }
        for (Step step : plan.steps()) {
            out.println(step.verb().sign() + " " + shown(step.subject()));
            print(step.changes().stream().map(PlanReport::line).toList());
        }
        List<String> roles = roles(plan);
        out.println(roles.isEmpty() ? "No role opens or closes anything by this." : "By this,");
        roles.forEach(out::println);
        out.println("Plan " + plan.id() + ": " + plan.count(Verb.CREATE) + " to create, " + plan.count(Verb.CHANGE)
                + " to change, " + plan.count(Verb.REMOVE) + " to remove.");
    }

    /** Each role to which something opens or closes, with what that is. */
    private static List<String> roles(Plan plan) {
        Map<String, AccessDifference.OfRole> byName = new TreeMap<>();
        plan.opens().roles().forEach(role -> byName.put(role.role(), role));
        SortedSet<String> names = new TreeSet<>(byName.keySet());
        names.addAll(plan.gains().keySet());
        names.addAll(plan.loses().keySet());
        List<String> lines = new ArrayList<>();
        for (String name : names) {
            AccessDifference.OfRole role = byName.get(name);
            lines.add("  role " + name + " (" + tokens(plan, name) + ")");
            if (role != null) {
                lines.addAll(limited("    opens   ", role.opened()));
                lines.addAll(limited("    closes  ", role.closed()));
            }
            lines.addAll(own("    gains   ", plan.gains(), name));
            lines.addAll(own("    loses   ", plan.loses(), name));
        }
        return lines;
    }

    private static String tokens(Plan plan, String role) {
        long tokens = plan.tokens().getOrDefault(role, 0L);
        return tokens == 1 ? "1 active token" : tokens + " active tokens";
    }

    private static List<String> limited(String before, List<AccessDifference.Opening> openings) {
        List<String> lines = new ArrayList<>(openings.stream()
                .limit(MAX_LINES)
                .map(opening -> before + opening.api() + " " + opening.method() + " " + opening.path())
                .toList());
        if (openings.size() > MAX_LINES) {
            lines.add(before + "and " + (openings.size() - MAX_LINES) + " more");
        }
        return lines;
    }

    private static List<String> own(String before, SortedMap<String, SortedSet<Privilege>> privileges, String role) {
        return Stream.ofNullable(privileges.get(role))
                .map(some -> before + "in Latchkey itself: "
                        + String.join(", ", some.stream().map(Privilege::name).toList()))
                .toList();
    }

    private void print(List<String> lines) {
        lines.stream().limit(MAX_LINES).forEach(out::println);
        if (lines.size() > MAX_LINES) {
            out.println("    and " + (lines.size() - MAX_LINES) + " more");
        }
    }

    private static String line(Change change) {
        String before = change.before();
        String after = change.after();
        if (before == null) {
            return "    + " + change.field() + ": " + shown(after);
        }
        return after == null
                ? "    - " + change.field() + ": " + shown(before)
                : "    ~ " + change.field() + ": " + shown(before) + " -> " + shown(after);
    }

    private static String shown(@Nullable String text) {
        return Text.shortened(String.valueOf(text), 200);
    }

    void printJson(Plan plan) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", plan.id());
        json.put(
                "changes",
                plan.steps().stream()
                        .map(step -> Map.of(
                                "verb",
                                step.verb().name().toLowerCase(Locale.ROOT),
                                "subject",
                                step.subject(),
                                "changes",
                                step.changes()))
                        .toList());
        json.put("roles", plan.opens().roles());
        json.put("gains", names(plan.gains()));
        json.put("loses", names(plan.loses()));
        json.put("notes", plan.notes());
        out.println(Json.writeIndented(json));
    }

    private static Map<String, List<String>> names(SortedMap<String, SortedSet<Privilege>> privileges) {
        Map<String, List<String>> names = new TreeMap<>();
        privileges.forEach((role, some) ->
                names.put(role, some.stream().map(Privilege::name).toList()));
        return names;
    }
}
