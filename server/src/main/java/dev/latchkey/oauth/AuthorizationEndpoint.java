package dev.latchkey.oauth;

import dev.latchkey.http.Handler;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;

/**
 * {@code GET} and {@code POST /oauth/v2/authorize}: where people would allow a program to act for them (RFC 6749 section
 * 3.1), which Latchkey does not offer. Clients require the address all the same, so it answers with an explanation. There is
 * no registered redirect URI, so it never redirects (section 4.1.2.1).
 */
public final class AuthorizationEndpoint implements Handler {
    private static final String DESCRIPTION =
            "People do not sign in to programs here. A program gets its own access token with grant_type=client_credentials.";

    private static final String PAGE = """
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>People do not sign in to programs here</title></head>
            <body>
            <main>
            <h1>People do not sign in to programs here</h1>
            <p>A program sent you here for your permission (unsupported_response_type). Latchkey issues access tokens to
            programs only: the program has its own API token and gets its access tokens with
            <code>grant_type=client_credentials</code>. Tell the people who run it.</p>
            </main>
            </body>
            </html>
            """;

    @Override
    public Response handle(Request request) {
        boolean people = request.header("Accept").orElse("").contains("text/html");
        return people
                ? Response.html(400, PAGE).with("Cache-Control", "no-store")
                : OAuthError.of(OAuthError.Code.UNSUPPORTED_RESPONSE_TYPE, DESCRIPTION)
                        .toResponse();
    }
}
