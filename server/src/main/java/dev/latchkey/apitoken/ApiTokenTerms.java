package dev.latchkey.apitoken;

import dev.latchkey.http.AddressRange;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What people choose for an API token and can change later: what a form, a request, an edit, a row and an event are about. Its
 * role is chosen once and stays.
 *
 * @param description who or what uses it; when blank, a new token is named after its role and the day
 * @param ownerId the person responsible for it; null for none, and for a new token's creator if that is a person
 * @param actsFor the registered API whose own credential this is, which may introspect that API's access tokens
 * @param inAccessTokens what its access tokens say beyond what its programs ask for
 */
public record ApiTokenTerms(
        String description,
        @Nullable String ownerId,
        ClientAuthentication authentication,
        SenderConstraint senderConstraint,
        @Nullable String actsFor,
        InAccessTokens inAccessTokens,
        Limits limits) {

    /**
     * What its access tokens say beyond what its programs ask for.
     *
     * @param defaultResource the audience of its access tokens when a program names none; null for Latchkey's own API
     * @param name a short name for systems that show one instead of the client id; null for none. It is not proof of identity
     */
    public record InAccessTokens(
            @Nullable String defaultResource, @Nullable String name) {
        public static final InAccessTokens NOTHING = new InAccessTokens(null, null);
    }

    /**
     * When it may be used, and from which addresses.
     *
     * @param notBefore it does not work before then; null when it works at once
     * @param expiresAt it stops working then; null for never
     * @param addresses where it may be used; empty for anywhere
     */
    public record Limits(
            @Nullable Instant notBefore, @Nullable Instant expiresAt, List<AddressRange> addresses) {
        public static final Limits NONE = new Limits(null, null, List.of());

        public static Limits until(@Nullable Instant expiresAt) {
            return new Limits(null, expiresAt, List.of());
        }
    }

    /** The terms of a token with a secret that works anywhere until it expires. */
    public static ApiTokenTerms withSecret(String description, @Nullable Instant expiresAt) {
        return new ApiTokenTerms(
                description,
                null,
                new ClientAuthentication.ClientSecret(),
                SenderConstraint.NONE,
                null,
                InAccessTokens.NOTHING,
                Limits.until(expiresAt));
    }

    /** A copy with another description. */
    public ApiTokenTerms describedAs(String text) {
        return new ApiTokenTerms(text, ownerId, authentication, senderConstraint, actsFor, inAccessTokens, limits);
    }

    /** A copy with another owner; null for none. */
    public ApiTokenTerms ownedBy(@Nullable String userId) {
        return new ApiTokenTerms(
                description, userId, authentication, senderConstraint, actsFor, inAccessTokens, limits);
    }

    /** A copy that acts for another API; null for none. */
    public ApiTokenTerms actingFor(@Nullable String api) {
        return new ApiTokenTerms(description, ownerId, authentication, senderConstraint, api, inAccessTokens, limits);
    }

    boolean hasSecret() {
        return authentication instanceof ClientAuthentication.ClientSecret;
    }
}
