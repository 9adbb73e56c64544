package dev.latchkey.console;

import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.ClientAuthentication;
import dev.latchkey.apitoken.KeySource;
import dev.latchkey.apitoken.Secrets.SecretUse;
import dev.latchkey.apitoken.SenderConstraint;
import dev.latchkey.http.AddressRange;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** How people read what a token's credential is. */
public final class TokenFacts {
    /** Within this time somebody who runs once a day has used a secret that is still in use. */
    private static final Duration IN_USE = Duration.ofHours(24);

    private static final String WITH_CERTIFICATE =
            "Show the certificate where the metadata's mtls_endpoint_aliases point, and send the client_id with"
                    + " grant_type=client_credentials.";

    private TokenFacts() {}

    /** How it authenticates, in a sentence or two. */
    public static String authentication(ApiToken apiToken) {
        return switch (apiToken.authentication()) {
            case ClientAuthentication.ClientSecret() -> "A secret";
            case ClientAuthentication.PrivateKeyJwt(KeySource keys, boolean forTokenEndpoint) ->
                "A key of the program's own (private_key_jwt), " + keys(keys)
                        + (forTokenEndpoint
                                ? ". Its assertions may name the token endpoint as their audience, as older libraries do:"
                                        + " less safe, turn it off when the library can name the issuer"
                                : "");
            case ClientAuthentication.TlsCertificate(ClientAuthentication.CertificateName kind, String value) ->
                "A TLS certificate of a trusted authority, for " + value;
            case ClientAuthentication.SelfSignedCertificate certificate ->
                "A registered TLS certificate, SHA-256 " + String.join(", ", certificate.thumbprints());
            case ClientAuthentication.Federated federated ->
                "A token of " + federated.issuer() + " for " + federated.audience() + " with "
                        + federated.claims().entrySet().stream()
                                .map(claim -> claim(claim.getKey(), claim.getValue()))
                                .collect(Collectors.joining(", "));
        };
    }

    /** How it authenticates, in a word or two. */
    public static String method(ApiToken apiToken) {
        return switch (apiToken.authentication()) {
            case ClientAuthentication.ClientSecret() -> "Secret";
            case ClientAuthentication.PrivateKeyJwt privateKeyJwt -> "Private key";
            case ClientAuthentication.TlsCertificate certificate -> "TLS certificate";
            case ClientAuthentication.SelfSignedCertificate certificate -> "Registered certificate";
            case ClientAuthentication.Federated federated -> "Outside token";
        };
    }

    /** A condition as forms have it: what is no text is written in JSON, after := */
    static String claim(String name, Object value) {
        return value instanceof String text ? name + " = " + text : name + " := " + value;
    }

    public static boolean hasSecret(ApiToken apiToken) {
        return apiToken.authentication() instanceof ClientAuthentication.ClientSecret;
    }

    /** What a program without a secret sends to the token endpoint. */
    public static String quickStart(ApiToken apiToken) {
        return switch (apiToken.authentication()) {
            case ClientAuthentication.ClientSecret() ->
                "Send the client id and the secret to /oauth/v2/token with grant_type=client_credentials.";
            case ClientAuthentication.PrivateKeyJwt privateKeyJwt ->
                "Every OAuth library knows this as private_key_jwt: it signs a client_assertion for each request to"
                        + " /oauth/v2/token, with grant_type=client_credentials.";
            case ClientAuthentication.TlsCertificate certificate -> WITH_CERTIFICATE;
            case ClientAuthentication.SelfSignedCertificate certificate -> WITH_CERTIFICATE;
            case ClientAuthentication.Federated federated ->
                "Ask the platform for a token for " + federated.audience()
                        + ", and send it as subject_token with the client_id to /oauth/v2/token, with"
                        + " grant_type=urn:ietf:params:oauth:grant-type:token-exchange and"
                        + " subject_token_type=urn:ietf:params:oauth:token-type:jwt.";
        };
    }

    private static String keys(KeySource keys) {
        return switch (keys) {
            case KeySource.Fixed fixed ->
                fixed.keys().getKeys().stream()
                        .map(key -> key.getKeyID() == null ? "without a name" : key.getKeyID())
                        .collect(Collectors.joining(", "));
            case KeySource.At at -> "published at " + at.address();
            case KeySource.Discovered() -> "published by its issuer";
        };
    }

    /** What its access tokens are bound to. */
    public static String binding(SenderConstraint constraint) {
        return switch (constraint) {
            case NONE -> "Nothing: whoever has one may use it";
            case DPOP -> "A key of the program (DPoP)";
            case CERTIFICATE -> "The program's TLS certificate";
        };
    }

    public static String addresses(List<AddressRange> addresses) {
        return addresses.isEmpty()
                ? "Anywhere"
                : addresses.stream().map(AddressRange::toString).collect(Collectors.joining(", "));
    }

    /**
     * A secret, with what to do about it.
     *
     * @param safeToRemove whether nothing seems to use it any more
     */
    public record SecretRow(SecretUse use, String advice, boolean safeToRemove) {}

    /** The secrets, the oldest first. While there are two, the old one says whether it can go. */
    static List<SecretRow> secrets(List<SecretUse> uses, Instant now) {
        return IntStream.range(0, uses.size())
                .mapToObj(i -> i < uses.size() - 1 ? old(uses.get(i), now) : newest(uses.get(i), now))
                .toList();
    }

    private static SecretRow newest(SecretUse use, Instant now) {
        return new SecretRow(
                use,
                use.lastUsedAt() == null ? "Not used yet" : "Last used " + Times.relative(use.lastUsedAt(), now),
                false);
    }

    private static SecretRow old(SecretUse use, Instant now) {
        if (use.lastUsedAt() == null) {
            return new SecretRow(use, "The old secret was never used: safe to remove", true);
        }
        boolean inUse = use.lastUsedAt().isAfter(now.minus(IN_USE));
        String when = "The old secret was last used " + Times.relative(use.lastUsedAt(), now);
        return new SecretRow(use, when + (inUse ? ": a program still uses it" : ": safe to remove"), !inUse);
    }
}
