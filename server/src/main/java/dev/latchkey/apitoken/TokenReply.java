package dev.latchkey.apitoken;

import dev.latchkey.crypto.Secret;
import dev.latchkey.http.AddressRange;
import dev.latchkey.management.Doc;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An API token in replies of the management API. */
public record TokenReply(
        String clientId,

        @Doc("Only in the reply that creates the token or the secret") @Nullable String clientSecret,

        String description,
        String role,

        @Doc("active or revoked, regardless of its times") String status,

        @Doc(
                value = "Whether it works now: active, expiring (active, but ends within 14 days), expired,"
                        + " not_yet_valid or revoked",
                observed = true)
        String state,

        Instant createdAt,
        WhoReply createdBy,

        @Doc("The person responsible for it; absent when there is none") @Nullable OwnerReply owner,

        AuthenticationSettings authentication,

        @Doc("What its access tokens are bound to: none, dpop or certificate")
        String senderConstraint,

        @Doc("The registered API whose access tokens it may introspect") @Nullable String actsFor,

        @Doc("The audience of its access tokens when its programs name none; absent for Latchkey's own API") @Nullable String defaultResource,

        @Doc("A short name in the claim name of its access tokens, for systems that show one") @Nullable String nameInAccessTokens,

        @Nullable Instant notBefore,
        @Nullable Instant expiresAt,

        @Doc("Where it may be used, as networks (CIDR); anywhere when empty")
        List<String> allowedAddresses,

        @Doc(value = "When it was last used successfully", observed = true) @Nullable Instant lastAccessAt,

        @Doc(value = "The address of that use", observed = true) @Nullable String lastAccessAddress,

        @Doc(value = "The User-Agent of that use, as the program sent it", observed = true) @Nullable String lastAccessUserAgent,

        @Nullable Instant revokedAt,
        @Nullable WhoReply revokedBy,
        @Nullable String revokeReason) {

    /**
     * @param departed the owners who were disabled or removed
     * @param now the time of the state
     */
    static TokenReply of(ApiToken apiToken, @Nullable Secret secret, Set<String> departed, Instant now) {
        ApiToken.Owner owner = apiToken.owner();
        var access = apiToken.lastAccess();
        var revocation = apiToken.revocation();
        return new TokenReply(
                apiToken.clientId(),
                secret == null ? null : secret.value(),
                apiToken.description(),
                apiToken.role(),
                apiToken.status().text(),
                apiToken.state(now).text(),
                apiToken.createdAt(),
                WhoReply.of(apiToken.createdBy()),
                owner == null ? null : new OwnerReply(owner.id(), owner.name(), departed.contains(owner.id())),
                AuthenticationSettings.of(apiToken.authentication()),
                apiToken.senderConstraint().text(),
                apiToken.actsFor(),
                apiToken.inAccessTokens().defaultResource(),
                apiToken.inAccessTokens().name(),
                apiToken.limits().notBefore(),
                apiToken.expiresAt(),
                apiToken.limits().addresses().stream()
                        .map(AddressRange::toString)
                        .toList(),
                access == null ? null : access.at(),
                access == null ? null : access.from().address(),
                access == null ? null : access.from().userAgent(),
                revocation == null ? null : revocation.at(),
                revocation == null ? null : WhoReply.of(revocation.by()),
                revocation == null ? null : revocation.reason());
    }

    @Override
    public String toString() {
        return "TokenReply[" + clientId + "]";
    }

    /** Who created or revoked something. */
    public record WhoReply(
            @Doc(
                    "person, program or system; unknown for a revocation by an older version that the log does not mention")
            String kind,

            @Doc("A user id, a client id, or the same as the name")
            String id,

            @Doc("As it was then") String name) {
        static WhoReply of(ApiToken.Who who) {
            return new WhoReply(who.kind(), who.id(), who.name());
        }
    }

    /** The person responsible for something today. */
    public record OwnerReply(
            @Doc("A user id") String id,
            String name,

            @Doc("Whether they have been disabled or removed")
            boolean departed) {}
}
