package dev.latchkey.advice;

import java.util.List;

/**
 * What a token used of what its role allows. It cannot be changed for the token alone.
 *
 * @param review the role, judged by this token's calls alone
 * @param others some of the active tokens that share the role
 * @param sharing how many active tokens share it
 */
public record TokenAdvice(String clientId, RoleAdvice review, List<Other> others, long sharing) {

    /** Another token with the role. */
    public record Other(String clientId, String description) {}

    /** What the token did not use in the window, as far as calls are counted. */
    public List<PrivilegeAdvice> unused() {
        return review.privileges().stream()
                .filter(each -> each.calls() == 0 && each.verdict() != Verdict.USED)
                .toList();
    }
}
