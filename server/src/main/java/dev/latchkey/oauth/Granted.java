package dev.latchkey.oauth;

import dev.latchkey.access.Resource;
import dev.latchkey.apitoken.ApiToken;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The API token that a token request comes from, and the bounds of what it gets.
 *
 * @param exchanged the access token that is exchanged for the new one, which must not allow more; null when there is none
 * @param authenticated whether the API token itself was authenticated, or only an access token presented
 */
record Granted(ApiToken apiToken, @Nullable AccessToken exchanged, boolean authenticated) {
    /** Everything that its role allows. */
    static Granted anything(ApiToken apiToken) {
        return new Granted(apiToken, null, true);
    }

    /** At most what an old access token allows, for an API token that was authenticated. */
    static Granted renewing(AccessToken old, ApiToken apiToken) {
        return new Granted(apiToken, old, true);
    }

    /** At most what an old access token allows, for a program that presents nothing else. */
    static Granted inPlaceOf(AccessToken old, ApiToken apiToken) {
        return new Granted(apiToken, old, false);
    }

    /** The access token that the new one replaces, with the same id and expiry; null when the new one has its own. */
    @Nullable AccessToken original() {
        return authenticated ? null : exchanged;
    }

    /** The audience of a request that names none. */
    String usualAudience(String management) {
        if (exchanged != null) {
            return exchanged.audience();
        }
        String own = apiToken.inAccessTokens().defaultResource();
        return own == null ? management : own;
    }

    /** @throws OAuthError invalid_target when it is not the API of the exchanged access token */
    void requireAudience(String audience) {
        if (exchanged != null && !Resource.isSame(audience, exchanged.audience())) {
            throw OAuthError.of(
                    OAuthError.Code.INVALID_TARGET,
                    "An access token can only be exchanged for one for the same API, " + exchanged.audience() + ".");
        }
    }

    /**
     * The requested scope, or that of the exchanged access token when none was requested.
     *
     * @throws OAuthError invalid_scope for more than the exchanged access token has
     */
    Optional<Set<String>> narrowed(Optional<Set<String>> asked) {
        Optional<Set<String>> before = exchanged == null ? Optional.empty() : exchanged.scope();
        if (asked.isPresent() && before.isPresent()) {
            Set<String> beyond = new TreeSet<>(asked.get());
            beyond.removeAll(before.get());
            if (!beyond.isEmpty()) {
                throw OAuthError.of(
                        OAuthError.Code.INVALID_SCOPE, "The scope goes beyond that of the exchanged access token.");
            }
        }
        return asked.isPresent() ? asked : before;
    }

    /**
     * What the new access token is bound to.
     *
     * @throws OAuthError invalid_request when the exchanged one is bound to something else
     */
    @Nullable Confirmation kept(@Nullable Confirmation confirmation) {
        if (exchanged != null
                && exchanged.confirmation() != null
                && !exchanged.confirmation().equals(confirmation)) {
            throw OAuthError.of(
                    OAuthError.Code.INVALID_REQUEST,
                    "The exchanged access token is bound to a key or a certificate. Present the same one.");
        }
        return confirmation;
    }
}
