package dev.latchkey.console;

import dev.latchkey.access.ManagementApi;
import dev.latchkey.advice.Advisor;
import dev.latchkey.advice.PrivilegeAdvice;
import dev.latchkey.advice.TokenAdvice;
import dev.latchkey.advice.Window;
import dev.latchkey.apitoken.ApiToken;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a token's page says about what the token does not use of its role.
 *
 * @param advice null as long as it was not asked for
 */
public record TokenAdvicePart(
        String clientId,
        String role,
        Window window,
        @Nullable TokenAdvice advice) {

    /** Null if the viewer may not see roles, or the token has ended. */
    static @Nullable TokenAdvicePart of(Visit visit, ApiToken apiToken, Advisor advisor) {
        if (!visit.caller().has(ManagementApi.ROLES_READ) || apiToken.status() != ApiToken.Status.ACTIVE) {
            return null;
        }
        Optional<String> asked = visit.request().query().text("advice");
        Window window = Window.orUsual(asked.orElse(""));
        boolean now = asked.isPresent() || advisor.isQuick(visit.caller());
        return new TokenAdvicePart(
                apiToken.clientId(),
                apiToken.role(),
                window,
                now ? advisor.onToken(visit.caller(), apiToken.clientId(), window) : null);
    }

    /** The role and its use by this token alone, in the words of a role's page. */
    public RoleAdvicePart uses() {
        return new RoleAdvicePart(role, window, advice == null ? null : advice.review(), null);
    }

    /** What the token did not use, in words. */
    public String unused() {
        return advice == null
                ? ""
                : RoleAdvicePart.names(
                        advice.unused().stream().map(PrivilegeAdvice::privilege).toList(), RoleAdvicePart.MOST_REMOVED);
    }

    public List<TokenAdvice.Other> others() {
        return advice == null ? List.of() : advice.others();
    }
}
