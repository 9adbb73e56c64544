package dev.latchkey.oauth;

import dev.latchkey.http.Handler;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;

/**
 * {@code GET} and {@code POST /oauth/v2/authorize}: where people would allow a program to act for them (RFC 6749 section
 * 3.1). Nobody does that here. Clients want the address all the same, and whoever follows it is told. There is no registered
 * redirect URI, so nobody is ever sent back (section 4.1.2.1).
 */
public final class AuthorizationEndpoint implements Handler {
    public static final String PATH = "/oauth/v2/authorize";

    private static final String DESCRIPTION =
            "No person signs in to programs here. A program gets its access token itself, with grant_type=client_credentials.";

    private static final String PAGE = """
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>No person signs in to programs here</title></head>
            <body>
            <main>
            <h1>No person signs in to programs here</h1>
            <p>A program sent you here to allow it something (unsupported_response_type). Latchkey gives access tokens to
            programs only: the program has an API token of its own and gets its access tokens with
            <code>grant_type=client_credentials</code>. Tell whoever runs it.</p>
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
