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

/** What a new API token is to be. */
public record CreateToken(
        @Doc("Who or what uses it, at most 120 characters; named after its role and the day when absent or empty")
        @Nullable String description,

        @Doc("A role that the caller's own privileges cover")
        String role,

        @Doc("The user id of who answers for it; the caller when absent, if it is a person. Naming somebody else needs"
                + " users:read")
        @Nullable String owner,

        @Doc("How it authenticates; with a secret when absent") @Nullable AuthenticationSettings authentication,

        @Doc("none, dpop or certificate: what all its access tokens are bound to; none when absent") @Nullable String senderConstraint,

        @Doc("The registered API whose access tokens it may introspect") @Nullable String actsFor,

        @Doc("The audience of the API that is meant when its programs name none; Latchkey's own when absent") @Nullable String defaultResource,

        @Doc(
                "A short name that its access tokens carry in the claim name, for systems that show one; it proves nothing")
        @Nullable String nameInAccessTokens,

        @Doc("It does not work before then") @Nullable Instant notBefore,

        @Doc("It stops working then") @Nullable Instant expiresAt,

        @Doc("From where it may be used: addresses and networks (CIDR), IPv4 and IPv6; from anywhere when absent")
        @Nullable List<String> allowedAddresses) {
    /**
     * What was written, checked field by field.
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
                        .orElseThrow(() -> Problem.invalid("senderConstraint", "Give one of none, dpop, certificate."));
    }

    static List<AddressRange> ranges(@Nullable List<String> texts) {
        try {
            return texts == null
                    ? List.of()
                    : texts.stream().map(AddressRange::parse).toList();
        } catch (IllegalArgumentException e) {
            throw Problem.invalid(
                    "allowedAddresses", "Give addresses and networks such as 192.0.2.7 or 2001:db8::/32.");
        }
    }
}
