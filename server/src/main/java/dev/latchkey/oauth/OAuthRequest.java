package dev.latchkey.oauth;

import dev.latchkey.event.Origin;
import dev.latchkey.http.Parameters;
import dev.latchkey.http.Request;
import dev.latchkey.problem.Problem;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request to an OAuth endpoint, read once.
 *
 * @param basic its credentials in HTTP Basic; null when there are none
 */
record OAuthRequest(Request http, Parameters form, @Nullable BasicCredentials basic, Origin origin) {

    /**
     * Reads the form and HTTP Basic.
     *
     * @param single parameters of which a request may have at most one each (RFC 6749 section 3.2)
     * @throws OAuthError invalid_request when the body is not a form or has one of them twice; invalid_client when HTTP
     *     Basic cannot be read
     */
    static OAuthRequest read(Request request, List<String> single) {
        Parameters form;
        try {
            // RFC 6749 section 3.2: a parameter without a value is treated as omitted.
            form = request.form().withValues();
        } catch (Problem problem) {
            throw OAuthError.of(OAuthError.Code.INVALID_REQUEST, problem.detail());
        }
        for (String name : single) {
            if (form.all(name).size() > 1) {
                throw OAuthError.of(OAuthError.Code.INVALID_REQUEST, "The parameter " + name + " occurs twice.");
            }
        }
        return new OAuthRequest(
                request, form, BasicCredentials.of(request), new Origin(request.remoteAddress(), request.userAgent()));
    }

    /** @throws OAuthError invalid_request when the parameter is missing */
    String required(String parameter) {
        return form.text(parameter)
                .orElseThrow(() ->
                        OAuthError.of(OAuthError.Code.INVALID_REQUEST, "The parameter " + parameter + " is missing."));
    }

    /** The client id that the request names without proving it: in the form, or with HTTP Basic and no secret. */
    Optional<String> namedClientId() {
        Optional<String> inForm = form.text("client_id");
        if (basic == null || !basic.isClientIdOnly()) {
            return inForm;
        }
        if (!inForm.orElse(basic.clientId()).equals(basic.clientId())) {
            throw OAuthError.of(
                    OAuthError.Code.INVALID_REQUEST, "The client_id in the form differs from the one in HTTP Basic.");
        }
        return Optional.of(basic.clientId());
    }

    @Override
    public String toString() {
        // The form has credentials.
        return http.toString();
    }
}
