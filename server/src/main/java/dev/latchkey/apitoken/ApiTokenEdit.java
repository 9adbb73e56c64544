package dev.latchkey.apitoken;

import org.jspecify.annotations.Nullable;

/**
 * What an API token is to become: everything about it that can change.
 *
 * @param ownerId the person who answers for it; null for nobody
 */
public record ApiTokenEdit(
        String description,
        @Nullable String ownerId,
        ClientAuthentication authentication,
        SenderConstraint senderConstraint,
        @Nullable String actsFor,
        ApiToken.InAccessTokens inAccessTokens,
        ApiToken.Limits limits) {

    public static ApiTokenEdit of(ApiToken apiToken) {
        return new ApiTokenEdit(
                apiToken.description(),
                apiToken.owner() == null ? null : apiToken.owner().id(),
                apiToken.authentication(),
                apiToken.senderConstraint(),
                apiToken.actsFor(),
                apiToken.inAccessTokens(),
                apiToken.limits());
    }
}
