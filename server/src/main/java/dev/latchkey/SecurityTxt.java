package dev.latchkey;

import dev.latchkey.http.Handler;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;

/**
 * {@code GET /.well-known/security.txt} (RFC 9116): whom to tell about a vulnerability of this installation. That is for its
 * operator to say, so without the setting there is no such file.
 */
final class SecurityTxt implements Handler {
    static final String PATH = "/.well-known/security.txt";

    /** The RFC advises less than a year. As long as the service runs with this contact, the file stays true. */
    private static final Duration VALIDITY = Duration.ofDays(90);

    private final URI contact;
    private final String issuer;
    private final Clock clock;

    SecurityTxt(URI contact, String issuer, Clock clock) {
        this.contact = contact;
        this.issuer = issuer;
        this.clock = clock;
    }

    @Override
    public Response handle(Request request) {
        return Response.text(
                200,
                "Contact: " + contact + "\nExpires: "
                        + clock.instant().plus(VALIDITY).truncatedTo(ChronoUnit.DAYS) + "\nCanonical: " + issuer + PATH
                        + "\n");
    }
}
