package dev.latchkey.usage;

import static dev.latchkey.access.ManagementApi.TOKENS_READ;

import dev.latchkey.access.Caller;
import dev.latchkey.apitoken.ApiTokensApi;
import dev.latchkey.audit.AuditApi;
import dev.latchkey.http.Parameters;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.management.Doc;
import dev.latchkey.management.Operation;
import dev.latchkey.management.Tag;
import dev.latchkey.problem.Problem;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The management API's call for what API tokens are used for. */
public final class UsageApi {
    private final UsageReader usage;

    public UsageApi(UsageReader usage) {
        this.usage = usage;
    }

    /** The calls of one period. */
    public record PointReply(@Doc("When the period began") Instant at, long allowed, long refused) {}

    /** The calls of one endpoint. */
    public record EndpointUsageReply(
            @Doc("Absent when it is not known") @Nullable String api,

            @Doc(
                    "Method and path, such as GET /invoices/{id}; absent when the calls met no endpoint, or it is not known")
            @Nullable String endpoint,

            long allowed,
            long refused,

            @Doc("How many calls were refused with each code, such as missing_privilege")
            Map<String, Long> refusals,

            @Doc("The first call in this time, to the second")
            Instant firstAt,

            @Doc("The last call in this time, to the second")
            Instant lastAt) {}

    /** What an API token was used for. */
    public record UsageReply(
            Instant from,
            Instant to,
            @Doc("hour or day") String step,
            long allowed,
            long refused,

            @Doc("One for each period, in order; those without calls included")
            List<PointReply> points,

            @Doc("The most called first") List<EndpointUsageReply> endpoints) {

        static UsageReply of(Usage usage) {
            return new UsageReply(
                    usage.span().from(),
                    usage.span().to(),
                    usage.span().step().name().toLowerCase(Locale.ROOT),
                    usage.allowed(),
                    usage.refused(),
                    usage.points().stream()
                            .map(point -> new PointReply(point.at(), point.allowed(), point.refused()))
                            .toList(),
                    usage.endpoints().stream().map(UsageReply::of).toList());
        }

        private static EndpointUsageReply of(Usage.OfEndpoint endpoint) {
            Map<String, Long> refusals = new TreeMap<>();
            endpoint.calls().forEach((outcome, calls) -> {
                if (outcome != Outcome.ALLOWED) {
                    refusals.put(outcome.text(), calls);
                }
            });
            return new EndpointUsageReply(
                    endpoint.api().isEmpty() ? null : endpoint.api(),
                    endpoint.endpoint().isEmpty() ? null : endpoint.endpoint(),
                    endpoint.allowed(),
                    endpoint.refused(),
                    refusals,
                    endpoint.firstAt(),
                    endpoint.lastAt());
        }
    }

    public List<Operation> operations() {
        return List.of(Operation.get("/tokens/{clientId}/usage")
                .id("getTokenUsage")
                .tag(Tag.TOKENS)
                .needs(TOKENS_READ)
                .summary("See what an API token is used for")
                .description(
                        "Which endpoints it called how often, by the hour or by the day (UTC), and what was refused."
                                + " Counted are the calls that a gateway or an API asked about, introspections, and calls of Latchkey's own"
                                + " API; calls that an API checks without asking Latchkey are not known. Calls count after a second.")
                .query("from", "The earliest time, inclusive (RFC 3339); a day before the end when absent")
                .query("to", "The latest time, exclusive (RFC 3339); now when absent")
                .query("step", "hour or day; when absent, hours for up to three days and days otherwise")
                .answers(UsageReply.class)
                .by(this::ofToken));
    }

    private Response ofToken(Caller caller, Request request) {
        Parameters query = request.query();
        Span span = Span.of(
                query.text("step").map(UsageApi::step).orElse(null),
                AuditApi.time(query, "from"),
                AuditApi.time(query, "to"),
                usage.now());
        return Response.json(200, UsageReply.of(usage.of(caller, ApiTokensApi.clientId(request), span)));
    }

    private static Step step(String text) {
        return switch (text) {
            case "hour" -> Step.HOUR;
            case "day" -> Step.DAY;
            default -> throw Problem.invalid("step", "Write hour or day.");
        };
    }
}
