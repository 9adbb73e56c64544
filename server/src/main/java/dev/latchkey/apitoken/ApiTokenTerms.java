package dev.latchkey.apitoken;

import dev.latchkey.http.AddressRange;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an API token is to be, and what it is: everything about it that people choose and can change later. A form, a request, an
 * edit, a row and an event speak of these. Its role is chosen once and stays.
 *
 * @param description who or what uses it; blank for a new token to name it after its role and the day
 * @param ownerId the person who answers for it; null for nobody, and for whoever creates a new token, when it is a person
 * @param actsFor the registered API whose own credential this is, which may introspect that API's access tokens
 * @param inAccessTokens what its access tokens say that its programs cannot
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
     * What its access tokens say that its programs cannot.
     *
     * @param defaultResource the audience of the API that is meant when a program names none; null for Latchkey's own
     * @param name a short name for systems that show one instead of the client id; null for none. It proves nothing
     */
    public record InAccessTokens(
            @Nullable String defaultResource, @Nullable String name) {
        public static final InAccessTokens NOTHING = new InAccessTokens(null, null);
    }

    /**
     * When and from where it may be used.
     *
     * @param notBefore it does not work before then; null for from the start
     * @param expiresAt it stops working then; null for never
     * @param addresses from where it may be used; empty for from anywhere
     */
    public record Limits(
            @Nullable Instant notBefore, @Nullable Instant expiresAt, List<AddressRange> addresses) {
        public static final Limits NONE = new Limits(null, null, List.of());

        public static Limits until(@Nullable Instant expiresAt) {
            return new Limits(null, expiresAt, List.of());
        }
    }

    /** Those of a token with a secret, which works from anywhere until it expires. */
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

    /** The same under another description. */
    public ApiTokenTerms describedAs(String text) {
        return new ApiTokenTerms(text, ownerId, authentication, senderConstraint, actsFor, inAccessTokens, limits);
    }

    /** The same with another person who answers for it; null for nobody. */
    public ApiTokenTerms ownedBy(@Nullable String userId) {
        return new ApiTokenTerms(
                description, userId, authentication, senderConstraint, actsFor, inAccessTokens, limits);
    }

    /** The same as the credential of another API, or of none. */
    public ApiTokenTerms actingFor(@Nullable String api) {
        return new ApiTokenTerms(description, ownerId, authentication, senderConstraint, api, inAccessTokens, limits);
    }

    boolean hasSecret() {
        return authentication instanceof ClientAuthentication.ClientSecret;
    }
}
