package dev.latchkey.oauth;

import dev.latchkey.access.Resource;
import dev.latchkey.apitoken.ApiToken;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Who a token request comes from, and within which bounds.
 *
 * @param instead the access token that is exchanged for the new one, which may not be worth more; null when there is none
 * @param proved whether the API token itself has proved who it is
 */
record Granted(ApiToken apiToken, @Nullable AccessToken instead, boolean proved) {
    /** Whatever its role allows. */
    static Granted anything(ApiToken apiToken) {
        return new Granted(apiToken, null, true);
    }

    /** No more than an access token of the API token that has proved who it is. */
    static Granted renewing(AccessToken old, ApiToken apiToken) {
        return new Granted(apiToken, old, true);
    }

    /** The same for whoever shows nothing but the access token. */
    static Granted inPlaceOf(AccessToken old, ApiToken apiToken) {
        return new Granted(apiToken, old, false);
    }

    /** The access token that the new one only stands for: it has the same id and the same end. Null when it has its own. */
    @Nullable AccessToken original() {
        return proved ? null : instead;
    }

    /** The audience that is meant when none is named. */
    String usualAudience(String management) {
        if (instead != null) {
            return instead.audience();
        }
        String own = apiToken.inAccessTokens().defaultResource();
        return own == null ? management : own;
    }

    /** @throws OAuthError invalid_target for another API than before */
    void requireAudience(String audience) {
        if (instead != null && !Resource.isSame(audience, instead.audience())) {
            throw OAuthError.of(
                    OAuthError.Code.INVALID_TARGET,
                    "An access token is exchanged for one for the same API, " + instead.audience() + ".");
        }
    }

    /**
     * The scope that was asked for, or the one there was.
     *
     * @throws OAuthError invalid_scope for more than there was
     */
    Optional<Set<String>> narrowed(Optional<Set<String>> asked) {
        Optional<Set<String>> before = instead == null ? Optional.empty() : instead.scope();
        if (asked.isPresent() && before.isPresent()) {
            Set<String> beyond = new TreeSet<>(asked.get());
            beyond.removeAll(before.get());
            if (!beyond.isEmpty()) {
                throw OAuthError.of(
                        OAuthError.Code.INVALID_SCOPE,
                        "The access token that is exchanged is limited to less than that.");
            }
        }
        return asked.isPresent() ? asked : before;
    }

    /**
     * What the new access token is bound to.
     *
     * @throws OAuthError invalid_request when the one before is bound to something else
     */
    @Nullable Confirmation kept(@Nullable Confirmation confirmation) {
        if (instead != null
                && instead.confirmation() != null
                && !instead.confirmation().equals(confirmation)) {
            throw OAuthError.of(
                    OAuthError.Code.INVALID_REQUEST,
                    "The access token that is exchanged is bound to a key or a certificate. Show the same one.");
        }
        return confirmation;
    }
}
