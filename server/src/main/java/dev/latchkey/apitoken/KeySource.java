package dev.latchkey.apitoken;

import com.nimbusds.jose.jwk.JWKSet;
import java.net.URI;

/** Where the public keys that check assertions come from. */
public sealed interface KeySource {
    /** Stored with the API token itself; public keys only. */
    record Fixed(JWKSet keys) implements KeySource {}

    /** Published at an address (RFC 7517 section 5), and fetched from there when needed. */
    record At(URI address) implements KeySource {}

    /** Named by the issuer's own metadata (OpenID Connect Discovery 1.0 section 4, RFC 8414 section 3). */
    record Discovered() implements KeySource {}

    /** Whether each of these keys is among the others. */
    default boolean areAmong(KeySource others) {
        return equals(others)
                || (this instanceof Fixed(JWKSet keys)
                        && others instanceof Fixed(JWKSet oldKeys)
                        && oldKeys.getKeys().containsAll(keys.getKeys()));
    }
}
