package dev.latchkey.apitoken;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What the access tokens of an API token are bound to, so that a stolen one is worthless. */
public enum SenderConstraint {
    /** Nothing: any bearer of an access token may use it (RFC 6750), unless the program chose otherwise. */
    NONE,
    /** A key of the program, proved with every call (RFC 9449 section 5.2, {@code dpop_bound_access_tokens}). */
    DPOP,
    /** The program's TLS certificate (RFC 8705 section 3.4, {@code tls_client_certificate_bound_access_tokens}). */
    CERTIFICATE;

    /** The one with this name; empty when this version does not know it. */
    static Optional<SenderConstraint> named(String text) {
        return Arrays.stream(values())
                .filter(constraint -> constraint.text().equals(text))
                .findFirst();
    }

    /** Its name in rows and in the management API. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
