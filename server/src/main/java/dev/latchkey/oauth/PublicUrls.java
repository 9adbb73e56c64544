package dev.latchkey.oauth;

import dev.latchkey.access.ManagementApi;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The public URLs of this server.
 *
 * @param issuer the base URL that identifies it
 * @param audience the audience of its own API
 * @param bases all base URLs, the issuer first
 */
public record PublicUrls(String issuer, String audience, List<String> bases) {
    public PublicUrls {
        bases = List.copyOf(bases);
    }

    /**
     * @param mtls the base URL where programs present certificates (RFC 8705 section 5); null when there is none or it is
     *     the issuer
     */
    public static PublicUrls of(String issuer, @Nullable String mtls) {
        return new PublicUrls(
                issuer, issuer + ManagementApi.BASE_PATH, mtls == null ? List.of(issuer) : List.of(issuer, mtls));
    }

    /** All URLs of the token endpoint. */
    List<String> tokenEndpoints() {
        return bases.stream().map(base -> base + OAuthPaths.TOKEN).toList();
    }
}
