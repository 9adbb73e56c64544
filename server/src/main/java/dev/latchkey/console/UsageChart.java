package dev.latchkey.console;

import dev.latchkey.usage.GroupBy;
import dev.latchkey.usage.Outcome;
import dev.latchkey.usage.Selection;
import dev.latchkey.usage.Usage;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The usage of a token, a role or an API as its page shows it: drawn, by endpoint, and by token unless it is a token's.
 *
 * @param page the address of the page
 * @param usage null when nothing can be shown; only the sums when the rest cannot be
 * @param problem why it cannot all be shown; empty when it is
 */
public record UsageChart(
        String page,
        Selection selection,
        UsageRange range,
        @Nullable Usage usage,
        String problem) {
    static final int MOST_GROUPS = 20;

    public UsageSeries series() {
        return new UsageSeries(range, known().points());
    }

    private Usage known() {
        return Objects.requireNonNull(usage);
    }

    public boolean isEmpty() {
        return usage == null || series().isEmpty();
    }

    /** Whether it is about the calls of several tokens, so that it says which. */
    public boolean isOfSeveral() {
        return selection.subject() != Selection.Subject.TOKEN;
    }

    public boolean isOfApi() {
        return selection.subject() == Selection.Subject.API;
    }

    /** Whether only calls to one endpoint are shown. */
    public boolean isOfEndpoint() {
        return selection.endpoint() != null;
    }

    /** The calls by endpoint; by token if only one endpoint is shown. */
    public Usage.Grouping endpoints() {
        return known().by(GroupBy.ENDPOINT);
    }

    public Usage.Grouping tokens() {
        return known().by(GroupBy.TOKEN);
    }

    /** The same for another time. */
    public String at(UsageRange other) {
        return Links.usage(page, other, selection);
    }

    /** All endpoints. */
    public String ofAll() {
        return Links.usage(
                page, range, isOfApi() ? Selection.ofApi(selection.name()) : Selection.ofRole(selection.name()));
    }

    /** Only the calls to this endpoint; empty where there is nothing further to see. */
    public String only(Usage.Group endpoint) {
        Usage.Key key = endpoint.key();
        return isOfSeveral() && !key.endpoint().isEmpty()
                ? Links.usage(page, range, selection.only(key.api(), key.endpoint()))
                : "";
    }

    /** What an endpoint is called here. */
    public static String name(Usage.Group group) {
        if (!group.key().endpoint().isEmpty()) {
            return group.key().endpoint();
        }
        return group.allowed() > 0 ? "Endpoint not known" : "No endpoint";
    }

    /** What an address is called here. */
    public static String address(Usage.Key key) {
        return key.isOfOtherAddresses() ? "Further addresses" : key.address().isEmpty() ? "Not known" : key.address();
    }

    /** Why calls were refused, such as "3 missing privilege, 1 no endpoint"; empty when none was. */
    public static String refusals(Usage.Group group) {
        return group.calls().entrySet().stream()
                .filter(entry -> entry.getKey() != Outcome.ALLOWED)
                .map(entry -> Amounts.number(entry.getValue()) + " " + words(entry.getKey()))
                .collect(Collectors.joining(", "));
    }

    private static String words(Outcome outcome) {
        return switch (outcome) {
            case ALLOWED -> "allowed";
            case MISSING_PRIVILEGE -> "missing privilege";
            case NO_ENDPOINT -> "no endpoint";
            case DOUBTFUL_REQUEST -> "doubtful request";
            case LIMITED -> "beyond a limit";
            case REVOKED -> "revoked";
            case EXPIRED -> "expired";
            case NOT_YET_VALID -> "not valid yet";
            case WRONG_ADDRESS -> "from another address";
            case KEY_NOT_PROVED -> "without its key";
            case ACCESS_TOKEN_ENDED -> "with an access token that had ended";
            case WRONG_API -> "with an access token for another API";
            case OTHER -> "other reasons";
        };
    }

    /** "And 3 endpoints more with 12 calls, of which 2 were refused"; empty when all are listed. */
    public static String rest(Usage.Grouping grouping, String one) {
        return rest(grouping, one, one + "s");
    }

    /** The same, where several are not written with an s. */
    public static String rest(Usage.Grouping grouping, String one, String several) {
        Usage.Rest rest = grouping.rest();
        return rest.groups() == 0
                ? ""
                : "And " + Amounts.of(rest.groups(), one, several) + " more: "
                        + Amounts.of(rest.allowed(), "call") + " allowed, " + Amounts.number(rest.refused())
                        + " refused.";
    }
}
