package dev.latchkey.apitoken;

import dev.latchkey.crypto.Secret;
import dev.latchkey.http.AddressRange;
import dev.latchkey.limit.CallLimits;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What people choose for an API token and can change later: what a form, a request, an edit, a row and an event are about. Its
 * role is chosen once and stays.
 *
 * @param description who or what uses it; when blank, a new token is named after its role and the day
 * @param ownerId the person responsible for it; null for none, and for a new token's creator if that is a person
 * @param actsFor the registered API whose own credential this is, which may introspect that API's access tokens
 * @param inAccessTokens what its access tokens say beyond what its programs ask for
 * @param limits when it may be used, and from which addresses
 * @param callLimits how much may be called with it
 */
public record ApiTokenTerms(
        String description,
        @Nullable String ownerId,
        ClientAuthentication authentication,
        SenderConstraint senderConstraint,
        @Nullable String actsFor,
        InAccessTokens inAccessTokens,
        Limits limits,
        CallLimits callLimits) {
    static final String AUTHENTICATION = "authentication";
    static final String BOUND_TO = "bound to";
    static final String NOT_BEFORE = "not before";
    static final String EXPIRES = "expires";
    static final String ADDRESSES = "allowed addresses";
    static final String LIMITS = "limits";

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
        return of(description, new ClientAuthentication.ClientSecret(), expiresAt);
    }

    /** The terms of a token with an API key that works anywhere until it expires. */
    public static ApiTokenTerms withApiKey(String description, Instant expiresAt) {
        return of(description, new ClientAuthentication.ApiKey(null), expiresAt);
    }

    private static ApiTokenTerms of(
            String description, ClientAuthentication authentication, @Nullable Instant expiresAt) {
        return new ApiTokenTerms(
                description,
                null,
                authentication,
                SenderConstraint.NONE,
                null,
                InAccessTokens.NOTHING,
                Limits.until(expiresAt),
                CallLimits.NONE);
    }

    /** A copy with another description. */
    public ApiTokenTerms describedAs(String text) {
        return new ApiTokenTerms(
                text, ownerId, authentication, senderConstraint, actsFor, inAccessTokens, limits, callLimits);
    }

    /** A copy with another owner; null for none. */
    public ApiTokenTerms ownedBy(@Nullable String userId) {
        return new ApiTokenTerms(
                description, userId, authentication, senderConstraint, actsFor, inAccessTokens, limits, callLimits);
    }

    /** A copy that authenticates in another way. */
    public ApiTokenTerms authenticatingBy(ClientAuthentication other) {
        return new ApiTokenTerms(
                description, ownerId, other, senderConstraint, actsFor, inAccessTokens, limits, callLimits);
    }

    /** A copy whose access tokens are bound to something else. */
    public ApiTokenTerms boundTo(SenderConstraint other) {
        return new ApiTokenTerms(
                description, ownerId, authentication, other, actsFor, inAccessTokens, limits, callLimits);
    }

    /** A copy that acts for another API; null for none. */
    public ApiTokenTerms actingFor(@Nullable String api) {
        return new ApiTokenTerms(
                description, ownerId, authentication, senderConstraint, api, inAccessTokens, limits, callLimits);
    }

    /** A copy whose access tokens say something else. */
    public ApiTokenTerms saying(InAccessTokens other) {
        return new ApiTokenTerms(
                description, ownerId, authentication, senderConstraint, actsFor, other, limits, callLimits);
    }

    /** A copy with other limits. */
    public ApiTokenTerms limitedTo(Limits other) {
        return new ApiTokenTerms(
                description, ownerId, authentication, senderConstraint, actsFor, inAccessTokens, other, callLimits);
    }

    /** A copy with which more or less may be called. */
    public ApiTokenTerms callingAtMost(CallLimits other) {
        return new ApiTokenTerms(
                description, ownerId, authentication, senderConstraint, actsFor, inAccessTokens, limits, other);
    }

    /** Each term by its name in the log, except for the owner; null for what most tokens have. */
    public Map<String, @Nullable String> facts() {
        Map<String, @Nullable String> facts = new LinkedHashMap<>();
        facts.put("description", description);
        // In full: whom a token trusts, and under which conditions, decides who gets its role.
        facts.put(AUTHENTICATION, AuthenticationSettings.json(authentication));
        facts.put(BOUND_TO, senderConstraint == SenderConstraint.NONE ? null : senderConstraint.text());
        facts.put("acts for", actsFor);
        facts.put("default resource", inAccessTokens.defaultResource());
        facts.put("name in access tokens", inAccessTokens.name());
        facts.put(NOT_BEFORE, text(limits.notBefore()));
        facts.put(EXPIRES, text(limits.expiresAt()));
        facts.put(
                ADDRESSES,
                limits.addresses().isEmpty()
                        ? null
                        : limits.addresses().stream()
                                .map(AddressRange::toString)
                                .collect(Collectors.joining(", ")));
        facts.put(LIMITS, callLimits.areNone() ? null : callLimits.text());
        return facts;
    }

    private static @Nullable String text(@Nullable Instant time) {
        return time == null ? null : time.toString();
    }

    /** In which form it has secrets; null when it proves who it is in another way. */
    public Secret.@Nullable Form secretForm() {
        return switch (authentication) {
            case ClientAuthentication.ClientSecret() -> Secret.Form.CLIENT_SECRET;
            case ClientAuthentication.ApiKey key -> Secret.Form.API_KEY;
            case ClientAuthentication.PrivateKeyJwt keys -> null;
            case ClientAuthentication.TlsCertificate certificate -> null;
            case ClientAuthentication.SelfSignedCertificate certificate -> null;
            case ClientAuthentication.Federated federated -> null;
            case ClientAuthentication.Unknown unknown -> null;
        };
    }
}
