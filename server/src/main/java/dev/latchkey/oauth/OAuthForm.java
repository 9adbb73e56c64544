package dev.latchkey.oauth;

import dev.latchkey.http.Parameters;
import dev.latchkey.http.Request;
import dev.latchkey.problem.Problem;
import java.util.List;

/** The form that OAuth endpoints read. */
final class OAuthForm {
    private OAuthForm() {}

    /**
     * @param single of these it may hold one at most (RFC 6749 section 3.2)
     * @throws OAuthError invalid_request when it is no form, or holds one of them twice
     */
    static Parameters read(Request request, List<String> single) {
        Parameters form;
        try {
            // RFC 6749 section 3.2: a parameter without a value counts as left out.
            form = request.form().withValues();
        } catch (Problem problem) {
            throw OAuthError.of(OAuthError.Code.INVALID_REQUEST, problem.detail());
        }
        for (String name : single) {
            if (form.all(name).size() > 1) {
                throw OAuthError.of(OAuthError.Code.INVALID_REQUEST, "The parameter " + name + " occurs twice.");
            }
        }
        return form;
    }
}
