package dev.latchkey.oauth;

import dev.latchkey.http.Parameters;
import dev.latchkey.http.Request;
import dev.latchkey.problem.Problem;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A client id and a secret as HTTP Basic carries them (RFC 6749 section 2.3.1). */
record BasicCredentials(String clientId, String clientSecret) {
    private static final String SCHEME = "Basic ";

    /**
     * The request's credentials in HTTP Basic; null when there are none. Another scheme is not client authentication: some
     * programs still send the access token that they want to renew.
     *
     * @throws OAuthError invalid_client when they cannot be read
     */
    static @Nullable BasicCredentials of(Request request) {
        Optional<String> header = request.header("Authorization");
        return header.isPresent() && isBasic(header.get()) ? parse(header.get()) : null;
    }

    private static boolean isBasic(String header) {
        return header.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
    }

    /** The header's user name and password, each form-encoded before they were joined (RFC 6749 section 2.3.1). */
    static BasicCredentials parse(String header) {
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
                return new BasicCredentials(
                        formDecoded(pair.substring(0, colon)), formDecoded(pair.substring(colon + 1)));
            }
        } catch (IllegalArgumentException | CharacterCodingException | Problem e) {
            // Answered below, like a header without a colon.
        }
        throw OAuthError.invalidClient(true);
    }

    private static String formDecoded(String text) {
        if (text.indexOf('&') >= 0 || text.indexOf('=') >= 0) {
            throw new IllegalArgumentException("not form-encoded");
        }
        return Parameters.decoded(text);
    }

    /** Whether they only name the client. Some libraries cannot name it elsewhere. */
    boolean isClientIdOnly() {
        return clientSecret.isEmpty() && !clientId.isEmpty();
    }

    @Override
    public String toString() {
        return "BasicCredentials";
    }
}
