package dev.latchkey.usage;

import dev.latchkey.management.Doc;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Usage as the management API writes it: the same for a token, a role and an API. */
public final class UsageJson {
    private UsageJson() {}

    /** The calls of one period. */
    public record UsagePointReply(
            @Doc("When the period began") Instant at, long allowed, long refused) {}

    /** Calls that have something in common. */
    public record UsageGroupReply(
            @Doc("The token's; absent when the calls are not summed by token, or it is not known") @Nullable String clientId,

            @Doc("The token's, like its role") @Nullable String description,
            @Nullable String role,

            @Doc("Absent when the calls are not summed by API, or it is not known") @Nullable String api,

            @Doc(
                    "Method and path, such as GET /invoices/{id}; absent when the calls are not summed by endpoint, when they met no"
                            + " endpoint, or when it is not known")
            @Nullable String endpoint,

            @Doc(
                    "An IPv4 address, a network of IPv6 such as 2001:db8::/64, or others for all addresses of a token beyond the"
                            + " first 16 of a day; absent when the calls are not summed by address, or it is not known")
            @Nullable String address,

            long allowed,
            long refused,

            @Doc(
                    "How many calls were refused with each code: missing_privilege, no_endpoint, doubtful_request, limited; revoked,"
                            + " expired, not_yet_valid or wrong_address, which are about the API token; key_not_proved when the"
                            + " key or certificate that is needed was not proved; access_token_ended when the access token had"
                            + " expired or was revoked; wrong_api when it was for another API; other for what only a newer"
                            + " version knows")
            Map<String, Long> refusals,

            @Doc("The first call in this time, to the second")
            Instant firstAt,

            @Doc("The last call in this time, to the second")
            Instant lastAt) {

        static UsageGroupReply of(Usage.Group group) {
            Map<String, Long> refusals = new TreeMap<>();
            group.calls().forEach((outcome, calls) -> {
                if (outcome != Outcome.ALLOWED) {
                    refusals.put(outcome.text(), calls);
                }
            });
            Usage.Key key = group.key();
            return new UsageGroupReply(
                    known(key.clientId()),
                    known(key.description()),
                    known(key.role()),
                    known(key.api()),
                    known(key.endpoint()),
                    known(key.address()),
                    group.allowed(),
                    group.refused(),
                    refusals,
                    group.firstAt(),
                    group.lastAt());
        }

        private static @Nullable String known(String text) {
            return text.isEmpty() ? null : text;
        }
    }

    /** The groups that are not listed. */
    public record UsageRestReply(
            @Doc("How many groups they are") long groups, long allowed, long refused) {}

    /** The calls of a token, of a role's tokens, or to an API. */
    public record UsageReply(
            Instant from,
            Instant to,
            @Doc("hour or day") String step,
            long allowed,
            long refused,

            @Doc("One for each period, in order; those without calls included")
            List<UsagePointReply> points,

            @Doc("endpoint, token, role, api or address") String groupBy,
            @Doc("The most called first, at most 1,000") List<UsageGroupReply> groups,

            @Doc("The calls of all other groups; absent when all are listed") @Nullable UsageRestReply rest) {

        static UsageReply of(Usage usage, GroupBy groupBy) {
            Usage.Grouping grouping = usage.by(groupBy);
            Usage.Rest rest = grouping.rest();
            return new UsageReply(
                    usage.span().from(),
                    usage.span().to(),
                    usage.span().step().name().toLowerCase(Locale.ROOT),
                    usage.allowed(),
                    usage.refused(),
                    usage.points().stream()
                            .map(point -> new UsagePointReply(point.at(), point.allowed(), point.refused()))
                            .toList(),
                    groupBy.text(),
                    grouping.groups().stream().map(UsageGroupReply::of).toList(),
                    rest.groups() == 0 ? null : new UsageRestReply(rest.groups(), rest.allowed(), rest.refused()));
        }
    }
}
