package dev.latchkey.apitoken;

import java.util.Locale;

/** What the access tokens of an API token are bound to, so that a stolen one is worth nothing to the thief. */
public enum SenderConstraint {
    /** Nothing: whoever bears an access token may use it (RFC 6750), unless the program chose otherwise. */
    NONE,
    /** A key of the program, proved with every call (RFC 9449 section 5.2, {@code dpop_bound_access_tokens}). */
    DPOP,
    /** The program's TLS certificate (RFC 8705 section 3.4, {@code tls_client_certificate_bound_access_tokens}). */
    CERTIFICATE;

    /** As it is stored, and written in the management API. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
