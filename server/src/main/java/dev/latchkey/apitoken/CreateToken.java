package dev.latchkey.apitoken;

import dev.latchkey.apitoken.ApiTokenTerms.InAccessTokens;
import dev.latchkey.apitoken.ApiTokenTerms.Limits;
import dev.latchkey.http.AddressRange;
import dev.latchkey.management.Doc;
import dev.latchkey.problem.Problem;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The request that creates an API token. */
public record CreateToken(
        @Doc("Who or what uses it, at most 120 characters; its role and the day when absent or empty")
        @Nullable String description,

        @Doc("A role that the caller's own privileges cover")
        String role,

        @Doc("The user id of the person responsible for it; the caller when absent, if that is a person. Naming someone"
                + " else needs users:read")
        @Nullable String owner,

        @Doc("How it authenticates; by a secret when absent") @Nullable AuthenticationSettings authentication,

        @Doc("What all its access tokens are bound to: none, dpop or certificate; none when absent") @Nullable String senderConstraint,

        @Doc("The registered API whose access tokens it may introspect") @Nullable String actsFor,

        @Doc("The audience of its access tokens when its programs name none; Latchkey's own API when absent") @Nullable String defaultResource,

        @Doc(
                "A short name in the claim name of its access tokens, for systems that show one; it is not proof of identity")
        @Nullable String nameInAccessTokens,

        @Doc("It does not work before then") @Nullable Instant notBefore,

        @Doc("It stops working then") @Nullable Instant expiresAt,

        @Doc("Where it may be used: IPv4 and IPv6 addresses and networks (CIDR); anywhere when absent")
        @Nullable List<String> allowedAddresses) {
    /**
     * The terms that were sent, checked field by field.
     *
     * @param issuer Latchkey's own
     */
    public ApiTokenTerms terms(String issuer) {
        return new ApiTokenTerms(
                description == null ? "" : description,
                owner,
                authentication == null ? new ClientAuthentication.ClientSecret() : authentication.read(issuer),
                constraint(senderConstraint),
                actsFor,
                new InAccessTokens(defaultResource, nameInAccessTokens),
                new Limits(notBefore, expiresAt, ranges(allowedAddresses)));
    }

    static SenderConstraint constraint(@Nullable String text) {
        return text == null
                ? SenderConstraint.NONE
                : Arrays.stream(SenderConstraint.values())
                        .filter(constraint -> constraint.text().equals(text))
                        .findFirst()
                        .orElseThrow(() -> Problem.invalid("senderConstraint", "Send one of none, dpop, certificate."));
    }

    static List<AddressRange> ranges(@Nullable List<String> texts) {
        try {
            return texts == null
                    ? List.of()
                    : texts.stream().map(AddressRange::parse).toList();
        } catch (IllegalArgumentException e) {
            throw Problem.invalid(
                    "allowedAddresses", "Enter addresses and networks such as 192.0.2.7 or 2001:db8::/32.");
        }
    }
}
