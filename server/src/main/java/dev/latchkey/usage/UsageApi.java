package dev.latchkey.usage;

import static dev.latchkey.access.ManagementApi.APIS_READ;
import static dev.latchkey.access.ManagementApi.ROLES_READ;
import static dev.latchkey.access.ManagementApi.TOKENS_READ;

import dev.latchkey.access.Caller;
import dev.latchkey.apitoken.ApiTokensApi;
import dev.latchkey.audit.AuditApi;
import dev.latchkey.http.Accept;
import dev.latchkey.http.Parameters;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.management.Operation;
import dev.latchkey.management.Tag;
import dev.latchkey.problem.Problem;
import dev.latchkey.usage.UsageJson.UsageReply;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The management API's calls for what API tokens are used for: by one token, by the tokens of a role, and of an API. */
public final class UsageApi {
    private static final String COUNTED =
            " Counted are the calls that a gateway or an API asked about, introspections, and calls of Latchkey's own API, also those"
                    + " of a program that proved its token and is refused because the token was revoked, for example; calls"
                    + " that an API checks without asking Latchkey are not known. Calls count after a second. Times are in UTC.";

    private static final String TOO_LONG =
            " With very much usage, a long time can take too long (422, search_too_long): choose a shorter one.";

    private static final String SUMS =
            " The calls of all endpoints by the day, as CSV without groupBy, can always be read.";

    private final UsageReader usage;

    public UsageApi(UsageReader usage) {
        this.usage = usage;
    }

    public List<Operation> operations() {
        return List.of(
                common(
                                Operation.get("/tokens/{clientId}/usage")
                                        .id("getTokenUsage")
                                        .tag(Tag.TOKENS)
                                        .needs(TOKENS_READ)
                                        .summary("See what an API token is used for")
                                        .description("What it called how often, and what was refused." + COUNTED
                                                + " With groupBy=address: the addresses that its calls came from, by the"
                                                + " day, for as long as addresses are kept; neither api nor endpoint can be given"
                                                + " then.")
                                        .query("api", "Only calls to this API"),
                                Selection.Subject.TOKEN)
                        .by((caller, request) ->
                                answer(caller, request, Selection.ofToken(ApiTokensApi.clientId(request)))),
                common(
                                Operation.get("/roles/{name}/usage")
                                        .id("getRoleUsage")
                                        .tag(Tag.ROLES)
                                        .needs(ROLES_READ)
                                        .summary("See what the tokens of a role are used for")
                                        .description(
                                                "The usage of the tokens to which the role is assigned now, revoked ones"
                                                        + " included. Tokens"
                                                        + " that have the role through another role are not included."
                                                        + COUNTED + TOO_LONG
                                                        + " Requires the privilege `tokens:read` as well.")
                                        .query("api", "Only calls to this API"),
                                Selection.Subject.ROLE)
                        .by((caller, request) ->
                                answer(caller, request, Selection.ofRole(request.pathParameter("name")))),
                common(
                                Operation.get("/apis/{api}/usage")
                                        .id("getApiUsage")
                                        .tag(Tag.APIS)
                                        .needs(APIS_READ)
                                        .summary("See who uses an API")
                                        .description(
                                                "How often the API's endpoints were called, and by which tokens. A role is the one that"
                                                        + " the token has now."
                                                        + COUNTED + TOO_LONG + SUMS
                                                        + " Requires the privilege `tokens:read` as well."),
                                Selection.Subject.API)
                        .by((caller, request) ->
                                answer(caller, request, Selection.ofApi(request.pathParameter("api")))));
    }

    private static Operation.Declaration common(Operation.Declaration declaration, Selection.Subject subject) {
        return declaration
                .query("from", "The earliest time, inclusive (RFC 3339); a day before the end when absent")
                .query("to", "The latest time, exclusive (RFC 3339); now when absent")
                .query("step", "hour or day; when absent, hours for up to three days and days otherwise")
                .query("endpoint", "Only calls to this endpoint: method and path, such as GET /invoices/{id}")
                .query(
                        "groupBy",
                        "What the calls are summed by: " + words(subject)
                                + ". When absent, by endpoint in JSON; CSV then has a row for each period")
                .answers(UsageReply.class)
                .orCsv();
    }

    private Response answer(Caller caller, Request request, Selection subject) {
        Parameters query = request.query();
        boolean csv = isCsv(request);
        GroupBy groupBy = query.text("groupBy")
                .map(text -> groupBy(subject.subject(), text))
                .orElse(GroupBy.ENDPOINT);
        Step step = query.text("step").map(UsageApi::step).orElse(groupBy == GroupBy.ADDRESS ? Step.DAY : null);
        if (groupBy == GroupBy.ADDRESS) {
            requireAddresses(query, step);
        }
        Span span = Span.of(step, AuditApi.time(query, "from"), AuditApi.time(query, "to"), usage.now());
        Selection selection = subject.only(
                query.text("api").orElse(null), query.text("endpoint").orElse(null));
        boolean ofPeriods = csv && !query.has("groupBy");
        Usage found =
                usage.of(caller, selection, span, ofPeriods ? List.of() : List.of(groupBy), UsageReader.MOST_GROUPS);
        if (csv) {
            return Response.csv(
                    "usage-" + selection.name(),
                    ofPeriods ? UsageCsv.ofPeriods(found) : UsageCsv.of(found.by(groupBy)));
        }
        return Response.json(200, UsageReply.of(found, groupBy));
    }

    /** Addresses are counted by the day, whatever was called. */
    private static void requireAddresses(Parameters query, @Nullable Step step) {
        if (step != Step.DAY) {
            throw Problem.invalid("step", "Addresses are counted by the day: write day, or leave step out.");
        }
        for (String filter : new String[] {"api", "endpoint"}) {
            if (query.has(filter)) {
                throw Problem.invalid(
                        filter, "Addresses are counted for all calls together: leave " + filter + " out.");
            }
        }
    }

    private static boolean isCsv(Request request) {
        return request.query()
                .text("format")
                .map(format -> switch (format) {
                    case "csv" -> true;
                    case "json" -> false;
                    default -> throw Problem.invalid("format", "Write json or csv.");
                })
                .orElseGet(() -> Accept.prefers(request, "text/csv", "application/json"));
    }

    private static Step step(String text) {
        return switch (text) {
            case "hour" -> Step.HOUR;
            case "day" -> Step.DAY;
            default -> throw Problem.invalid("step", "Write hour or day.");
        };
    }

    private static GroupBy groupBy(Selection.Subject subject, String text) {
        return GroupBy.of(text)
                .filter(subject.groups()::contains)
                .orElseThrow(() -> Problem.invalid("groupBy", "Write " + words(subject) + "."));
    }

    /** "endpoint, token or role". */
    private static String words(Selection.Subject subject) {
        List<GroupBy> groups = subject.groups();
        return groups.subList(0, groups.size() - 1).stream().map(GroupBy::text).collect(Collectors.joining(", "))
                + " or " + groups.getLast().text();
    }
}
