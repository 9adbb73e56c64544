package dev.latchkey.console;

import dev.latchkey.access.ManagementApi;
import dev.latchkey.http.Parameters;
import dev.latchkey.problem.Problem;
import dev.latchkey.usage.GroupBy;
import dev.latchkey.usage.Selection;
import dev.latchkey.usage.Step;
import dev.latchkey.usage.Usage;
import dev.latchkey.usage.UsageReader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the usage that a page shows, as its address asks for it. */
final class UsageCharts {
    private static final int ADDRESS_DAYS = 30;
    private static final int MOST_ADDRESSES = 10;

    private final UsageReader usage;

    UsageCharts(UsageReader usage) {
        this.usage = usage;
    }

    UsageChart ofToken(Visit visit, String clientId) {
        return of(visit, Links.token(clientId), Selection.ofToken(clientId), List.of(GroupBy.ENDPOINT));
    }

    /** The usage of the role's tokens; null if the viewer may not read tokens. */
    @Nullable UsageChart ofRole(Visit visit, String name) {
        return ofSeveral(visit, Links.role(name), Selection.ofRole(name));
    }

    /** The usage of the API; null if the viewer may not read tokens. */
    @Nullable UsageChart ofApi(Visit visit, String name) {
        return ofSeveral(visit, Links.api(name), Selection.ofApi(name));
    }

    private @Nullable UsageChart ofSeveral(Visit visit, String page, Selection all) {
        if (!visit.caller().has(ManagementApi.TOKENS_READ)) {
            return null;
        }
        Parameters query = visit.request().query();
        Selection wanted = all.only(
                all.subject() == Selection.Subject.API
                        ? null
                        : query.text(Links.CALLED_API).orElse(null),
                query.text(Links.CALLED_ENDPOINT).orElse(null));
        return of(visit, page, wanted, List.of(GroupBy.ENDPOINT, GroupBy.TOKEN));
    }

    /** The addresses that the token called from lately; null if they cannot be read now. */
    Usage.@Nullable Grouping addressesOf(Visit visit, String clientId) {
        List<GroupBy> groupBy = List.of(GroupBy.ADDRESS);
        try {
            return usage.last(
                            visit.caller(),
                            Selection.ofToken(clientId),
                            ADDRESS_DAYS,
                            Step.DAY,
                            groupBy,
                            MOST_ADDRESSES)
                    .by(GroupBy.ADDRESS);
        } catch (Problem problem) {
            if (problem.status() == 503) {
                return null;
            }
            throw problem;
        }
    }

    /** A page is shown without its usage when that takes too long to read. */
    private UsageChart of(Visit visit, String page, Selection selection, List<GroupBy> groupBy) {
        UsageRange range =
                UsageRange.of(visit.request().query().text(Links.USAGE_RANGE).orElse(""));
        try {
            return new UsageChart(page, selection, range, read(visit, selection, range, groupBy), "");
        } catch (Problem problem) {
            String words = words(problem);
            return new UsageChart(page, selection, range, sums(visit, selection, range, problem), words);
        }
    }

    /** What is kept in sums, where there is too much to read it all; null for nothing. */
    private @Nullable Usage sums(Visit visit, Selection selection, UsageRange range, Problem problem) {
        return problem.status() == 422 && UsageReader.isKept(selection, range.step())
                ? read(visit, selection, range, List.of())
                : null;
    }

    private Usage read(Visit visit, Selection selection, UsageRange range, List<GroupBy> groupBy) {
        return usage.last(visit.caller(), selection, range.periods(), range.step(), groupBy, UsageChart.MOST_GROUPS);
    }

    private static String words(Problem problem) {
        return switch (problem.status()) {
            case 422 -> "There is too much usage to show by endpoint and token for this time. Choose a shorter one.";
            case 503 -> "The usage cannot be read at the moment. Reload the page to try again.";
            default -> throw problem;
        };
    }
}
