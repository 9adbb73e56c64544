package dev.latchkey.advice;

import dev.latchkey.http.Request;
import dev.latchkey.management.Doc;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the management API's calls for advice have in common. */
final class AdviceReplies {
    static final String WINDOW = "For how many days a privilege must not have been used: 30, 90 or 365; 90 when absent";

    private AdviceReplies() {}

    static Window window(Request request) {
        return request.query().text("window").map(Window::of).orElse(Window.QUARTER);
    }

    /** Why something may have been used although no use was counted. */
    public record DoubtReply(
            @Doc("For programs, such as young_token") String code,
            @Doc("For people") String detail) {
        static List<DoubtReply> of(List<Doubt> doubts) {
            return doubts.stream()
                    .map(doubt -> new DoubtReply(doubt.reason().text(), doubt.sentence()))
                    .toList();
        }
    }

    /** Calls that the tried role would have refused, and that were allowed. */
    public record RefusedReply(
            String clientId,
            @Doc("What the token is called") String description,
            String api,
            @Doc("Method and path") String endpoint,

            @Doc("How many; those of the first day may include calls that were made before the trial")
            long calls,

            @Doc("The last of them, to the second") Instant lastAt) {

        static List<RefusedReply> of(List<RefusedCalls> refused) {
            return refused.stream()
                    .limit(RefusedCalls.MOST_KEPT)
                    .map(calls -> new RefusedReply(
                            calls.clientId(),
                            calls.name(),
                            calls.api(),
                            calls.endpoint(),
                            calls.calls(),
                            calls.lastAt()))
                    .toList();
        }
    }

    /** A privilege that the role has, and its use. */
    public record PrivilegeAdviceReply(
            String api,
            String privilege,

            @Doc("Whether the role itself allows it") boolean own,

            @Doc("The roles below it that allow it as well") List<String> through,

            @Doc("used; rarely_used (on at most two days of the window, or only before it); never_used; not_known")
            String verdict,

            @Doc("How many allowed calls in the window needed it")
            long calls,

            @Doc("How many API tokens made them") int tokens,

            @Doc("The last of all counted calls that needed it, to the second") @Nullable Instant lastAt,

            @Doc("Why it is not known whether it was used") List<DoubtReply> doubts) {

        static PrivilegeAdviceReply of(PrivilegeAdvice advice) {
            return new PrivilegeAdviceReply(
                    advice.privilege().api(),
                    advice.privilege().name(),
                    advice.own(),
                    List.copyOf(advice.through()),
                    advice.verdict().text(),
                    advice.calls(),
                    advice.tokens(),
                    advice.lastAt(),
                    DoubtReply.of(advice.doubts()));
        }
    }
}
