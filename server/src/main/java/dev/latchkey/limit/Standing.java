package dev.latchkey.limit;

import dev.latchkey.http.Response;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Where a caller stands with one limit, as the fields {@code RateLimit-Policy} and {@code RateLimit} say it
 * (draft-ietf-httpapi-ratelimit-headers-10 sections 3 and 4).
 *
 * @param policy the name of the limit, such as {@code token-per-day}
 * @param quota how much is allowed in the window
 * @param window in seconds
 * @param left how much of it is left
 * @param reset after how many seconds all of it is allowed again; in a refusal, after how many the next call is
 */
public record Standing(String policy, long quota, long window, long left, long reset) {
    public static final String POLICY_FIELD = "RateLimit-Policy";
    public static final String FIELD = "RateLimit";

    /** The response, which also tells the caller where it stands. */
    public static Response told(List<Standing> standings, Response response) {
        return standings.isEmpty()
                ? response
                : response.with(POLICY_FIELD, policies(standings)).with(FIELD, states(standings));
    }

    /** The value of {@code RateLimit-Policy}. */
    public static String policies(List<Standing> standings) {
        return standings.stream()
                .map(each -> '"' + each.policy + "\";q=" + each.quota + ";w=" + each.window)
                .collect(Collectors.joining(", "));
    }

    /** The value of {@code RateLimit}. */
    public static String states(List<Standing> standings) {
        return standings.stream()
                .map(each -> '"' + each.policy + "\";r=" + each.left + ";t=" + each.reset)
                .collect(Collectors.joining(", "));
    }
}
