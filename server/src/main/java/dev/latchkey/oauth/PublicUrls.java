package dev.latchkey.oauth;

import dev.latchkey.access.ManagementApi;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the world reaches this server.
 *
 * @param issuer the base URL by which it calls itself
 * @param audience of its own API
 * @param bases all base URLs, the issuer first
 */
public record PublicUrls(String issuer, String audience, List<String> bases) {
    public PublicUrls {
        bases = List.copyOf(bases);
    }

    /** @param mtls the base URL where programs show certificates (RFC 8705 section 5); null when it is nowhere or the issuer */
    public static PublicUrls of(String issuer, @Nullable String mtls) {
        return new PublicUrls(
                issuer, issuer + ManagementApi.BASE_PATH, mtls == null ? List.of(issuer) : List.of(issuer, mtls));
    }

    /** The token endpoint's address in all its spellings. */
    List<String> tokenEndpoints() {
        return bases.stream().map(base -> base + TokenEndpoint.PATH).toList();
    }
}
