package dev.latchkey.limit;

import dev.latchkey.problem.Problem;
import java.util.List;

/** Whether a call was within all limits that apply to it. */
public sealed interface Taken {
    /** The code of a refusal. */
    String CODE = "rate_limited";

    /** Nothing limits the call. */
    Taken UNLIMITED = new Within(List.of());

    /**
     * It was, and is counted.
     *
     * @param standings where the caller stands with the limits that are its own; not with those that it shares with others
     */
    record Within(List<Standing> standings) implements Taken {}

    /**
     * It was not, and none of them counts it.
     *
     * @param limited whose limit it is
     * @param measure which of its limits
     * @param standing where it stands
     * @param retryAfter after how many seconds there is room for a call
     */
    record Beyond(Limited limited, Measure measure, Standing standing, long retryAfter) implements Taken {
        /** Which limit was reached, in one sentence. */
        public String sentence() {
            Long most = limited.limits().of(measure);
            return limited.whose().subject()
                    + (limited.name().isEmpty() ? "" : " " + limited.name())
                    + " is limited to " + measure.amount(most == null ? 0 : most) + ", and the limit is reached.";
        }

        /** The same, and when to try again. */
        public String detail() {
            return sentence() + " Try again in " + inWords(retryAfter) + ".";
        }

        /** What programs are told (RFC 6585 section 4, draft-ietf-httpapi-ratelimit-headers-10 section 5). */
        public Problem problem() {
            List<Standing> all = List.of(standing);
            Problem problem = new Problem(429, CODE, detail())
                    .with("type", "https://iana.org/assignments/http-problem-types#quota-exceeded")
                    .with("violated-policies", List.of(standing.policy()))
                    .with("limitOf", limited.whose().text());
            return (limited.name().isEmpty() ? problem : problem.with("limitName", limited.name()))
                    .withHeader("Retry-After", Long.toString(retryAfter))
                    .withHeader(Standing.POLICY_FIELD, Standing.policies(all))
                    .withHeader(Standing.FIELD, Standing.states(all));
        }

        private static String inWords(long seconds) {
            if (seconds < 120) {
                return seconds == 1 ? "1 second" : seconds + " seconds";
            }
            long minutes = Math.ceilDiv(seconds, 60);
            if (minutes < 120) {
                return minutes + " minutes";
            }
            long hours = Math.ceilDiv(minutes, 60);
            return hours < 72 ? hours + " hours" : Math.ceilDiv(hours, 24) + " days";
        }
    }
}
