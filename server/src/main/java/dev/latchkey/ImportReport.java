package dev.latchkey;

import dev.latchkey.client.ImportProposal;
import dev.latchkey.client.ImportProposal.Proposed;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Prints a proposal, a line for each change. */
record ImportReport(PrintStream out) {
    private static final int MAX_LINES = 40;

    /** @param named the endpoints that were left out and whose privileges people named */
    void print(ImportProposal proposal, List<Map<String, Object>> named) {
        out.println(proposal.title() + " " + proposal.version() + ": " + proposal.count("added") + " added, "
                + proposal.count("changed") + " changed, " + proposal.removed().size() + " removed, "
                + proposal.count("same") + " unchanged"
                + (proposal.leftOut().isEmpty() ? "" : ", " + proposal.leftOut().size() + " left out"));
        print(Stream.of(
                        proposal.endpoints().stream()
                                .filter(proposed -> !proposed.change().equals("same"))
                                .map(ImportReport::line),
                        named.stream().map(one -> line(new Proposed(one, "added", null, null))),
                        proposal.removed().stream().map(removed -> "  - " + name(removed)))
                .flatMap(lines -> lines)
                .toList());
        Set<String> taken = named.stream().map(ImportReport::name).collect(Collectors.toSet());
        print(proposal.leftOut().stream()
                .filter(one -> !taken.contains(one.name()))
                .map(one -> "  ? " + one.name() + " is left out. " + one.where() + ": " + one.reason() + "."
                        + (one.possible() ? " Name its privileges with --need." : ""))
                .toList());
        proposal.hints().forEach(hint -> out.println("  ! " + hint));
        proposal.preview()
                .roles()
                .forEach(role -> out.println("  role " + role.role() + " (" + role.tokens() + " active tokens): opens "
                        + role.opened().size() + ", closes " + role.closed().size()));
    }

    private void print(List<String> lines) {
        lines.stream().limit(MAX_LINES).forEach(out::println);
        if (lines.size() > MAX_LINES) {
            out.println("  and " + (lines.size() - MAX_LINES) + " more");
        }
    }

    private static String line(Proposed proposed) {
        String needs = needs(proposed.endpoint());
        return "  " + (proposed.change().equals("added") ? "+" : "~") + " " + name(proposed.endpoint()) + "  " + needs
                + before(proposed, needs);
    }

    private static String before(Proposed proposed, String needs) {
        if (proposed.before() == null) {
            return "";
        }
        return proposed.before().equals(needs) ? "  (different summary)" : "  (before: " + proposed.before() + ")";
    }

    private static String name(Map<String, Object> endpoint) {
        return endpoint.get("method") + " " + endpoint.get("path");
    }

    /** What an endpoint needs, as the server spells it. */
    private static String needs(Map<String, Object> endpoint) {
        if (endpoint.get("privileges") instanceof List<?> names) {
            return names.stream().map(String::valueOf).collect(Collectors.joining(" and "));
        }
        if (endpoint.get("privilege") instanceof String name) {
            return name;
        }
        return "token".equals(endpoint.get("access")) ? "any token" : String.valueOf(endpoint.get("access"));
    }
}
