package dev.latchkey.oauth;

import dev.latchkey.http.Parameters;
import dev.latchkey.http.Request;
import dev.latchkey.problem.Problem;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * The client id and secret of a request, in one of the two forms of RFC 6749 section 2.3.1.
 *
 * @param basic whether they came as HTTP Basic, not in the form
 */
record ClientCredentials(String clientId, String clientSecret, boolean basic) {
    private static final String SCHEME = "Basic ";

    /**
     * What the request says with HTTP Basic. Another scheme is no client authentication: some programs go on sending the
     * access token that they want to renew.
     */
    static Optional<String> basicField(Request request) {
        return request.header("Authorization").filter(ClientCredentials::isBasic);
    }

    /** Whether HTTP Basic brings along a secret. Some libraries can name the client there and nowhere else. */
    static boolean hasBasicSecret(Request request) {
        return basicField(request).isPresent() && bareClientId(request).isEmpty();
    }

    /** The client id that HTTP Basic names without a secret. */
    static Optional<String> bareClientId(Request request) {
        return basicField(request)
                .map(ClientCredentials::basic)
                .filter(credentials -> credentials.clientSecret().isEmpty()
                        && !credentials.clientId().isEmpty())
                .map(ClientCredentials::clientId);
    }

    private static boolean isBasic(String header) {
        return header.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
    }

    /**
     * Finds them.
     *
     * @throws OAuthError invalid_request for both forms at once (section 2.3), invalid_client for none
     */
    static ClientCredentials of(Request request, Parameters form) {
        Optional<String> header = basicField(request);
        boolean inForm = form.has("client_secret");
        if (header.isPresent()) {
            if (inForm) {
                throw OAuthError.of(
                        OAuthError.Code.INVALID_REQUEST,
                        "Send the client secret either with HTTP Basic or in the form, not both.");
            }
            ClientCredentials credentials = basic(header.get());
            String inBody = form.first("client_id").orElse(credentials.clientId());
            if (!inBody.equals(credentials.clientId())) {
                throw OAuthError.of(
                        OAuthError.Code.INVALID_REQUEST, "The client_id in the form is not the one of HTTP Basic.");
            }
            return credentials;
        }
        if (!inForm || !form.has("client_id")) {
            throw OAuthError.invalidClient(true);
        }
        return new ClientCredentials(
                form.first("client_id").orElse(""), form.first("client_secret").orElse(""), false);
    }

    /** The header's user name and password, each form-encoded before they were joined (RFC 6749 section 2.3.1). */
    static ClientCredentials basic(String header) {
        if (!isBasic(header)) {
            throw OAuthError.invalidClient(true);
        }
        try {
            byte[] decoded =
                    Base64.getDecoder().decode(header.substring(SCHEME.length()).strip());
            String pair = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(decoded))
                    .toString();
            int colon = pair.indexOf(':');
            if (colon >= 0) {
                return new ClientCredentials(
                        formDecoded(pair.substring(0, colon)), formDecoded(pair.substring(colon + 1)), true);
            }
        } catch (IllegalArgumentException | CharacterCodingException | Problem e) {
            // answered below, like a header without a colon
        }
        throw OAuthError.invalidClient(true);
    }

    private static String formDecoded(String text) {
        if (text.indexOf('&') >= 0 || text.indexOf('=') >= 0) {
            throw new IllegalArgumentException("not form-encoded");
        }
        return Parameters.decoded(text);
    }

    @Override
    public String toString() {
        return "ClientCredentials";
    }
}
