package dev.latchkey.authzen;

import dev.latchkey.problem.Problem;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A decision as it is answered (AuthZEN section 5.5). A permission says nothing else: a program may reject a decision
 * whose context it does not understand.
 *
 * @param context why not; null for a permission
 */
record Verdict(boolean decision, @Nullable Map<String, Object> context) {
    static final Verdict YES = new Verdict(true, null);

    /**
     * A refusal.
     *
     * @param code for programs
     * @param status what a gateway would answer
     * @param forAdministrators why; not for the subject
     * @param forSubject what the subject itself may be told
     */
    static Verdict no(String code, int status, String forAdministrators, String forSubject) {
        Map<String, Object> context = new LinkedHashMap<>();
        context.put("code", code);
        context.put("reason_admin", Map.of(Integer.toString(status), forAdministrators));
        context.put("reason_user", Map.of(Integer.toString(status), forSubject));
        return new Verdict(false, context);
    }

    /** A question of several that cannot be answered (section 7.2.1); unsure is refused. */
    static Verdict unanswered(Problem problem) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("status", problem.status());
        error.put("message", problem.detail());
        return new Verdict(false, Map.of("error", error));
    }
}
