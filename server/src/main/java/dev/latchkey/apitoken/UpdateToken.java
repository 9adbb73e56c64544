package dev.latchkey.apitoken;

import dev.latchkey.apitoken.ApiTokenTerms.InAccessTokens;
import dev.latchkey.apitoken.ApiTokenTerms.Limits;
import dev.latchkey.management.Doc;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The request that changes an API token. Absent fields stay as they are. */
public record UpdateToken(
        @Doc("1 to 120 characters") @Nullable String description,

        @Doc(
                value = "The user id of the person responsible for it. Naming anyone but yourself needs users:read",
                clearable = true)
        @Nullable String owner,

        @Doc("New keys, certificates, names or conditions, in full; the method stays") @Nullable AuthenticationSettings authentication,

        @Doc("none, dpop or certificate") @Nullable String senderConstraint,

        @Doc(value = "The registered API whose access tokens it may introspect", clearable = true) @Nullable String actsFor,

        @Doc(value = "The audience of its access tokens when its programs name none", clearable = true) @Nullable String defaultResource,

        @Doc(value = "A short name in the claim name of its access tokens", clearable = true) @Nullable String nameInAccessTokens,

        @Doc(value = "It does not work before then", clearable = true) @Nullable Instant notBefore,

        @Doc(value = "It stops working then", clearable = true) @Nullable Instant expiresAt,

        @Doc("Where it may be used; anywhere when empty") @Nullable List<String> allowedAddresses) {

    /**
     * The current terms with these changes.
     *
     * @param given the names that were sent, including those whose value is null
     * @param issuer Latchkey's own
     */
    public ApiTokenTerms applied(ApiTokenTerms now, Set<String> given, String issuer) {
        return new ApiTokenTerms(
                description == null ? now.description() : description,
                given.contains("owner") ? owner : now.ownerId(),
                authentication == null ? now.authentication() : authentication.read(issuer),
                senderConstraint == null ? now.senderConstraint() : CreateToken.constraint(senderConstraint),
                given.contains("actsFor") ? actsFor : now.actsFor(),
                new InAccessTokens(
                        given.contains("defaultResource")
                                ? defaultResource
                                : now.inAccessTokens().defaultResource(),
                        given.contains("nameInAccessTokens")
                                ? nameInAccessTokens
                                : now.inAccessTokens().name()),
                new Limits(
                        given.contains("notBefore") ? notBefore : now.limits().notBefore(),
                        given.contains("expiresAt") ? expiresAt : now.limits().expiresAt(),
                        allowedAddresses == null ? now.limits().addresses() : CreateToken.ranges(allowedAddresses)));
    }
}
